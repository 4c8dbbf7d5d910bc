"""What is one agent's own: how far he has read conversations, in which he takes part, his drafts and views."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    Row,
    Text,
    and_,
    bindparam,
    case,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from casella.store.rows import PlainRow, TableRow, plain
from casella.store.tables import (
    agent_drafts,
    agent_settings,
    agents,
    attachments,
    conversation_agents,
    conversations,
    inbox_members,
    messages,
    saved_views,
)

_marks, _members = conversation_agents.c, inbox_members.c


def unread(agent_id: str | BindParameter[str]) -> ColumnElement[bool]:
    """The condition on `conversations`: something of the contact, or a note that names the agent, came in after his
    mark. Without a mark he has read what came before he was a member, and who is none has nothing to read."""
    mine = and_(_marks.conversation_id == conversations.c.id, _marks.agent_id == agent_id)
    read = select(_marks.read_inbound).where(mine).correlate(conversations).scalar_subquery()
    named = select(_marks.agent_id).where(mine, _marks.mentioned_sequence > func.coalesce(_marks.read_sequence, 0))
    since = (
        select(_members.since)
        .where(_members.inbox_id == conversations.c.inbox_id, _members.agent_id == agent_id)
        .correlate(conversations)
        .scalar_subquery()
    )
    count = conversations.c.inbound_count
    at_first = case((conversations.c.inbound_received_at > since, 0), else_=count)
    return or_(count > func.coalesce(read, at_first), named.correlate(conversations).exists())


def takes_part(agent_id: str | BindParameter[str]) -> ColumnElement[bool]:
    """The condition on `conversations`: he has written in it, it was given to him, or he was mentioned (S-32)."""
    mine = and_(_marks.conversation_id == conversations.c.id, _marks.agent_id == agent_id, _marks.takes_part)
    return select(_marks.agent_id).where(mine).correlate(conversations).exists()


def own(db: Connection, agent_id: str, conversation_ids: Sequence[str]) -> Sequence[PlainRow]:
    """What these conversations are to the agent: his mark (null: none), and since when he is a member (null: not)."""
    return plain(db.execute(_OWN, {"agent_id": agent_id, "ids": list(conversation_ids)}))


def received_since(db: Connection, conversation_ids: Sequence[str], agent_id: str) -> dict[str, int]:
    """How many of the contact's messages came into each of these after the agent became a member."""
    return {
        row.id: row.received for row in db.execute(_RECEIVED, {"agent_id": agent_id, "ids": list(conversation_ids)})
    }


_AGENT = bindparam("agent_id", type_=Text())
_IDS: BindParameter[Sequence[str]] = bindparam("ids", expanding=True)
_OWN = (
    select(
        conversations.c.id, conversations.c.inbound_count, conversations.c.inbound_received_at,
        conversations.c.opened_at, _members.since, _marks.read_inbound,
        func.coalesce(_marks.takes_part, False).label("takes_part"),
        (_marks.mentioned_sequence > func.coalesce(_marks.read_sequence, 0)).label("mentioned"),
    )
    .outerjoin(conversation_agents, and_(_marks.conversation_id == conversations.c.id, _marks.agent_id == _AGENT))
    .outerjoin(inbox_members, and_(_members.inbox_id == conversations.c.inbox_id, _members.agent_id == _AGENT))
    .where(conversations.c.id.in_(_IDS))
)  # fmt: skip
_RECEIVED = (
    select(messages.c.conversation_id.label("id"), func.count().label("received"))
    .join(conversations, conversations.c.id == messages.c.conversation_id)
    .join(inbox_members, and_(_members.inbox_id == conversations.c.inbox_id, _members.agent_id == _AGENT))
    .where(messages.c.conversation_id.in_(_IDS), messages.c.direction == "in", messages.c.received_at > _members.since)
    .group_by(messages.c.conversation_id)
)


