"""Putting a conversation aside until a time, by hand."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection

from casella.errors import Invalid
from casella.ids import new_id
from casella.inbox.assignment import wake
from casella.inbox.commands.conversation_change import ConversationChange
from casella.inbox.house import Rooms
from casella.inbox.state import Timer
from casella_rules import Chain

LONGEST = timedelta(days=365)


def snooze(db: Connection, rooms: Rooms, conversation_id: str, until: datetime, *, by: str, at: datetime) -> None:
    """It comes back at that time, or when the contact writes; another time moves it. Raises NotFound, and Invalid for a
    closed one and for a time that is over or more than LONGEST away."""
    if not at < until <= at + LONGEST:
        raise Invalid("Choose a time between now and a year from now.", code="time_out_of_range")
    turn = ConversationChange(rooms, db, at, by)
    conversation = turn.take(conversation_id)
    if conversation.row["status"] == "closed":
        raise Invalid("The conversation is closed; reopen it first.", code="conversation_closed")
    if conversation.row["snoozed_until"] == until:
        return
    conversation.snooze(until)
    moment = until.isoformat()
    payload = {"until": moment, "chain": Chain(new_id()).as_json()}
    turn.router.timers.arm_instead(Timer("snooze", conversation.id, moment, until, payload))
    turn.tell({"agent_id": by})
    turn.write()


def unsnooze(turn: ConversationChange) -> None:
    """The turn's snoozed conversation comes back now: to its agent if he is there, else to the queue."""
    turn.hear("conversation_reopened")
    was, chain = turn.was(), Chain(new_id())
    holder = wake(turn.router.roster, turn.router.timers, turn.held, turn.now, chain)
    turn.tell({"agent_id": turn.by.id})
    if holder is not None:
        turn.happen("conversation_unassigned", chain=chain, previous=was)
    turn.happen("conversation_reopened", chain=chain, previous={"previous.status": "snoozed"})
    turn.write()
