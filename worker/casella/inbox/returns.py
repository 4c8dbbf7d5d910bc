"""Conversations that come back: from an agent who does not answer in time, and from being put aside."""

from __future__ import annotations

from datetime import datetime, timedelta

from casella.inbox.duty import DutyRoster
from casella.inbox.entities import ConversationState
from casella.inbox.timers import Payload, Timer
from casella.inbox.waiting import kind_of
from casella_rules import Chain


def return_timer(
    conversation_id: str, agent_id: str, assigned_at: datetime, seconds: int, now: datetime, chain: Chain | None
) -> Timer:
    """Armed when rules or queues give a conversation to an agent of a team that has `reassign_after`. What people
    give each other stays where they put it. `chain`: of the rule that gave it; None of a queue."""
    moment = assigned_at.isoformat()
    payload: Payload = {
        "agent_id": agent_id, "assigned_at": moment, "seconds": seconds, "chain": chain.as_json() if chain else None,
    }  # fmt: skip
    return Timer("reassign", conversation_id, moment, now + timedelta(seconds=seconds), payload)


def wake(roster: DutyRoster, conversation: ConversationState, now: datetime) -> str | None:
    """Open one that was put aside: it comes back to its agent if he is there, else it waits in its team's queue.
    Returns the agent it did not come back to."""
    conversation.set(status="open", snoozed_until=None)
    holder = conversation.assignee_id
    if holder is None or roster.may_keep(conversation.inbox, conversation.channel, holder):
        return None
    put_down(roster, conversation, now)
    return holder


def put_down(
    roster: DutyRoster, conversation: ConversationState, now: datetime, returned_by: str | None = None
) -> None:
    """Nobody has it any more; of a team, it waits in the queue from now on. `returned_by`: who is not to get it next,
    because he has not answered it."""
    closed = conversation.row["status"] == "closed"
    if conversation.assignee_id is not None and not closed:
        roster.release(conversation.assignee_id)
    waits = conversation.team_id is not None and not closed
    conversation.set(assignee_id=None, assigned_at=None, queued_at=now if waits else None, returned_by=returned_by)
    if waits and (kind := kind_of(conversation)):
        roster.joins(kind)
