"""Closing and reopening by hand."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from casella.errors import Conflict
from casella.inbox.assignment import AgentRoster, arm_overflow, capacity
from casella.inbox.commands.conversation_change import ConversationChange
from casella.inbox.commands.snoozing import unsnooze
from casella.inbox.house import Rooms
from casella.inbox.state import ConversationState, hold_addresses


def close(db: Connection, rooms: Rooms, conversation_id: str, *, by: str, at: datetime) -> None:
    """Mark it closed (S-49); the assignee stays on record. Closing a closed one changes nothing. Raises NotFound."""
    turn = ConversationChange(rooms, db, at, by)
    turn.take(conversation_id)
    if close_held(turn, by):
        turn.write()


def close_held(turn: ConversationChange, by: str) -> bool:
    """The turn's conversation. False if it is closed already."""
    conversation = turn.held
    before = str(conversation.row["status"])
    if before == "closed":
        return False
    turn.hear("conversation_closed")
    if conversation.assignee_id is not None:
        capacity.give_up(turn.db, conversation.assignee_id)
    turn.work.close(conversation, turn.now)
    turn.tell({"agent_id": by})
    turn.happen("conversation_closed", previous={"previous.status": before})
    return True


def reopen(db: Connection, rooms: Rooms, conversation_id: str, *, by: str, at: datetime) -> None:
    """Open a closed one again, or one that was put aside. It returns to its agent only if he is there and has room
    (peers.md #36-38). Raises NotFound, and Conflict while the contact has another open conversation on the channel."""
    turn = ConversationChange(rooms, db, at, by)
    conversation = turn.take(conversation_id)
    if conversation.row["status"] == "snoozed":
        return unsnooze(turn)
    if conversation.row["status"] != "closed":
        return None
    _refuse_a_second(turn, conversation)
    turn.hear("conversation_reopened")
    turn.work.reopen(conversation, _returns_to(turn, conversation), at)
    arm_overflow(turn.router.timers, conversation, at, None)
    turn.tell({"agent_id": by})
    turn.happen("conversation_reopened", previous={"previous.status": "closed"})
    try:
        with db.begin_nested():
            turn.write()
    except IntegrityError:  # begun this very moment
        raise _already_open() from None
    return None


def _refuse_a_second(turn: ConversationChange, conversation: ConversationState) -> None:
    """The address keeps lanes from beginning one; and conversations are locked before agents: waiting for the unique
    key instead would be waiting out of turn."""
    address_id = conversation.address.id
    hold_addresses(turn.db, [address_id])
    if turn.work.has_open(conversation.channel.id, address_id, besides=conversation.id, hold=True):
        raise _already_open()


def _already_open() -> Conflict:
    text = "The contact has another open conversation on this channel; go on there."
    return Conflict(text, code="already_open")


def _returns_to(turn: ConversationChange, conversation: ConversationState) -> str | None:
    """The agent who gets it back, and whose room for it is claimed: the one who had it, if rules would give it to him
    now. Written at once, so that rules that hear of it count it."""
    if conversation.assignee_id is None:
        return None
    roster = AgentRoster(turn.rooms, turn.db, turn.now)
    agent_id = roster.returns_to(conversation.inbox, conversation.channel, conversation.assignee_id)
    roster.write()
    return agent_id
