"""Conversations that come back: from an agent who does not answer in time, and from being put aside."""

from __future__ import annotations

from datetime import datetime, timedelta

from casella.inbox.assignment.queue import kind_of
from casella.inbox.assignment.roster import AgentRoster
from casella.inbox.state import NOBODY, ConversationState, Payload, Released, Timer, TimerBook
from casella.inbox.views import AssignmentRequest
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


def overflow_timer(
    conversation_id: str,
    team_id: str | None,
    queued_at: object,
    wanted: AssignmentRequest,
    now: datetime,
    chain: Chain | None,
) -> Timer | None:
    """Whoever joins a queue goes on to the team of `else` when nobody of this one has come in its time, counted from
    the joining. None: nothing of the kind was asked for, or it waits in no queue."""
    if team_id is None or not isinstance(queued_at, datetime) or not wanted.otherwise or not wanted.after:
        return None
    moment, due_at = queued_at.isoformat(), queued_at + timedelta(seconds=wanted.after)
    payload: Payload = {
        "queued_at": moment, "of": team_id, "team": wanted.otherwise, "chain": chain.as_json() if chain else None,
    }  # fmt: skip
    return Timer("overflow", conversation_id, f"{moment}/{team_id}", max(now, due_at), payload, again=True)


def arm_overflow(timers: TimerBook, conversation: ConversationState, now: datetime, chain: Chain | None) -> None:
    """The conversation stands in a queue from now on, or something else is asked for it there."""
    queued_at = conversation.row["queued_at"] if conversation.is_queued else None
    timer = overflow_timer(conversation.id, conversation.team_id, queued_at, conversation.wanted, now, chain)
    if timer is not None:
        timers.arm_instead(timer)


def wake(
    roster: AgentRoster, timers: TimerBook, conversation: ConversationState, now: datetime, chain: Chain
) -> str | None:
    """Open one that was put aside: it comes back to its agent if he is there, else it waits in its team's queue.
    Returns the agent it did not come back to."""
    conversation.wake()
    holder = conversation.assignee_id
    if holder is None:
        arm_overflow(timers, conversation, now, chain)  # its time has gone on while it was put aside
    if holder is None or roster.may_keep(conversation.inbox, conversation.channel, holder):
        return None
    put_down(roster, timers, conversation, now, chain)
    return holder


def put_down(
    roster: AgentRoster,
    timers: TimerBook,
    conversation: ConversationState,
    now: datetime,
    chain: Chain,
    let_go: Released = NOBODY,
) -> None:
    """Nobody has it any more; of a team, it waits in the queue from now on. `let_go`: who has not answered it in
    time."""
    closed = conversation.row["status"] == "closed"
    if conversation.assignee_id is not None and not closed:
        roster.release(conversation.assignee_id, by_hand=conversation.by_hand)
    conversation.by_hand = False
    waits = conversation.team_id is not None and not closed
    conversation.unassign(now if waits else None, let_go)
    if waits and (kind := kind_of(conversation)):
        roster.joins(kind)
        arm_overflow(timers, conversation, now, chain)
