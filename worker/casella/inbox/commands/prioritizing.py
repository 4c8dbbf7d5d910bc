"""The priority of a conversation, set by hand."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from casella.inbox.commands.conversation_change import ConversationChange
from casella.inbox.house import Rooms
from casella_rules.language.argument_types import Priority

__all__ = ["Priority", "set_priority"]


def set_priority(
    db: Connection, rooms: Rooms, conversation_id: str, priority: Priority, *, by: str, at: datetime
) -> None:
    """Raises NotFound. The priority it has already changes nothing.

    Queues need no word of it: they are ordered by what stands here at the moment in which they are served."""
    turn = ConversationChange(rooms, db, at, by)
    before = turn.take(conversation_id).prioritize(priority)
    if before is not None:
        turn.tell({"agent_id": by}, was={"priority": before})
        turn.happen("conversation_prioritized", previous={"previous.priority": before})
        turn.write()
