"""Rules give conversations to agents and teams, and take them back.

`assign` acts on conversations without an agent: rules do not take work out of hands (docs/decisions/0005). Whoever
answered first may get it by a rule as if he had taken it by hand (docs/decisions/0017). What waits
in a queue is served by `queues`; what is to happen when nobody comes, or when the agent does not answer, is a timer.
"""

from __future__ import annotations

from datetime import datetime

from casella.inbox.assignment import Search, arm_overflow, find_agent, kind_of, put_down, return_timer, search
from casella.inbox.house import TeamEntry
from casella.inbox.routing.actions.run import ActionRun
from casella.inbox.views import AssignmentRequest
from casella_rules import FactValue, PlannedAction
from casella_rules.assignment import Choice
from casella_rules.language.arguments import Assign, Unassign

MANUAL = "manual"


def assign(run: ActionRun, action: PlannedAction) -> bool:
    """Give the conversation to an agent. One that has an agent keeps him."""
    wanted = action.argument
    assert isinstance(wanted, Assign), "checked at load"
    if run.conversation.row["status"] == "closed":
        return run.skip(action, "conversation_closed")
    if run.conversation.assignee_id is not None:
        return run.skip(action, "has_assignee")
    if wanted.to is not None:
        return _assign_to_sender(run, action)
    return _assign_to_agent(run, action, wanted) if wanted.agent is not None else _assign_to_team(run, action, wanted)


def _assign_to_sender(run: ActionRun, action: PlannedAction) -> bool:
    """Whoever has answered has taken it up, unless he, or whoever had it, has given it back since he wrote. He has let
    nothing go any more: what was noted of that is forgotten."""
    message, conversation = run.happening.message, run.conversation
    if message is None or message["sender_kind"] != "agent":
        return run.skip(action, "no_agent_wrote")
    written_at, queued_at = message["received_at"], conversation.row["queued_at"]
    if isinstance(written_at, datetime) and isinstance(queued_at, datetime) and queued_at > written_at:
        return run.skip(action, "queued_since")
    choice = run.roster.who_wrote(conversation.inbox, conversation.channel, str(message["sender_id"]))
    run.chosen(action.rule, None, choice)
    if choice.agent_id is None:
        return run.skip(action, "sender_not_allowed")
    conversation.set(returned_by=None)
    _give(run, action, None, choice, AssignmentRequest(), by_hand=True)
    return True


def _assign_to_agent(run: ActionRun, action: PlannedAction, wanted: Assign) -> bool:
    agent = next((entry for entry in run.rooms.directory.current.agents.values() if entry.key == wanted.agent), None)
    if agent is None:
        return run.skip(action, "unknown_agent")
    choice = run.roster.check(run.conversation.inbox, run.conversation.channel, agent.id)
    run.chosen(action.rule, None, choice)
    if choice.agent_id is None:
        if wanted.otherwise is not None:
            return _assign_to_team(run, action, Assign(team=wanted.otherwise.team))
        return run.skip(action, "agent_not_available")
    _give(run, action, None, choice, AssignmentRequest())
    return True


def _assign_to_team(run: ActionRun, action: PlannedAction, argument: Assign) -> bool:
    team = run.rooms.directory.current.team(argument.team)
    if team is None:
        return run.skip(action, "unknown_team")
    conversation, roster = run.conversation, run.roster
    wanted = _wish(run, action, argument, team)
    if (wanted.strategy or run.book.strategy(team.key)) == MANUAL:
        _leave_to_people(run, action, team, wanted)
        return True
    searches = find_agent(roster, run.rooms.directory.current, conversation, team, wanted)
    found = searches[-1]
    if found.choice.agent_id is not None and roster.would_overtake(found.choice.agent_id):
        run.choices.append({"rule": action.rule, "team_id": team.id, "agent_id": None, "behind": "queue"})
        _queue(run, action, team, wanted)
        return True
    run.choices.extend({"rule": action.rule, **one.as_record()} for one in searches)
    if found.choice.agent_id is None:
        _queue(run, action, team, wanted)
    else:
        _give(run, action, found.team, found.choice, wanted if found.team is team else AssignmentRequest())
    return True


