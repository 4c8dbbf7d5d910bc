"""Who gets a conversation, in memory: the same question as `casella.inbox.assignment.choosing` asks."""

from __future__ import annotations

from dataclasses import replace

from casella.desk.trials.stage import Stage, open_conversation
from casella.desk.trials.world import Wish
from casella_rules import AssignRequest, RotationState, choose
from casella_rules.assignment import Choice

MANUAL = "manual"


def find(stage: Stage, team: str, wish: Wish) -> tuple[str, Choice]:
    """By what was asked for; and where nobody of the team can, by the team of `else` in its own manner."""
    teams = stage.world.desk.parts.teams
    choice = choose_agent(stage, wish.strategy or teams[team].strategy, team, None, wish.skills)
    if choice.agent_id is not None or wish.also is None:
        return team, choice
    return wish.also, choose_agent(stage, teams[wish.also].strategy, wish.also)


def would_overtake(stage: Stage, agent: str) -> bool:
    """Whether others wait who could be given to this agent."""
    world = stage.world
    waiting = [
        team for team, number in world.queues.items() if number and world.desk.parts.teams[team].strategy != MANUAL
    ]
    return any(team in world.teams_of(agent) and not world.why_not(agent, world.home) for team in waiting)


def chosen(choice: Choice) -> str | None:
    return choice.agent_id and choice.agent_id.partition("/")[2]


def choose_agent(
    stage: Stage,
    strategy: str,
    team: str | None,
    agent: str | None = None,
    skills: tuple[str, ...] = (),
) -> Choice:
    world = stage.world
    candidates = [one for one in world.candidates(team) if agent in (None, world.key_of(one.agent_id))]
    ids = {world.key_of(one.agent_id): one.agent_id for one in candidates}
    conversation, last = open_conversation(stage), ids.get(world.served_last or "")
    want = AssignRequest(team, conversation.inbox, frozenset(skills), last)
    if agent is None:  # whoever is named gets it all the same
        let_go, seen = (frozenset(ids[key] for key in keys if key in ids)
                        for keys in (conversation.let_go, conversation.seen))  # fmt: skip
        want = replace(want, let_go=let_go, seen=seen)
    state = world.rotations.get(team or "", RotationState())
    choice = choose(strategy, candidates, state, want, world.now, world.desk.strategies)
    if choice.instead:
        strategy = f"{choice.instead} (because {strategy} cannot be asked)"
    if team is not None:
        world.rotations[team] = choice.state
    passed = ", ".join(f"{world.key_of(id)} {reason.sentence}" for id, reason in choice.passed_over)
    stage.log.choices.append(
        f"{strategy} of {team or agent}: {chosen(choice) or 'nobody'}{f' ({passed})' if passed else ''}"
    )
    return choice
