"""What conversations are to one agent: how far he has read them, and in which he takes part."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, Row, and_, case, func, or_, select

from casella.store.rows import TableRow
from casella.store.tables import agents, conversation_agents, conversations, inbox_members, messages

_marks, _members = conversation_agents.c, inbox_members.c


def unread(agent_id: str) -> ColumnElement[bool]:
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


def takes_part(agent_id: str) -> ColumnElement[bool]:
    """The condition on `conversations`: he has written in it, it was given to him, or he was mentioned (S-32)."""
    mine = and_(_marks.conversation_id == conversations.c.id, _marks.agent_id == agent_id, _marks.takes_part)
    return select(_marks.agent_id).where(mine).correlate(conversations).exists()


def own(db: Connection, agent_id: str, conversation_ids: Sequence[str]) -> Sequence[TableRow]:
    """What these conversations are to the agent: his mark (null: none), and since when he is a member (null: not)."""
    columns = conversations.c
    query = (
        select(
            columns.id, columns.inbound_count, columns.inbound_received_at, columns.opened_at, _members.since,
            _marks.read_inbound, func.coalesce(_marks.takes_part, False).label("takes_part"),
            (_marks.mentioned_sequence > func.coalesce(_marks.read_sequence, 0)).label("mentioned"),
        )
        .outerjoin(conversation_agents, and_(_marks.conversation_id == columns.id, _marks.agent_id == agent_id))
        .outerjoin(inbox_members, and_(_members.inbox_id == columns.inbox_id, _members.agent_id == agent_id))
        .where(columns.id.in_(conversation_ids))
    )  # fmt: skip
    return db.execute(query).all()


def received_since(db: Connection, conversation_id: str, since: object) -> int:
    """How many of the contact's messages came here after a moment."""
    inbound = and_(messages.c.conversation_id == conversation_id, messages.c.direction == "in")
    query = select(func.count()).select_from(messages).where(inbound, messages.c.received_at > since)
    return db.execute(query).scalar_one()


def participants(db: Connection, conversation_id: str) -> Sequence[Row[str, str, str]]:
    """Id, key and name of who takes part in it, by name."""
    query = select(agents.c.id, agents.c.key, agents.c.name).join(conversation_agents, _marks.agent_id == agents.c.id)
    mine = and_(_marks.conversation_id == conversation_id, _marks.takes_part)
    return db.execute(query.where(mine).order_by(agents.c.name, agents.c.id)).all()
