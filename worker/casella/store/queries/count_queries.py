"""Counting conversations for badges, by inbox and channel, in one pass."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Integer, Select, Text, and_, bindparam, case, func, literal_column, or_, select

from casella.store.queries.conversation_queries import Conditions
from casella.store.rows import TableRow
from casella.store.tables import conversation_agents, conversations, inbox_members

MOST = 20_000
"""Conversations that are looked at: more than that many are not worked on, they are history."""


def by_channel(
    db: Connection, agent_id: str, conditions: Conditions, values: Mapping[str, object], most: int = MOST
) -> Sequence[TableRow]:
    """For each inbox and channel: how many there are, and how many of them are the agent's, somebody else's, nobody's,
    with him, and unread to him."""
    rows: Sequence[TableRow] = db.execute(_counting(conditions, most), {**values, "counted_for": agent_id}).all()
    return rows


@lru_cache(maxsize=64)
def _counting(conditions: Conditions, most: int) -> Select[Any]:
    agent_id = bindparam("counted_for", type_=Text())
    columns, marks, members = conversations.c, conversation_agents.c, inbox_members.c
    at_first = case((columns.inbound_received_at > members.since, 0), else_=columns.inbound_count)
    unread = or_(
        columns.inbound_count > func.coalesce(marks.read_inbound, at_first),
        marks.mentioned_sequence > func.coalesce(marks.read_sequence, 0),
    )
    looked_at = (
        select(
            columns.inbox_id, columns.channel_id,
            case((columns.assignee_id == agent_id, 1), else_=0).label("me"),
            case((columns.assignee_id != agent_id, 1), else_=0).label("others"),
            case((columns.assignee_id.is_(None), 1), else_=0).label("unassigned"),
            case((marks.takes_part, 1), else_=0).label("with_me"),
            case((unread, 1), else_=0).label("unread"),
        )
        .select_from(conversations)
        .outerjoin(conversation_agents, and_(marks.conversation_id == columns.id, marks.agent_id == agent_id))
        .outerjoin(inbox_members, and_(members.inbox_id == columns.inbox_id, members.agent_id == agent_id))
        .where(*conditions.all)
        .limit(literal_column(str(most), Integer))
        .subquery()
    )  # fmt: skip
    found = looked_at.c
    sums = (func.sum(found[name]).label(name) for name in ("me", "others", "unassigned", "with_me", "unread"))
    query = select(found.inbox_id, found.channel_id, func.count().label("total"), *sums)
    return query.group_by(found.inbox_id, found.channel_id)
