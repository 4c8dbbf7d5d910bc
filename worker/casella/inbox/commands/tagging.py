"""Tags of a conversation, put on and taken off by hand (S-59)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from casella.errors import Conflict
from casella.inbox.commands.conversation_change import ConversationChange
from casella.inbox.house import Rooms, alike, desk_tag

MOST_TAGS = 50


def add_tag(db: Connection, rooms: Rooms, conversation_id: str, tag: str, *, by: str, at: datetime) -> None:
    """Raises NotFound, Invalid (unknown_tag), and Conflict (too_many_tags) beyond MOST_TAGS. A tag it has already
    changes nothing."""
    tag = desk_tag(rooms, tag)
    turn = ConversationChange(rooms, db, at, by)
    conversation = turn.take(conversation_id)
    if tag not in conversation.tags and len(conversation.tags) >= MOST_TAGS:
        raise Conflict(f"A conversation has at most {MOST_TAGS} tags; remove one first.", code="too_many_tags")
    if conversation.tag([tag]):
        _tagged(turn, by)


def remove_tag(db: Connection, rooms: Rooms, conversation_id: str, tag: str, *, by: str, at: datetime) -> None:
    """Raises NotFound. A tag it has not changes nothing."""
    turn = ConversationChange(rooms, db, at, by)
    conversation = turn.take(conversation_id)
    if conversation.untag(alike(tag, conversation.tags)):
        _tagged(turn, by)


def _tagged(turn: ConversationChange, by: str) -> None:
    turn.tell({"agent_id": by})
    turn.happen("conversation_tagged")
    turn.write()
