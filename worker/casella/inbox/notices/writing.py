"""Writing notices, in the transaction of what they tell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection

from casella.ids import new_id
from casella.store import bulk
from casella.store.feed import JsonValue
from casella.store.tables import notices

What = Literal["reassigned", "returned", "unanswered", "rule", "mentioned", "unconfirmed"]


@dataclass(frozen=True, slots=True)
class Notice:
    """`what`: a conversation of his went to somebody else, or back to the queue because he had not answered; nobody can
    take one (for managers); a rule notifies him; a note names him; his conversation has gone on past a
    message of which nobody knows whether it arrived. `more`: what clients are shown besides."""

    agent_id: str
    conversation_id: str
    what: What
    more: dict[str, JsonValue] = field(default_factory=dict)
    message_id: str | None = None
    id: str = field(default_factory=new_id)

    def payload(self) -> dict[str, JsonValue]:
        """As the feed tells it."""
        return {"notice_id": self.id, "what": self.what, **self.more}


def write_notices(db: Connection, told: Sequence[Notice], at: datetime) -> None:
    """A row each."""
    rows = [
        {
            "id": one.id, "agent_id": one.agent_id, "conversation_id": one.conversation_id, "what": one.what,
            "message_id": one.message_id, "more": one.more, "at": at,
        }
        for one in told
    ]  # fmt: skip
    bulk.insert(db, notices, rows)