def _leave_to_people(run: ActionRun, action: PlannedAction, team: TeamEntry, wanted: AssignmentRequest) -> None:
    """People choose: it is in the team, and in nobody's queue."""
    conversation, before = run.conversation, run.conversation.team_id
    asked: Search = search(run.roster, conversation, team, MANUAL, wanted.skills)
    run.choices.append({"rule": action.rule, **asked.as_record()})
    conversation.set(team_id=team.id, queued_at=None, wanted=wanted.as_text())
    if before != team.id:
        run.tell(action, "conversation_assigned", _was(run, None, before))


def _give(
    run: ActionRun,
    action: PlannedAction,
    team: TeamEntry | None,
    choice: Choice,
    wanted: AssignmentRequest,
    *,
    by_hand: bool = False,
) -> None:
    """To the agent who was chosen, or has taken it up by hand."""
    assert choice.agent_id is not None, "somebody was chosen"
    conversation = run.conversation
    was = _was(run, None, conversation.team_id)
    at = run.roster.take(choice, conversation.channel, conversation.inbox, team, by_hand=by_hand)
    team_id = team.id if team else conversation.team_id
    conversation.assign(choice.agent_id, at, wanted=wanted.as_text(), team_id=team_id)
    conversation.by_hand = by_hand
    _arm_return(run, action, team, choice.agent_id, at)
    run.tell(action, "conversation_assigned", was)


def _wish(run: ActionRun, action: PlannedAction, argument: Assign, team: TeamEntry) -> AssignmentRequest:
    """What is asked for. Who stands in this very queue already keeps what was asked for him, unless something special
    is asked for him anew: "hello?" must not undo that he needs somebody who can."""
    wanted, conversation = AssignmentRequest.of(argument, action.rule), run.conversation
    stands_there = conversation.team_id == team.id and conversation.row["queued_at"] is not None
    return conversation.wanted if stands_there and not wanted.is_special else wanted


def _queue(run: ActionRun, action: PlannedAction, team: TeamEntry, wanted: AssignmentRequest) -> None:
    """Into the team's queue. Who stands there already stays where he stands."""
    conversation, before = run.conversation, run.conversation.team_id
    if before == team.id and conversation.row["queued_at"] is not None:
        if wanted.as_text() != conversation.row["wanted"]:
            conversation.set(wanted=wanted.as_text())
            arm_overflow(run.timers, conversation, run.work.now, run.chain_of(action))
        return
    conversation.set(team_id=team.id, queued_at=run.work.now, wanted=wanted.as_text())
    if kind := kind_of(conversation):
        run.roster.joins(kind)
    arm_overflow(run.timers, conversation, run.work.now, run.chain_of(action))
    limit = run.book.queue_limit(team.key)
    if limit is not None and run.roster.queue_length(team.id) >= limit:
        run.tell(action, "queue_full")
    if before != team.id:
        run.tell(action, "conversation_assigned", _was(run, None, before))


def _was(run: ActionRun, assignee_id: str | None, team_id: str | None) -> dict[str, FactValue]:
    directory = run.rooms.directory.current
    agent, team = directory.agents.get(assignee_id or ""), directory.teams.get(team_id or "")
    return {"previous.assignee": agent.key if agent else None, "previous.team": team.key if team else None}


def _arm_return(run: ActionRun, action: PlannedAction, team: TeamEntry | None, agent_id: str, at: datetime) -> None:
    """Not answered in the team's time: back to the queue."""
    seconds = run.book.reassign_after(team.key) if team else None
    if seconds is not None:
        chain = run.chain_of(action)
        run.timers.arm(return_timer(run.conversation.id, agent_id, at, seconds, run.work.now, chain))


def unassign(run: ActionRun, action: PlannedAction) -> bool:
    """Back into the team's queue; out of the team, too, when the rule says so."""
    wanted = action.argument
    assert isinstance(wanted, Unassign), "checked at load"
    conversation = run.conversation
    if conversation.assignee_id is None and not (wanted.team and conversation.team_id):
        return run.skip(action, "has_no_assignee")
    was = _was(run, conversation.assignee_id, conversation.team_id)
    if wanted.team:
        conversation.set(team_id=None, wanted=None)
    put_down(run.roster, run.timers, run.conversation, run.work.now, run.chain_of(action))
    run.tell(action, "conversation_unassigned", was)
    return True


def let_go(run: ActionRun, action: PlannedAction) -> None:
    """Its agent cannot keep it: back to the queue."""
    was = _was(run, run.conversation.assignee_id, run.conversation.team_id)
    put_down(run.roster, run.timers, run.conversation, run.work.now, run.chain_of(action))
    run.tell(action, "conversation_unassigned", was)
