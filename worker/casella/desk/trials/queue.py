"""Queues in memory: who waits for a team is served when somebody can take it."""

from __future__ import annotations

from casella.desk.trials.giving import choose_agent, chosen, find, given_by_team, would_overtake
from casella.desk.trials.stage import Happening, Stage
from casella.desk.trials.world import Wish, changed
from casella_rules import next_open

_AHEAD = ("urgent", "high")


def serve_queue(stage: Stage) -> bool:
    """Who waits is served when somebody can take it: others who have waited longer first, urgent ones before. True if
    the conversation of the test was given to somebody."""
    _world, conversation = stage.world, stage.world.conversation
    if conversation is None or not conversation.queued or not conversation.team:
        return False
    team = conversation.team
    if conversation.priority not in _AHEAD:
        _serve_others(stage, team)
    said = len(stage.log.choices)
    found, choice = find(stage, team, conversation.wanted)
    agent = chosen(choice)
    if agent is None or (conversation.priority not in _AHEAD and would_overtake(stage, agent)):
        del stage.log.choices[said:]  # asked again and again while it waits
        _ask_again(stage, team)
        return False
    if found != team:
        conversation.team, conversation.wanted = found, Wish()
    given_by_team(stage, found, agent)
    stage.happens([Happening("conversation_assigned", extra=changed("assignee", None))])
    return True


def _serve_others(stage: Stage, team: str) -> None:
    world = stage.world
    while world.queues.get(team):
        said = len(stage.log.choices)
        agent = chosen(choose_agent(stage, world.desk.parts.teams[team].strategy, team))
        del stage.log.choices[said:]
        if agent is None:
            return
        world.queues[team] -= 1
        world.change_load(agent, 1)
        world.assigned_at[agent] = world.next_moment()


def _ask_again(stage: Stage, team: str) -> None:
    """When the hours of somebody in the team begin."""
    world = stage.world
    openings = [next_open(one.hours, world.now) for one in world.candidates(team) if one.hours is not None]
    for moment in sorted({one for one in openings if one is not None and one > world.now})[:1]:
        world.once_at(moment, lambda: stage.happens([]))
