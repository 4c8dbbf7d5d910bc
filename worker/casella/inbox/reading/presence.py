"""Who is typing, and what has been read: told to whoever watches, and to the contact."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, or_, select, update

from casella.inbox.house import Rooms
from casella.inbox.views import tell
from casella.store.feed import ConversationEvent, JsonValue
from casella.store.tables import conversations, messages


def agent_types(db: Connection, rooms: Rooms, conversation_id: str, *, by: str, at: datetime) -> None:
    """Tell colleagues and the contact, once per few seconds; it is forgotten when nothing follows."""
    typing = ConversationEvent("conversation.typing", conversation_id, {"by": {"kind": "agent", "agent_id": by}})
    tell(rooms, db, [typing], at)


def agent_reads(db: Connection, rooms: Rooms, conversation_id: str, *, by: str, at: datetime) -> str | None:
    """An agent has read everything that has come in so far. Returns the external id of the newest of it if that is
    news, else None."""
    newest = db.execute(
        select(messages.c.received_at, messages.c.external_id)
        .where(messages.c.conversation_id == conversation_id, messages.c.direction == "in")
        .order_by(messages.c.received_at.desc(), messages.c.sequence.desc())
        .limit(1)
    ).one_or_none()
    if newest is None:
        return None
    until = newest.received_at
    later = or_(conversations.c.read_at.is_(None), conversations.c.read_at < until)
    moved = update(conversations).where(conversations.c.id == conversation_id, later).values(read_at=until)
    if db.execute(moved).rowcount == 0:
        return None
    payload: dict[str, JsonValue] = {"read_at": until.isoformat(), "by": {"agent_id": by}}
    tell(rooms, db, [ConversationEvent("conversation.read", conversation_id, payload)], at)
    return str(newest.external_id) if newest.external_id else None
