"""The priority of a conversation, set by hand."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select, update

from casella.errors import NotFound
from casella.inbox.commands.conversation_change import let_happen
from casella.inbox.house import Rooms
from casella.store import feed
from casella.store.feed import FeedEvent, JsonValue
from casella.store.tables import conversations
from casella_rules.language.argument_types import Priority

__all__ = ["Priority", "set_priority"]


def set_priority(
    db: Connection, rooms: Rooms, conversation_id: str, priority: Priority, *, by: str, at: datetime
) -> None:
    """Raises NotFound. The priority it has already changes nothing.

    Queues need no word of it: they are ordered by what stands here at the moment in which they are served."""
    query = select(conversations.c.priority).where(conversations.c.id == conversation_id)
    row = db.execute(query.with_for_update(key_share=True)).one_or_none()
    if row is None:
        raise NotFound
    if row.priority == priority:
        return
    changed = (
        update(conversations)
        .where(conversations.c.id == conversation_id)
        .values(priority=priority, version=conversations.c.version + 1)
        .returning(conversations)
    )
    after = db.execute(changed).one()
    conversation: dict[str, JsonValue] = {
        "id": after.id, "status": after.status, "priority": after.priority, "assignee_id": after.assignee_id,
        "team_id": after.team_id, "contact_id": after.contact_id, "message_count": after.message_count,
        "version": after.version,
    }  # fmt: skip
    was: dict[str, JsonValue] = {"priority": row.priority}
    payload: dict[str, JsonValue] = {"conversation": conversation, "by": {"agent_id": by}, "was": was}
    feed.append(db, [FeedEvent("conversation.updated", after.inbox_id, after.id, payload)], at)
    let_happen(rooms, db, conversation_id, "conversation_prioritized", at, {"previous.priority": row.priority})
