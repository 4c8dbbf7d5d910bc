"""Closing and reopening by hand."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, Row, select, update
from sqlalchemy.exc import IntegrityError

from casella.errors import Conflict, NotFound
from casella.inbox.assignment import move_load
from casella.inbox.rooms import Rooms
from casella.store import feed
from casella.store.feed import FeedEvent, JsonValue
from casella.store.tables import agents, conversations


def close(db: Connection, rooms: Rooms, conversation_id: str, *, by: str, at: datetime) -> None:
    """Mark it closed (S-49); the assignee stays on record. Closing a closed one changes nothing. Raises NotFound."""
    row = _locked(db, conversation_id)
    if row.status == "closed":
        return
    _set(db, row, {"status": "closed", "closed_at": at, "turned_at": at, "waiting_since": None, "queued_at": None})
    move_load(db, leaves=row.assignee_id, joins=None, at=at)
    _tell(db, row, "closed", row.assignee_id, by, at)


def reopen(db: Connection, rooms: Rooms, conversation_id: str, *, by: str, at: datetime) -> None:
    """Open a closed one again. It returns to its agent only if he is available (peers.md #36-38). Raises NotFound, and
    Conflict while the contact has another open conversation on the channel."""
    row = _locked(db, conversation_id)
    if row.status != "closed":
        return
    keeps = row.assignee_id if _is_available(db, row.assignee_id) else None
    try:
        with db.begin_nested():
            _set(db, row, {"status": "open", "closed_at": None, "assignee_id": keeps,
                           "queued_at": None if keeps else at})  # fmt: skip
    except IntegrityError:
        raise Conflict(
            "The contact has another open conversation on this channel; go on there.", code="already_open"
        ) from None
    move_load(db, leaves=None, joins=keeps, at=at)
    _tell(db, row, "open", keeps, by, at)


def _locked(db: Connection, conversation_id: str) -> Row[tuple[object, ...]]:
    query = select(conversations).where(conversations.c.id == conversation_id).with_for_update()
    row = db.execute(query).one_or_none()
    if row is None:
        raise NotFound
    return row


def _set(db: Connection, row: Row[tuple[object, ...]], values: dict[str, object]) -> None:
    db.execute(
        update(conversations)
        .where(conversations.c.id == row.id)
        .values(values | {"version": conversations.c.version + 1})
    )


def _is_available(db: Connection, agent_id: str | None) -> bool:
    query = select(agents.c.available).where(agents.c.id == agent_id, agents.c.removed_at.is_(None))
    return bool(agent_id and db.execute(query).scalar_one_or_none())


def _tell(
    db: Connection, row: Row[tuple[object, ...]], status: str, assignee_id: str | None, by: str, at: datetime
) -> None:
    conversation: dict[str, JsonValue] = {
        "id": row.id, "status": status, "priority": row.priority, "assignee_id": assignee_id, "team_id": row.team_id,
        "contact_id": row.contact_id, "message_count": row.message_count, "version": row.version + 1,
    }  # fmt: skip
    payload: dict[str, JsonValue] = {"conversation": conversation, "by": {"agent_id": by}}
    feed.append(db, [FeedEvent("conversation.updated", row.inbox_id, row.id, payload)], at)
