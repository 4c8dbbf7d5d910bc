"""What conversations are to the member who looks at them: unread, his, or none of it (S-32, S-35)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from casella.inbox.reading.members import Member
from casella.inbox.views import Named
from casella.store.queries import personal_queries
from casella.store.rows import TableRow


@dataclass(frozen=True, slots=True)
class Mine:
    """`unread`: how many of the contact's messages he has not read. `mentioned`: a note names him that he has not
    read. `with_me`: he has written in it, it was given to him, or he was mentioned."""

    unread: int
    mentioned: bool
    with_me: bool


def mine(db: Connection, member: Member, conversation_ids: Sequence[str]) -> Mapping[str, Mine]:
    """By conversation. Whether they may be seen was asked before."""
    if not conversation_ids:
        return {}
    return {
        row.id: Mine(_unread(db, row), bool(row.mentioned), bool(row.takes_part))
        for row in personal_queries.own(db, member.id, conversation_ids)
    }


def participants(db: Connection, conversation_id: str) -> list[Named]:
    """Who takes part in it. Whether it may be seen was asked before."""
    return [Named(row.id, row.key, row.name) for row in personal_queries.participants(db, conversation_id)]


def _unread(db: Connection, row: TableRow) -> int:
    if row.read_inbound is not None:
        return max(0, int(row.inbound_count - row.read_inbound))
    if row.since is None or row.inbound_received_at is None or row.inbound_received_at <= row.since:
        return 0
    if row.opened_at > row.since:
        return int(row.inbound_count)
    return personal_queries.received_since(db, row.id, row.since)
