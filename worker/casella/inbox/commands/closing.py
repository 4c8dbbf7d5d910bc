"""Closing and reopening by hand."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, Row, select, update
from sqlalchemy.exc import IntegrityError

from casella.errors import ClaimLost, Conflict, NotFound
from casella.inbox.assignment import DutyRoster, capacity, left_waiting, lock_agents
from casella.inbox.commands.conversation_change import let_happen
from casella.inbox.house import Rooms
from casella.inbox.state import HOLD_ADDRESSES
from casella.store import feed
from casella.store.feed import FeedEvent, JsonValue
from casella.store.tables import conversations


def close(db: Connection, rooms: Rooms, conversation_id: str, *, by: str, at: datetime) -> None:
    """Mark it closed (S-49); the assignee stays on record. Closing a closed one changes nothing. Raises NotFound."""
    row = _locked(db, conversation_id)
    if row.status == "closed":
        return
    if rooms.desk.current.hears("conversation_closed"):
        lock_agents(db)
    _set(db, row, {"status": "closed", "closed_at": at, "turned_at": at, "waiting_since": None, "queued_at": None,
                   "snoozed_until": None})  # fmt: skip
    if row.assignee_id is not None:
        capacity.give_up(db, row.assignee_id)
    _tell(db, row, "closed", row.assignee_id, by, at)
    let_happen(rooms, db, conversation_id, "conversation_closed", at, {"previous.status": row.status})


def reopen(db: Connection, rooms: Rooms, conversation_id: str, *, by: str, at: datetime) -> None:
    """Open a closed one again. It returns to its agent only if he is there and has room (peers.md #36-38). Raises
    NotFound, and Conflict while the contact has another open conversation on the channel."""
    row = _locked(db, conversation_id)
    if row.status != "closed":
        return
    _refuse_a_second(db, row)
    if rooms.desk.current.hears("conversation_reopened"):
        lock_agents(db)
    keeps = _returns_to(db, rooms, row, at)
    try:
        with db.begin_nested():
            _set(db, row, {"status": "open", "closed_at": None, "assignee_id": keeps,
                           "queued_at": None if keeps else at, "returned_by": None})  # fmt: skip
    except IntegrityError:  # begun this very moment
        raise _already_open() from None
    if keeps is None:
        left_waiting(db, row, at)
    _tell(db, row, "open", keeps, by, at)
    let_happen(rooms, db, conversation_id, "conversation_reopened", at, {"previous.status": "closed"})


def _refuse_a_second(db: Connection, row: Row[tuple[object, ...]]) -> None:
    """The address keeps lanes from beginning one; and conversations are locked before agents: waiting for the unique
    key instead would be waiting out of turn."""
    db.execute(HOLD_ADDRESSES, {"ids": [row.address_id]})
    same = (conversations.c.channel_id == row.channel_id) & (conversations.c.address_id == row.address_id)
    query = select(conversations.c.id).where(same, conversations.c.status != "closed")
    if db.execute(query.with_for_update(key_share=True)).first() is not None:
        raise _already_open()


def _already_open() -> Conflict:
    text = "The contact has another open conversation on this channel; go on there."
    return Conflict(text, code="already_open")


def _locked(db: Connection, conversation_id: str) -> Row[tuple[object, ...]]:
    query = select(conversations).where(conversations.c.id == conversation_id).with_for_update(key_share=True)
    row = db.execute(query).one_or_none()
    if row is None:
        raise NotFound
    return row


def _set(db: Connection, row: Row[tuple[object, ...]], values: dict[str, object]) -> None:
    """Raises ClaimLost unless it is still as it was read, and with whom."""
    still_his = conversations.c.assignee_id.is_not_distinct_from(row.assignee_id)
    changed = db.execute(
        update(conversations)
        .where(conversations.c.id == row.id, conversations.c.status == row.status, still_his)
        .values(values | {"version": conversations.c.version + 1})
    )
    if changed.rowcount != 1:
        raise ClaimLost


def _returns_to(db: Connection, rooms: Rooms, row: Row[tuple[object, ...]], at: datetime) -> str | None:
    """The agent who gets it back, and whose room for it is claimed: the one who had it, if rules would give it to him
    now."""
    channel = rooms.directory.current.channels.get(row.channel_id)
    inbox = rooms.directory.current.inboxes.get(row.inbox_id)
    if row.assignee_id is None or channel is None or inbox is None:
        return None
    roster = DutyRoster(rooms, db, at)
    agent_id = roster.returns_to(inbox, channel, row.assignee_id)
    roster.write()
    return agent_id


def _tell(
    db: Connection, row: Row[tuple[object, ...]], status: str, assignee_id: str | None, by: str, at: datetime
) -> None:
    conversation: dict[str, JsonValue] = {
        "id": row.id, "status": status, "priority": row.priority, "assignee_id": assignee_id, "team_id": row.team_id,
        "contact_id": row.contact_id, "message_count": row.message_count, "version": row.version + 1,
    }  # fmt: skip
    payload: dict[str, JsonValue] = {"conversation": conversation, "by": {"agent_id": by}}
    feed.append(db, [FeedEvent("conversation.updated", row.inbox_id, row.id, payload)], at)
