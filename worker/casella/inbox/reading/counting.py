"""How many conversations there are, for badges: by the filters of the lists, so that a count is a list's length."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields

from sqlalchemy import Connection

from casella.inbox.reading.filters import Filters, narrow
from casella.inbox.reading.members import Member
from casella.store.queries import count_queries
from casella.store.rows import TableRow


@dataclass(frozen=True, slots=True)
class Counts:
    """Of one heap of conversations: all, the member's own, others', nobody's, those with him, those unread to him."""

    total: int
    me: int
    others: int
    unassigned: int
    with_me: int
    unread: int


@dataclass(frozen=True, slots=True)
class Of:
    """The counts of one inbox or channel."""

    id: str
    counts: Counts


@dataclass(frozen=True, slots=True)
class InboxCounts(Of):
    channels: Sequence[Of]


@dataclass(frozen=True, slots=True)
class AllCounts:
    """`more`: there are more than were looked at; the figures are what was found until then."""

    all: Counts
    inboxes: Sequence[InboxCounts]
    more: bool


def count_conversations(db: Connection, member: Member, filters: Filters) -> AllCounts:
    """Raises what `narrow` raises."""
    narrowed = narrow(db, member, filters)
    rows = count_queries.by_channel(db, member.id, narrowed.asked, narrowed.values)
    inboxes: dict[str, list[TableRow]] = {}
    for row in rows:
        inboxes.setdefault(row.inbox_id, []).append(row)
    every = _sum(rows)
    found = [
        InboxCounts(id, _sum(mine), [Of(row.channel_id, _sum([row])) for row in mine])
        for id, mine in sorted(inboxes.items())
    ]
    return AllCounts(every, found, every.total >= count_queries.MOST)


def _sum(rows: Iterable[TableRow]) -> Counts:
    known = list(rows)
    return Counts(**{one.name: sum(int(getattr(row, one.name)) for row in known) for one in fields(Counts)})
