"""Who is typing, and who looks at what: told to whoever watches, and kept nowhere."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from casella.inbox.house import Rooms
from casella.inbox.views import tell
from casella.store.feed import ConversationEvent


def agent_types(db: Connection, rooms: Rooms, conversation_id: str, *, by: str, at: datetime) -> None:
    """Tell colleagues and the contact, once per few seconds; it is forgotten when nothing follows."""
    typing = ConversationEvent("conversation.typing", conversation_id, {"by": {"kind": "agent", "agent_id": by}})
    tell(rooms, db, [typing], at)


def agent_views(db: Connection, rooms: Rooms, conversation_id: str, *, by: str, at: datetime) -> None:
    """Tell colleagues that somebody is looking at it; it is forgotten when nothing follows."""
    viewing = ConversationEvent("conversation.viewing", conversation_id, {"by": {"kind": "agent", "agent_id": by}})
    tell(rooms, db, [viewing], at)