def participants(db: Connection, conversation_id: str) -> Sequence[Row[str, str, str]]:
    """Id, key and name of who takes part in it, by name."""
    query = select(agents.c.id, agents.c.key, agents.c.name).join(conversation_agents, _marks.agent_id == agents.c.id)
    mine = and_(_marks.conversation_id == conversation_id, _marks.takes_part)
    return db.execute(query.where(mine).order_by(agents.c.name, agents.c.id)).all()


def own_drafts(db: Connection, agent_id: str, visible: ColumnElement[bool]) -> Sequence[TableRow]:
    """The agent's, of conversations that fulfil `visible`, the newest first."""
    of = agent_drafts.join(conversations, conversations.c.id == agent_drafts.c.conversation_id)
    query = select(agent_drafts).select_from(of).where(agent_drafts.c.agent_id == agent_id, visible)
    return db.execute(query.order_by(agent_drafts.c.updated_at.desc(), agent_drafts.c.conversation_id)).all()


def own_draft(db: Connection, agent_id: str, conversation_id: str, kind: str) -> TableRow | None:
    """Held until the transaction ends."""
    query = select(agent_drafts).where(_draft(agent_id, conversation_id, kind))
    return db.execute(query.with_for_update()).one_or_none()


def keep_draft(db: Connection, agent_id: str, conversation_id: str, kind: str, **values: object) -> None:
    dialect = postgresql if db.dialect.name == "postgresql" else sqlite
    key = {"agent_id": agent_id, "conversation_id": conversation_id, "kind": kind}
    statement = dialect.insert(agent_drafts).values(**key, **values)
    db.execute(statement.on_conflict_do_update(index_elements=list(key), set_=values))


def own_uploads(db: Connection, agent_id: str, attachment_ids: Sequence[str]) -> int:
    """How many of these are files that the agent has uploaded and not sent."""
    mine = and_(attachments.c.uploaded_by == agent_id, attachments.c.message_id.is_(None))
    query = select(func.count()).select_from(attachments).where(mine, attachments.c.id.in_(attachment_ids))
    return db.execute(query).scalar_one()


def drop_draft(db: Connection, agent_id: str, conversation_id: str, kind: str) -> None:
    db.execute(delete(agent_drafts).where(_draft(agent_id, conversation_id, kind)))


def own_settings(db: Connection, agent_id: str, *, held: bool = False) -> TableRow | None:
    """`held`: until the transaction ends."""
    query = select(agent_settings).where(agent_settings.c.agent_id == agent_id)
    return db.execute(query.with_for_update() if held else query).one_or_none()


def begin_settings(db: Connection, agent_id: str, at: datetime) -> None:
    """There is a row to hold, also where two begin at the same instant."""
    dialect = postgresql if db.dialect.name == "postgresql" else sqlite
    first = {"agent_id": agent_id, "settings": {}, "version": 0, "updated_at": at}
    db.execute(dialect.insert(agent_settings).values(first).on_conflict_do_nothing())


def keep_settings(db: Connection, agent_id: str, **values: object) -> None:
    db.execute(update(agent_settings).where(agent_settings.c.agent_id == agent_id).values(**values))


def views(db: Connection, agent_id: str) -> Sequence[TableRow]:
    """The agent's own and the shared ones, by name."""
    query = select(saved_views).where(or_(saved_views.c.agent_id == agent_id, saved_views.c.shared))
    return db.execute(query.order_by(saved_views.c.name, saved_views.c.id)).all()


def add_view(db: Connection, **values: object) -> None:
    db.execute(insert(saved_views).values(**values))


def drop_view(db: Connection, agent_id: str, view_id: str) -> bool:
    """False when the agent has no such view."""
    mine = and_(saved_views.c.id == view_id, saved_views.c.agent_id == agent_id)
    return db.execute(delete(saved_views).where(mine)).rowcount > 0


def _draft(agent_id: str, conversation_id: str, kind: str) -> ColumnElement[bool]:
    columns = agent_drafts.c
    return and_(columns.agent_id == agent_id, columns.conversation_id == conversation_id, columns.kind == kind)
