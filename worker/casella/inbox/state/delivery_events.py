"""News of messages that have left or failed, and of conversations that agents begin: noticed where they are recorded,
told to the rules a moment later by a timer that is due at once; the bell is rung for it after the commit (`ring`).

The timer is written in the transaction that records the outcome, so nothing is lost and nothing told twice. It is not
asked at once, because a conversation is held before its messages, and whoever records an outcome holds the message.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection

from casella.inbox.house import Rooms
from casella.inbox.state.timers import Timer, arm

SENT, FAILED, OPTED_OUT = "message_sent", "message_failed", "contact_opted_out"
OPENED = "conversation_opened"
#: What is noticed where messages are held.
NEWS = (SENT, FAILED, OPTED_OUT, OPENED)
_NOT_YET = frozenset({"queued", "sending", "unconfirmed"})
_OUT = frozenset({"sent", "delivered", "read"})


def news_of(before: str, after: str) -> str | None:
    """What the rules hear when a message's state moves so."""
    if after == "failed":
        return FAILED
    return SENT if before in _NOT_YET and after in _OUT else None


def tell_rules(rooms: Rooms, db: Connection, event: str, about: Iterable[tuple[str, str]], now: datetime) -> None:
    """Each of `about`: a message's id and its conversation's. Costs nothing when no rule wants to know."""
    if rooms.desk.current.hears(event):
        arm(db, [_timer(event, message_id, conversation_id, now) for message_id, conversation_id in about])


def ring(rooms: Rooms) -> None:
    """After the commit, where such news may have been recorded: a worker looks at once instead of at the next sweep."""
    if any(map(rooms.desk.current.hears, NEWS)):
        rooms.bell.timers()


def _timer(event: str, message_id: str, conversation_id: str, now: datetime) -> Timer:
    cause = {SENT: message_id, FAILED: f"{message_id}/failed"}.get(event, f"{message_id}/{event}")
    return Timer("event", conversation_id, cause, now, {"trigger": event, "message_id": message_id})
