"""Giving a conversation to people and taking it from them, in memory."""

from __future__ import annotations

from datetime import timedelta

from casella.desk.trials.stage import Happening, Stage, open_conversation
from casella.desk.trials.world import TrialConversation, changed
from casella_rules import Assign, AssignRequest, PlannedAction, RotationState, Unassign, choose
from casella_rules.assignment import Choice


def assign(stage: Stage, action: PlannedAction) -> list[Happening]:
    wanted, conversation = action.argument, open_conversation(stage)
    assert isinstance(wanted, Assign), "checked at load"
    if conversation.status == "closed":
        return stage.skip(action, "conversation_closed")
    if conversation.assignee is not None:
        return stage.skip(action, "has_assignee")
    if wanted.agent is not None:
        choice = _choose(stage, "least_busy", None, wanted.agent, ())
        return _given(stage, None, choice.agent_id) if choice.agent_id else stage.skip(action, "agent_not_available")
    team = wanted.team or ""
    strategy = wanted.strategy or stage.world.desk.parts.teams[team].strategy
    choice = _choose(stage, strategy, team, None, wanted.skills)
    if choice.agent_id is None and wanted.otherwise and not wanted.otherwise.after:
        return _otherwise(stage, conversation, team, wanted.otherwise.team)
    given = _given(stage, team, choice.agent_id)
    if choice.agent_id is None and wanted.otherwise:
        other, after = wanted.otherwise.team, wanted.otherwise.after
        stage.world.later(stage.world.now + timedelta(seconds=after), lambda: _try_other(stage, conversation, other))
    return given


def _otherwise(stage: Stage, conversation: TrialConversation, team: str, other: str) -> list[Happening]:
    choice = _choose(stage, stage.world.desk.parts.teams[other].strategy, other, None, ())
    return _given(stage, other if choice.agent_id else team, choice.agent_id)


def _try_other(stage: Stage, conversation: TrialConversation, other: str) -> None:
    if conversation is stage.world.conversation and conversation.queued and conversation.assignee is None:
        stage.happens(_otherwise(stage, conversation, conversation.team or other, other))


def _choose(stage: Stage, strategy: str, team: str | None, agent: str | None, skills: tuple[str, ...]) -> Choice:
    world = stage.world
    candidates = [one for one in world.candidates(None) if agent in (None, one.agent_id)]
    candidates = [one for one in candidates if team is None or team in one.teams]
    last = next((key for key, given in world.agents.items() if given.served_last), None)
    want = AssignRequest(team, open_conversation(stage).inbox, frozenset(skills), last)
    state = world.rotations.get(team or "", RotationState())
    choice = choose(strategy, candidates, state, want, world.now, world.desk.strategies)
    world.rotations[team or ""] = choice.state
    if choice.instead:
        strategy = f"{choice.instead} (because {strategy} cannot be asked)"
    passed = ", ".join(f"{key} {reason.sentence}" for key, reason in choice.passed_over)
    stage.log.choices.append(
        f"{strategy} of {team or agent}: {choice.agent_id or 'nobody'}{f' ({passed})' if passed else ''}"
    )
    return choice


def _given(stage: Stage, team: str | None, agent: str | None) -> list[Happening]:
    conversation, world = open_conversation(stage), stage.world
    before = {**changed("assignee", conversation.assignee), **changed("team", conversation.team)}
    conversation.team = team or conversation.team
    conversation.assignee = agent
    conversation.queued = agent is None
    if agent:
        world.change_load(agent, 1)
        world.assigned_at[agent] = world.now
    return [Happening("conversation_assigned", extra=before)]


def unassign(stage: Stage, action: PlannedAction) -> list[Happening]:
    conversation = open_conversation(stage)
    assert isinstance(action.argument, Unassign), "checked at load"
    if conversation.assignee is None:
        return stage.skip(action, "nobody_has_it")
    before = changed("assignee", conversation.assignee)
    stage.world.change_load(conversation.assignee, -1)
    conversation.assignee = None
    if action.argument.team:
        before |= changed("team", conversation.team)
        conversation.team = None
    conversation.queued = conversation.team is not None
    return [Happening("conversation_unassigned", extra=before)]


def take(stage: Stage, agent: str) -> list[Happening]:
    """An agent takes the conversation by hand, from whoever has it."""
    conversation = open_conversation(stage)
    if conversation.assignee:
        stage.world.change_load(conversation.assignee, -1)
    return _given(stage, conversation.team, agent)
