"""Chats of colleagues: who is in which, their messages page by page, how far each has read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Select,
    Text,
    and_,
    bindparam,
    func,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from casella.store.rows import TableRow
from casella.store.tables import agents, chat_marks, chat_members, chat_messages, chats, team_members, teams

_of, _said = chats.c, chat_messages.c


def is_in(agent_id: str | BindParameter[str]) -> ColumnElement[bool]:
    """The condition on `chats`: one of a direct chat's people, or of the team at this moment."""
    named = select(chat_members.c.chat_id).where(chat_members.c.agent_id == agent_id)
    teamed = select(team_members.c.team_id).where(team_members.c.agent_id == agent_id)
    of_teams = chats.alias()
    return _of.id.in_(named.union_all(select(of_teams.c.id).where(of_teams.c.team_id.in_(teamed))))


def page(
    db: Connection, agent_id: str, kinds: Sequence[str], behind: tuple[datetime, str] | None, limit: int
) -> Sequence[TableRow]:
    """The agent's chats, the newest message first, each with `read` of his own."""
    query = _CHATS
    if len(kinds) == 1:
        query = query.where(_of.team_id.is_(None) if kinds[0] == "direct" else _of.team_id.is_not(None))
    if behind is not None:
        query = query.where(tuple_(_of.turned_at, _of.id) < behind)
    newest_first = query.order_by(_of.turned_at.desc(), _of.id.desc()).limit(limit)
    return db.execute(newest_first, {"agent_id": agent_id}).all()


def one(db: Connection, agent_id: str, chat_id: str) -> TableRow | None:
    return db.execute(_CHATS.where(_of.id == chat_id), {"agent_id": agent_id}).one_or_none()


def held(db: Connection, agent_id: str, chat_id: str) -> TableRow | None:
    """Locked until the transaction ends."""
    query = select(chats).where(_of.id == chat_id, is_in(agent_id))
    return db.execute(query.with_for_update(key_share=True)).one_or_none()


def _chats() -> Select[tuple[object, ...]]:
    agent_id = bindparam("agent_id", type_=Text())
    mine = and_(chat_marks.c.chat_id == _of.id, chat_marks.c.agent_id == agent_id)
    read = func.coalesce(chat_marks.c.read_sequence, 0).label("read")
    query = select(chats, read, teams.c.key.label("team_key"), teams.c.name.label("team_name"))
    return query.outerjoin(chat_marks, mine).outerjoin(teams, teams.c.id == _of.team_id).where(is_in(agent_id))


_CHATS = _chats()


def id_of(db: Connection, key: str) -> str | None:
    found: str | None = db.execute(select(_of.id).where(_of.key == key)).scalar_one_or_none()
    return found


def add(db: Connection, **values: object) -> bool:
    """False where somebody has made it this very moment."""
    dialect = postgresql if db.dialect.name == "postgresql" else sqlite
    made = dialect.insert(chats).values(**values).on_conflict_do_nothing().returning(_of.id)
    return db.execute(made).first() is not None


def people(db: Connection, chat_ids: Sequence[str]) -> Sequence[TableRow]:
    """chat_id, id, key and name of everybody who is in these chats now, by name."""
    who = (agents.c.id, agents.c.key, agents.c.name)
    named = select(chat_members.c.chat_id, *who).join(agents, agents.c.id == chat_members.c.agent_id)
    teamed = (
        select(_of.id.label("chat_id"), *who)
        .join(team_members, team_members.c.team_id == _of.team_id)
        .join(agents, agents.c.id == team_members.c.agent_id)
    )
    every = named.where(chat_members.c.chat_id.in_(chat_ids)).union_all(teamed.where(_of.id.in_(chat_ids))).subquery()
    return db.execute(select(every).order_by(every.c.name, every.c.id)).all()


def messages(db: Connection, chat_id: str, before: int | None, limit: int) -> list[TableRow]:
    """The newest (before a place), oldest first, with who wrote each."""
    query = select(chat_messages, agents.c.key.label("sender_key"), agents.c.name.label("sender_name"))
    query = query.join(agents, agents.c.id == _said.sender_id).where(_said.chat_id == chat_id)
    if before is not None:
        query = query.where(_said.sequence < before)
    return list(reversed(db.execute(query.order_by(_said.sequence.desc()).limit(limit)).all()))


def message(db: Connection, message_id: str) -> TableRow | None:
    query = select(chat_messages, agents.c.key.label("sender_key"), agents.c.name.label("sender_name"))
    return db.execute(query.join(agents, agents.c.id == _said.sender_id).where(_said.id == message_id)).one_or_none()


def reads(db: Connection, chat_id: str, agent_id: str, sequence: int) -> bool:
    """A mark moves up only. Whether it has."""
    key = {"chat_id": chat_id, "agent_id": agent_id}
    dialect = postgresql if db.dialect.name == "postgresql" else sqlite
    made = dialect.insert(chat_marks).values(**key, read_sequence=sequence).on_conflict_do_nothing()
    if db.execute(made.returning(chat_marks.c.chat_id)).first() is not None:
        return sequence > 0
    mine = and_(chat_marks.c.chat_id == chat_id, chat_marks.c.agent_id == agent_id)
    further = update(chat_marks).where(mine, chat_marks.c.read_sequence < sequence)
    return bool(db.execute(further.values(read_sequence=sequence)).rowcount)
