"""Who is typing, and what has been read: told to whoever watches, and to the contact."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, or_, select, update

from casella.errors import NotFound
from casella.store import feed
from casella.store.feed import FeedEvent, JsonValue
from casella.store.tables import conversations, messages


def typing(conversation_id: str, inbox_id: str, by: dict[str, JsonValue]) -> FeedEvent:
    """Somebody is typing. It is told once per few seconds, and forgotten when nothing follows."""
    return FeedEvent(
        "conversation.typing", inbox_id, conversation_id, {"conversation": {"id": conversation_id}, "by": by}
    )


def agent_types(db: Connection, conversation_id: str, *, by: str, at: datetime) -> None:
    """Tell colleagues and the contact. Raises NotFound."""
    feed.append(db, [typing(conversation_id, _inbox(db, conversation_id), {"kind": "agent", "agent_id": by})], at)


def agent_reads(db: Connection, conversation_id: str, *, by: str, at: datetime) -> str | None:
    """An agent has read everything that has come in so far. Returns the external id of the newest of it if that is
    news, else None. Raises NotFound."""
    inbox_id = _inbox(db, conversation_id)
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
    payload: dict[str, JsonValue] = {
        "conversation": {"id": conversation_id},
        "read_at": until.isoformat(),
        "by": {"agent_id": by},
    }
    feed.append(db, [FeedEvent("conversation.read", inbox_id, conversation_id, payload)], at)
    return str(newest.external_id) if newest.external_id else None


def _inbox(db: Connection, conversation_id: str) -> str:
    found = db.execute(select(conversations.c.inbox_id).where(conversations.c.id == conversation_id))
    inbox_id = found.scalar_one_or_none()
    if inbox_id is None:
        raise NotFound
    return str(inbox_id)
