"""The queues as the database holds them: who waits, in which order, and what kinds of waiting there are.

Conversations that ask for the same differ only in how long they have waited, so whether anybody can take one of them is
asked once per kind, however many wait.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, case, func, literal, literal_column, or_, select, tuple_

from casella.inbox.state import ConversationState
from casella.store.prepared import Query
from casella.store.rows import TableRow
from casella.store.tables import conversations
from casella.store.types import Instant

# Written out: an index of open ones is not found by a parameter.
_OPEN: ColumnElement[str] = literal_column("'open'")
_SHARED: ColumnElement[str] = literal_column("'shared'")


class Kind(NamedTuple):
    """One kind of waiting conversation: in which team's queue, where it came in, what it asks for (`Wanted` as text),
    who has let it go (`Released` as text)."""

    team_id: str
    inbox_id: str
    channel_id: str
    wanted: str | None
    returned_by: str | None


def kind_of(conversation: ConversationState) -> Kind | None:
    """The kind of waiting a conversation is, or would be; None in no team."""
    if conversation.team_id is None:
        return None
    return Kind(
        conversation.team_id, conversation.inbox.id, conversation.channel.id, conversation.wanted.as_text(),
        conversation.let_go.as_text(),
    )  # fmt: skip


def waits() -> ColumnElement[bool]:
    """Conversations in a team's queue."""
    return and_(
        conversations.c.status == _OPEN,
        conversations.c.world == _SHARED,
        conversations.c.assignee_id.is_(None),
        conversations.c.team_id.is_not(None),
        conversations.c.queued_at.is_not(None),
    )


def kinds_waiting(db: Connection) -> list[Kind]:
    """What kinds of conversations wait at all."""
    return _KINDS(db)


def first_waiting(db: Connection, kinds: Sequence[Kind], most: int) -> Sequence[str]:
    """The ids of the next to be served among these kinds: urgent ones first, then who has waited longest."""
    of_these = or_(*(and_(*(c.is_not_distinct_from(v) for c, v in zip(_COLUMNS, kind, strict=True))) for kind in kinds))
    query = select(conversations.c.id).where(waits(), of_these)
    return db.execute(query.order_by(*QUEUE_ORDER).limit(most)).scalars().all()


_COLUMNS = tuple(conversations.c[name] for name in Kind._fields)
_KINDS = Query(Kind, select(*_COLUMNS).where(waits()).distinct())
_RANK = {"urgent": 0, "high": 1, "normal": 2}
_BY_PRIORITY = case(_RANK, value=conversations.c.priority, else_=3)
QUEUE_ORDER = (_BY_PRIORITY, conversations.c.queued_at, conversations.c.id)


def how_many_before(db: Connection, row: TableRow) -> int:
    """How many of the same team's queue are served before this conversation, if they can be."""
    place = tuple_(literal(_RANK.get(row.priority, 3)), literal(row.queued_at, Instant()), literal(row.id))
    before = tuple_(*QUEUE_ORDER) < place
    query = select(func.count()).where(waits(), conversations.c.team_id == row.team_id, before)
    return int(db.execute(query).scalar_one())


def queue_length(db: Connection, team_id: str) -> int:
    """How many wait in the team's queue, as stored."""
    return int(db.execute(select(func.count()).where(waits(), conversations.c.team_id == team_id)).scalar_one())
