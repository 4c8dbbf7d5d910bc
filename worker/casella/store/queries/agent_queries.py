"""Reading agents, where they belong, and what they sign in with."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    CompoundSelect,
    Connection,
    Text,
    and_,
    bindparam,
    case,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    union_all,
    update,
)

from casella.store.rows import TableRow
from casella.store.tables import (
    access_tokens,
    agent_settings,
    agents,
    inbox_members,
    inboxes,
    second_factors,
    team_members,
    teams,
)
from casella.store.types import Instant

_PRESENT = agents.c.removed_at.is_(None)


def agent(db: Connection, agent_id: str) -> TableRow | None:
    """`has_second_factor` beside its columns."""
    return db.execute(_AGENT, {"id": agent_id}).one_or_none()


_PROVEN = exists().where(second_factors.c.agent_id == agents.c.id, second_factors.c.active_since.is_not(None))
_AGENT = select(agents, _PROVEN.label("has_second_factor")).where(agents.c.id == bindparam("id"), _PRESENT)


def agent_by_email(db: Connection, email: str) -> TableRow | None:
    """Letter case does not count."""
    return db.execute(select(agents).where(func.lower(agents.c.email) == email.lower(), _PRESENT)).first()


def agents_present(db: Connection) -> Sequence[TableRow]:
    """With the `settings` that each has chosen (null: none), by name."""
    of = agents.outerjoin(agent_settings, agent_settings.c.agent_id == agents.c.id)
    query = select(agents, agent_settings.c.settings).select_from(of).where(_PRESENT)
    return db.execute(query.order_by(agents.c.name, agents.c.id)).all()


def belonging_of(db: Connection, agent_id: str, *, every: bool) -> tuple[list[str], list[str], list[str]]:
    """The shared inboxes he is a member of, or `every` one; his own private ones; and his teams."""
    found: dict[str, list[str]] = {"shared": [], "private": [], "team": []}
    for row in db.execute(_BELONGING[every], {"agent_id": agent_id}):
        found[row.what].append(row.id)
    return found["shared"], found["private"], found["team"]


def _belonging(*, every: bool) -> CompoundSelect[str, str]:
    of, team, asked = inboxes.c, team_members.c, bindparam("agent_id", type_=Text())
    is_shared, shared = case((of.owner_id.is_(None), "shared"), else_="private").label("what"), of.owner_id.is_(None)
    query = select(of.id, is_shared).where(or_(shared, of.owner_id == asked))
    if not every:
        mine = and_(inbox_members.c.inbox_id == of.id, inbox_members.c.agent_id == asked)
        query = query.join(inbox_members, mine)
    his = select(team.team_id.label("id"), literal("team").label("what")).where(team.agent_id == asked)
    return union_all(query, his)


_BELONGING = {every: _belonging(every=every) for every in (False, True)}


def team_ids_of(db: Connection, agent_id: str) -> Sequence[str]:
    return db.execute(select(team_members.c.team_id).where(team_members.c.agent_id == agent_id)).scalars().all()


def teams_present(db: Connection) -> Sequence[TableRow]:
    return db.execute(select(teams).where(teams.c.removed_at.is_(None)).order_by(teams.c.name, teams.c.id)).all()


def members_of_teams(db: Connection) -> Sequence[TableRow]:
    return db.execute(select(team_members).order_by(team_members.c.team_id, team_members.c.agent_id)).all()


def set_password_hash(db: Connection, agent_id: str, password_hash: str) -> None:
    db.execute(update(agents).where(agents.c.id == agent_id).values(password_hash=password_hash))


def add_token(db: Connection, **columns: object) -> None:
    db.execute(insert(access_tokens).values(**columns))


def live_token(db: Connection, digest: str, at: datetime) -> TableRow | None:
    """The token with this digest, unless it was revoked or has expired."""
    return db.execute(_TOKEN, {"digest": digest, "at": at}).one_or_none()


def is_live_token(db: Connection, token_id: str, at: datetime) -> bool:
    return db.execute(_IS_LIVE, {"id": token_id, "at": at}).first() is not None


def live_tokens_of(db: Connection, agent_id: str, kind: str, at: datetime) -> Sequence[TableRow]:
    mine = and_(access_tokens.c.agent_id == agent_id, access_tokens.c.kind == kind, _live(at))
    return db.execute(select(access_tokens).where(mine).order_by(access_tokens.c.id)).all()


def revoke_token(db: Connection, agent_id: str, token_id: str, at: datetime) -> bool:
    """False when the agent has no such live token."""
    mine = and_(access_tokens.c.agent_id == agent_id, access_tokens.c.id == token_id, _live(at))
    return bool(db.execute(update(access_tokens).where(mine).values(revoked_at=at)).rowcount)


def revoke_all(db: Connection, agent_id: str, at: datetime) -> Sequence[str]:
    """End every session and token of an agent. Returns their ids."""
    mine = and_(access_tokens.c.agent_id == agent_id, _live(at))
    ids = list(db.execute(select(access_tokens.c.id).where(mine).order_by(access_tokens.c.id)).scalars())
    if ids:
        db.execute(update(access_tokens).where(access_tokens.c.id.in_(ids)).values(revoked_at=at))
    return ids


def all_live_tokens_of(db: Connection, agent_id: str, at: datetime) -> Sequence[TableRow]:
    """Sessions and tokens, the oldest first."""
    mine = and_(access_tokens.c.agent_id == agent_id, _live(at))
    return db.execute(select(access_tokens).where(mine).order_by(access_tokens.c.id)).all()


def prolong(db: Connection, token_id: str, expires: datetime, at: datetime) -> None:
    db.execute(update(access_tokens).where(access_tokens.c.id == token_id, _live(at)).values(expires_at=expires))


def _live(at: datetime | BindParameter[datetime]) -> ColumnElement[bool]:
    unexpired = or_(access_tokens.c.expires_at.is_(None), access_tokens.c.expires_at > at)
    return and_(access_tokens.c.revoked_at.is_(None), unexpired)


_NOW = bindparam("at", type_=Instant())
_TOKEN = select(access_tokens).where(access_tokens.c.digest == bindparam("digest"), _live(_NOW))
_IS_LIVE = select(access_tokens.c.id).where(access_tokens.c.id == bindparam("id"), _live(_NOW))
