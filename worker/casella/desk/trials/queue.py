"""Queues in memory: who waits for a team is served when somebody can take it."""

from __future__ import annotations

from casella.desk.trials.choosing import choose_agent, chosen, find, would_overtake
from casella.desk.trials.returning import given_by_team
from casella.desk.trials.stage import Happening, Stage
from casella.desk.trials.world import TrialConversation, Wish, changed
from casella_rules import next_open
from casella_rules.hours import next_closed

_AHEAD = ("urgent", "high")


def serve_queue(stage: Stage) -> bool:
    """Who waits is served when somebody can take it: others who have waited longer first, urgent ones before. True if
    the conversation of the test was given to somebody."""
    _world, conversation = stage.world, stage.world.conversation
    if conversation is None or not conversation.queued or not conversation.team:
        return False
    team = conversation.team
    _look_who_is_away(stage, conversation)
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


def _look_who_is_away(stage: Stage, conversation: TrialConversation) -> None:
    """Who has let it go and is away may have it again when he is back. Looked at again when the hours of one end."""
    world = stage.world
    conversation.seen |= {key for key in conversation.let_go if not world.takes_work(key)}
    for key in conversation.let_go - conversation.seen:
        hours = world.hours_of(key)
        end = next_closed(hours, world.now) if hours else None
        if end is not None:
            world.once_at(end, lambda: stage.happens([]))


def _ask_again(stage: Stage, team: str) -> None:
    """When the hours of somebody in the team begin."""
    world = stage.world
    openings = [next_open(one.hours, world.now) for one in world.candidates(team) if one.hours is not None]
    for moment in sorted({one for one in openings if one is not None and one > world.now})[:1]:
        world.once_at(moment, lambda: stage.happens([]))
