"""What conversations are to the member who looks at them: unread, his, or none of it (S-32, S-35)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from casella.inbox.reading.members import Member
from casella.inbox.views import Named
from casella.store.queries import personal_queries
from casella.store.rows import PlainRow


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
    rows = personal_queries.own(db, member.id, conversation_ids)
    unsure = [row.id for row in rows if _joined_meanwhile(row)]
    since = personal_queries.received_since(db, unsure, member.id) if unsure else {}
    return {row.id: Mine(_unread(row, since), bool(row.mentioned), bool(row.takes_part)) for row in rows}


def participants(db: Connection, conversation_id: str) -> list[Named]:
    """Who takes part in it. Whether it may be seen was asked before."""
    return [Named(row.id, row.key, row.name) for row in personal_queries.participants(db, conversation_id)]


def _joined_meanwhile(row: PlainRow) -> bool:
    """Some of what the contact has written came before the member did, some after."""
    heard = row.read_inbound is None and row.since is not None and row.inbound_received_at is not None
    return bool(heard and row.opened_at <= row.since < row.inbound_received_at)


def _unread(row: PlainRow, since: Mapping[str, int]) -> int:
    if row.read_inbound is not None:
        return max(0, int(row.inbound_count - row.read_inbound))
    if _joined_meanwhile(row):
        return since.get(row.id, 0)
    has_come = row.since is not None and row.inbound_received_at is not None and row.inbound_received_at > row.since
    return int(row.inbound_count) if has_come else 0
