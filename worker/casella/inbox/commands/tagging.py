"""Tags of a conversation, put on and taken off by hand (S-59)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from casella.errors import Conflict, NotFound
from casella.inbox.commands.conversation_change import let_happen
from casella.inbox.house import Rooms
from casella.store import feed
from casella.store.feed import FeedEvent, JsonValue
from casella.store.queries import conversation_queries
from casella.store.tables import conversation_tags, conversations

MOST_TAGS = 50


def add_tag(db: Connection, rooms: Rooms, conversation_id: str, tag: str, *, by: str, at: datetime) -> None:
    """Raises NotFound, and Conflict (too_many_tags) beyond MOST_TAGS. A tag it has already changes nothing."""
    tags = _locked_tags(db, conversation_id)
    if tag in tags:
        return
    if len(tags) >= MOST_TAGS:
        raise Conflict(f"A conversation has at most {MOST_TAGS} tags; remove one first.", code="too_many_tags")
    db.execute(insert(conversation_tags).values(conversation_id=conversation_id, tag=tag))
    _tell(db, conversation_id, sorted([*tags, tag]), by, at)
    let_happen(rooms, db, conversation_id, "conversation_tagged", at)


def remove_tag(db: Connection, rooms: Rooms, conversation_id: str, tag: str, *, by: str, at: datetime) -> None:
    """Raises NotFound. A tag it has not changes nothing."""
    tags = _locked_tags(db, conversation_id)
    if tag in tags:
        mine = (conversation_tags.c.conversation_id == conversation_id, conversation_tags.c.tag == tag)
        db.execute(delete(conversation_tags).where(*mine))
        _tell(db, conversation_id, [kept for kept in tags if kept != tag], by, at)
        let_happen(rooms, db, conversation_id, "conversation_tagged", at)


def _locked_tags(db: Connection, conversation_id: str) -> list[str]:
    """Two who tag at once take turns at the conversation's row."""
    row = select(conversations.c.id).where(conversations.c.id == conversation_id).with_for_update(key_share=True)
    if db.execute(row).one_or_none() is None:
        raise NotFound
    return conversation_queries.tags(db, [conversation_id]).get(conversation_id, [])


def _tell(db: Connection, conversation_id: str, tags: list[str], by: str, at: datetime) -> None:
    changed = (
        update(conversations)
        .where(conversations.c.id == conversation_id)
        .values(version=conversations.c.version + 1)
        .returning(conversations)
    )
    row = db.execute(changed).one()
    conversation: dict[str, JsonValue] = {
        "id": row.id, "status": row.status, "priority": row.priority, "assignee_id": row.assignee_id,
        "team_id": row.team_id, "contact_id": row.contact_id, "message_count": row.message_count,
        "version": row.version, "tags": tags,
    }  # fmt: skip
    payload: dict[str, JsonValue] = {"conversation": conversation, "by": {"agent_id": by}}
    feed.append(db, [FeedEvent("conversation.updated", row.inbox_id, row.id, payload)], at)
