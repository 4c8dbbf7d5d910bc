"""Conversations that come back, in memory: from agents who do not answer in time, and from queues where nobody came."""

from __future__ import annotations

from datetime import timedelta

from casella.desk.trials.choosing import choose_agent, chosen, would_overtake
from casella.desk.trials.stage import Happening, Stage, chained, open_conversation
from casella.desk.trials.world import TrialConversation, Wish, World, changed
from casella_rules import Chain, FactValue
from casella_rules.language.durations import written


def given_by_team(stage: Stage, team: str | None, agent: str, chain: Chain | None = None) -> None:
    """The agent has it from now on; not for ever, when the team says so."""
    conversation, world = open_conversation(stage), stage.world
    given(world, agent)
    seconds = world.desk.parts.teams[team].reassign_after if team else None
    if seconds is not None:
        moment = conversation.assigned_at

        def back() -> None:
            same = conversation.assigned_at == moment and conversation.assignee == agent
            if same and conversation.status == "open" and conversation.waiting_since and not conversation.answered:
                _put_back(stage, conversation, agent, seconds, chain)

        world.later(world.now + timedelta(seconds=seconds), back)


def _put_back(stage: Stage, conversation: TrialConversation, agent: str, seconds: int, chain: Chain | None) -> None:
    """Not answered for so long: others get it."""
    world = stage.world
    known = world.desk.parts.agents.get(agent)
    previous = who_had_it(conversation.assignee, conversation.team)
    world.change_load(agent, -1)
    conversation.assignee = conversation.assigned_at = None
    conversation.let_go, conversation.seen = conversation.let_go | {agent}, conversation.seen - {agent}
    conversation.queued_at = world.now if conversation.team else None
    arm_overflow(stage, conversation, chain)
    if (noted := (agent, conversation.waiting_since)) not in conversation.noted:
        conversation.noted.add(noted)
        name = known.name if known else agent
        stage.log.notes.append(f"{name} did not answer within {written(seconds)}; back to the queue.")
        conversation.messages += 1
    told = Happening("conversation_unassigned", extra=previous, conversation=conversation, chain=chain)
    stage.happens([told])


def arm_overflow(stage: Stage, conversation: TrialConversation, chain: Chain | None) -> None:
    """Nobody of the team comes in its time: the other team gets it, or it waits in that team's queue. Counted from when
    it joined the queue; what was asked for last counts."""
    world, wish, team, queued_at = stage.world, conversation.wanted, conversation.team, conversation.queued_at
    if not conversation.queued or queued_at is None or wish.otherwise is None or not wish.after:
        return
    other, number = wish.otherwise, conversation.overflow + 1
    conversation.overflow = number

    def over() -> None:
        same = (conversation.overflow, conversation.queued_at, conversation.team) == (number, queued_at, team)
        if not conversation.queued or not same:
            return
        with world.about(conversation):
            agent = chosen(choose_agent(stage, world.desk.parts.teams[other].strategy, other))
            conversation.team, conversation.wanted = other, Wish()
            if agent is not None and not would_overtake(stage, agent):
                given_by_team(stage, other, agent, chain)
            stage.happens(chained([assigned(None, team)], chain))

    world.later(max(world.now, queued_at + timedelta(seconds=wish.after)), over)


def given(world: World, agent: str) -> None:
    """The agent has it from now on."""
    conversation = world.conversation
    assert conversation is not None, "something is given"
    conversation.assignee = world.served_last = agent
    conversation.queued_at = None
    conversation.assigned_at = world.assigned_at[agent] = world.next_moment()
    world.change_load(agent, 1)


def who_had_it(assignee: str | None, team: str | None) -> dict[str, FactValue]:
    return {**changed("assignee", assignee), **changed("team", team)}


def assigned(assignee: str | None, team: str | None) -> Happening:
    return Happening("conversation_assigned", extra=who_had_it(assignee, team))
