"""Events of the feed as streams carry them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import orjson

from casella.errors import CasellaError
from casella.inbox.reading import Member, sees_event
from casella.store import Store, feed
from casella.store.feed import Cursor
from casella.store.rows import TableRow

BATCH = 500


class TooManyStreams(CasellaError):
    """Too many event streams are open; close one and try again."""

    code = "too_many_streams"
    status = 503


@dataclass(frozen=True)
class StreamEvent:
    """One row of the feed, its JSON made once for all streams. `agent_id`: it is for this agent only."""

    cursor: Cursor
    kind: str
    inbox_id: str | None
    agent_id: str | None
    row: TableRow

    @property
    def conversation_id(self) -> str | None:
        found = self.row.conversation_id
        return found if isinstance(found, str) else None

    def is_for(self, member: Member) -> bool:
        """Whether the member may see it."""
        return sees_event(member, self.row)

    @classmethod
    def of(cls, row: TableRow) -> StreamEvent:
        return cls(Cursor(row.id, row.xact), row.kind, row.inbox_id, row.agent_id, row)

    @cached_property
    def json(self) -> bytes:
        """The event as clients get it."""
        row = self.row
        event = {
            "cursor": str(self.cursor),
            "version": row.id,
            "kind": row.kind,
            "at": row.at,
            "inbox_id": None if row.kind.startswith("chat.") else row.inbox_id,  # a team's is none
            "conversation_id": row.conversation_id,
            "payload": orjson.Fragment(row.payload),
        }
        return orjson.dumps(event, option=orjson.OPT_UTC_Z)


def read_after(store: Store, cursor: Cursor, limit: int = BATCH, settled: int = 0) -> list[StreamEvent]:
    """The next events behind a cursor; `settled` as in `feed.after`. Raises StoreUnavailable."""
    with store.read() as db:
        return [StreamEvent.of(row) for row in feed.after(db, cursor, limit, settled)]
