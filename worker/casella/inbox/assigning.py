"""Rules give conversations to agents and teams, and take them back.

`assign` acts on conversations without an agent: rules do not take work out of hands (docs/decisions/0005). What waits
in a queue is served by `queues`; what is to happen when nobody comes, or when the agent does not answer, is a timer.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from casella.inbox.action_run import ActionRun
from casella.inbox.directory import TeamEntry
from casella.inbox.returns import return_timer
from casella.inbox.timers import Timer
from casella.store.tables import conversations
from casella_rules import FactValue, PlannedAction
from casella_rules.arguments import Assign, Unassign

MANUAL, STICKY = "manual", "sticky"


def assign(run: ActionRun, action: PlannedAction) -> bool:
    """Give the conversation to an agent. One that has an agent keeps him."""
    wanted = action.argument
    assert isinstance(wanted, Assign), "checked at load"
    if run.conversation.row["status"] == "closed":
        return run.skip(action, "conversation_closed")
    if run.conversation.assignee_id is not None:
        return run.skip(action, "has_assignee")
    if wanted.agent is not None:
        return _assign_to_agent(run, action, wanted.agent)
    team = _team(run, wanted.team)
    if team is None:
        return run.skip(action, "unknown_team")
    return _assign_to_team(run, action, wanted, team)


def _assign_to_agent(run: ActionRun, action: PlannedAction, key: str) -> bool:
    agent = next((entry for entry in run.rooms.directory.current.agents.values() if entry.key == key), None)
    if agent is None:
        return run.skip(action, "unknown_agent")
    choice = run.roster.check(run.conversation.inbox, run.conversation.channel, agent.id)
    run.chosen(action.rule, None, choice)
    return _give(run, action, None, choice.agent_id) or run.skip(action, "agent_not_available")


def _assign_to_team(run: ActionRun, action: PlannedAction, wanted: Assign, team: TeamEntry) -> bool:
    conversation = run.conversation
    strategy = wanted.strategy or run.book.strategy(team.key)
    last = last_served_by(run, strategy)
    place = conversation.inbox, conversation.channel
    if strategy == MANUAL:
        run.chosen(action.rule, team, run.roster.choose(*place, team, strategy, wanted.skills))
        before = conversation.team_id
        conversation.set(team_id=team.id)  # people choose: it is in the team, and in nobody's queue
        if before != team.id:
            run.tell(action, "conversation_assigned", _was(run, None, before))
        return True
    if run.roster.others_wait(team.id):
        run.choices.append({"rule": action.rule, "team_id": team.id, "agent_id": None, "behind": "queue"})
        return _give(run, action, team, None, wanted)
    choice = run.roster.choose(*place, team, strategy, wanted.skills, last, conversation.returned_by)
    run.chosen(action.rule, team, choice)
    other = _team(run, wanted.otherwise.team) if wanted.otherwise and not wanted.otherwise.after else None
    if choice.agent_id is None and other is not None:
        choice = run.roster.choose(*place, other, run.book.strategy(other.key), ())
        run.chosen(action.rule, other, choice)
        team = other if choice.agent_id else team
    return _give(run, action, team, choice.agent_id, wanted)


def last_served_by(run: ActionRun, strategy: str) -> str | None:
    """Who last had this contact, as far as anybody wants to know."""
    if strategy != STICKY:
        return None
    contact = run.conversation.address.contact
    query = (
        select(conversations.c.assignee_id)
        .where(conversations.c.contact_id == contact.id, conversations.c.assignee_id.is_not(None))
        .order_by(conversations.c.assigned_at.desc())
        .limit(1)
    )
    return None if contact.is_new else run.work.db.execute(query).scalar_one_or_none()


def _team(run: ActionRun, key: str | None) -> TeamEntry | None:
    return next((entry for entry in run.rooms.directory.current.teams.values() if entry.key == key), None)


def _give(
    run: ActionRun, action: PlannedAction, team: TeamEntry | None, agent_id: str | None, wanted: Assign | None = None
) -> bool:
    """To the agent, or into the team's queue when there is none."""
    conversation = run.conversation
    if agent_id is None and team is None:
        return False
    before = conversation.team_id
    was = _was(run, None, before)
    if team is not None:
        conversation.set(team_id=team.id)
    if agent_id is not None:
        at = run.roster.take(agent_id, conversation.channel, conversation.inbox)
        conversation.set(assignee_id=agent_id, assigned_at=at, queued_at=None, returned_by=None)
        _arm_return(run, team, agent_id, at)
    elif team is not None and before != team.id:
        conversation.set(queued_at=run.work.now)
        run.roster.joins(team.id)
        _wait(run, action, team, wanted)
    if agent_id is not None or (team is not None and before != team.id):
        run.tell(action, "conversation_assigned", was)
    return True


def _was(run: ActionRun, assignee_id: str | None, team_id: str | None) -> dict[str, FactValue]:
    directory = run.rooms.directory.current
    agent, team = directory.agents.get(assignee_id or ""), directory.teams.get(team_id or "")
    return {"previous.assignee": agent.key if agent else None, "previous.team": team.key if team else None}


def _wait(run: ActionRun, action: PlannedAction, team: TeamEntry, wanted: Assign | None) -> None:
    """It joins the queue: elsewhere after a time, if the rule says so; and perhaps the queue is full now."""
    conversation, otherwise = run.conversation, wanted.otherwise if wanted else None
    if otherwise is not None and otherwise.after:
        moment = run.work.now.isoformat()
        payload = {"queued_at": moment, "team": otherwise.team, "rule": action.rule}
        due_at = run.work.now + timedelta(seconds=otherwise.after)
        run.timers.arm(Timer("overflow", conversation.id, moment, due_at, payload))
    limit = run.book.queue_limit(team.key)
    if limit is not None and run.roster.queue_length(team.id) + 1 >= limit:
        run.tell(action, "queue_full")


def _arm_return(run: ActionRun, team: TeamEntry | None, agent_id: str, at: datetime) -> None:
    """Not answered in the team's time: back to the queue."""
    seconds = run.book.reassign_after(team.key) if team else None
    if seconds is not None:
        run.timers.arm(return_timer(run.conversation.id, agent_id, at, seconds, run.work.now))


def unassign(run: ActionRun, action: PlannedAction) -> bool:
    """Back into the team's queue; out of the team, too, when the rule says so."""
    wanted = action.argument
    assert isinstance(wanted, Unassign), "checked at load"
    conversation = run.conversation
    if conversation.assignee_id is None and not (wanted.team and conversation.team_id):
        return run.skip(action, "has_no_assignee")
    was = _was(run, conversation.assignee_id, conversation.team_id)
    if wanted.team:
        conversation.set(team_id=None)
    _release(run)
    run.tell(action, "conversation_unassigned", was)
    return True


def let_go(run: ActionRun, action: PlannedAction) -> None:
    """Its agent cannot keep it: back to the queue."""
    was = _was(run, run.conversation.assignee_id, run.conversation.team_id)
    _release(run)
    run.tell(action, "conversation_unassigned", was)


def _release(run: ActionRun) -> None:
    conversation = run.conversation
    closed = conversation.row["status"] == "closed"
    if conversation.assignee_id is not None and not closed:
        run.roster.release(conversation.assignee_id)
    waits = conversation.team_id is not None and not closed
    conversation.set(assignee_id=None, assigned_at=None, queued_at=run.work.now if waits else None)
