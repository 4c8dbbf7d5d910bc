"""Giving a conversation to people and taking it from them, in memory."""

from __future__ import annotations

from dataclasses import replace

from casella.desk.trials.choosing import MANUAL, choose_agent, chosen, find, would_overtake
from casella.desk.trials.returning import arm_overflow, assigned, given, given_by_team, who_had_it
from casella.desk.trials.stage import Happening, Stage, open_conversation
from casella.desk.trials.world import TrialConversation, Wish, World, changed
from casella_rules import Assign, Chain, FactValue, PlannedAction, Unassign
from casella_rules.reasons import Reason

_FULL = (Reason.AT_CAPACITY, Reason.AT_CHANNEL_CAPACITY, Reason.AT_INBOX_CAPACITY)


def assign(stage: Stage, action: PlannedAction) -> list[Happening]:
    """Give it to an agent. One that has an agent keeps him."""
    wanted, conversation = action.argument, open_conversation(stage)
    assert isinstance(wanted, Assign), "checked at load"
    if conversation.status == "closed":
        return stage.skip(action, "conversation_closed")
    if conversation.assignee is not None:
        return stage.skip(action, "has_assignee")
    if wanted.to is not None:
        return _to_sender(stage, action)
    if wanted.agent is not None:
        choice = choose_agent(stage, "least_busy", None, wanted.agent)
        if (agent := chosen(choice)) is not None:
            return _to_agent(stage, agent)
        if wanted.otherwise is None:
            return stage.skip(action, "agent_not_available")
        wanted = Assign(team=wanted.otherwise.team)
    return _to_team(stage, _wish(wanted, action.rule), wanted.team or "", stage.chain_of(action))


def _to_sender(stage: Stage, action: PlannedAction) -> list[Happening]:
    """Whoever has answered has taken it up by hand."""
    if not stage.sender:
        return stage.skip(action, "no_agent_wrote")
    conversation = open_conversation(stage)
    written_at, queued_at = stage.written_at, conversation.queued_at
    if written_at is not None and queued_at is not None and queued_at > written_at:
        return stage.skip(action, "queued_since")
    if refusal := refusal_to_take(stage.world, stage.sender):
        stage.log.choices.append(f"whoever answered: nobody ({refusal})")
        return stage.skip(action, "sender_not_allowed")
    stage.log.choices.append(f"whoever answered: {stage.sender}")
    conversation.let_go = conversation.seen = frozenset()
    return _to_agent(stage, stage.sender)


def _to_agent(stage: Stage, agent: str) -> list[Happening]:
    conversation = open_conversation(stage)
    conversation.wanted = Wish()
    given_by_team(stage, None, agent)
    return [assigned(None, conversation.team)]


def _to_team(stage: Stage, wish: Wish, team: str, chain: Chain) -> list[Happening]:
    conversation = open_conversation(stage)
    stands_there = conversation.team == team and conversation.queued_at is not None
    if stands_there and wish == Wish():
        wish = conversation.wanted  # "hello?" does not undo what was asked for
    if (wish.strategy or stage.world.desk.parts.teams[team].strategy) == MANUAL:
        choose_agent(stage, MANUAL, team, skills=wish.skills)  # people choose: it is in the team, and in nobody's queue
        before, conversation.team = conversation.team, team
        conversation.queued_at, conversation.wanted = None, wish
        return [assigned(None, before)] if before != team else []
    found, choice = find(stage, team, wish)
    agent = chosen(choice)
    if agent is not None and would_overtake(stage, agent):
        stage.log.choices.append(f"{team}: nobody (others wait for {agent} already)")
        agent = None
    if agent is None:
        return _queue(stage, team, wish, chain)
    conversation.wanted = wish if found == team else Wish()
    before, conversation.team = conversation.team, found
    given_by_team(stage, found, agent, chain)
    return [assigned(None, before)]


def _wish(argument: Assign, rule: str) -> Wish:
    other, skills = argument.otherwise, tuple(sorted(set(argument.skills)))
    wish = Wish(skills, argument.strategy)
    if other is not None:
        wish = Wish(skills, argument.strategy, other.team, other.after or 0)
    return replace(wish, rule=rule) if wish != Wish() else wish


def _queue(stage: Stage, team: str, wish: Wish, chain: Chain) -> list[Happening]:
    """Into the team's queue. Who stands there already stays where he stands."""
    conversation, world = open_conversation(stage), stage.world
    before, stood, same = conversation.team, conversation.queued_at is not None, conversation.wanted == wish
    conversation.team, conversation.wanted = team, wish
    if before == team and stood:
        if not same:
            arm_overflow(stage, conversation, chain)
        return []
    conversation.queued_at = world.now
    arm_overflow(stage, conversation, chain)
    limit = world.desk.parts.teams[team].queue_limit
    full = limit is not None and world.queues.get(team, 0) + 1 >= limit
    told = [Happening("queue_full")] if full else []
    return [*told, assigned(None, before)] if before != team else told


def unassign(stage: Stage, action: PlannedAction) -> list[Happening]:
    conversation = open_conversation(stage)
    assert isinstance(action.argument, Unassign), "checked at load"
    if conversation.assignee is None and not (action.argument.team and conversation.team):
        return stage.skip(action, "has_no_assignee")
    previous = who_had_it(conversation.assignee, conversation.team)
    if action.argument.team:
        conversation.team, conversation.wanted = None, Wish()
    return _released(stage, conversation, previous, stage.chain_of(action))


def let_go(stage: Stage, action: PlannedAction) -> list[Happening]:
    """Its agent cannot keep it: back to the queue."""
    conversation = open_conversation(stage)
    return _released(stage, conversation, who_had_it(conversation.assignee, conversation.team), stage.chain_of(action))


def _released(
    stage: Stage, conversation: TrialConversation, previous: dict[str, FactValue], chain: Chain | None
) -> list[Happening]:
    is_closed = conversation.status == "closed"
    if conversation.assignee is not None and not is_closed:
        stage.world.change_load(conversation.assignee, -1)
    conversation.assignee = conversation.assigned_at = None
    conversation.let_go = conversation.seen = frozenset()
    conversation.queued_at = stage.world.now if conversation.team and not is_closed else None
    arm_overflow(stage, conversation, chain)
    return [Happening("conversation_unassigned", extra=previous)]


def refusal_to_take(world: World, agent: str) -> str | None:
    """Why an agent cannot take the conversation by hand."""
    conversation = world.conversation
    if conversation is None:
        return "there is no conversation"
    if refusal := refusal_to_write(world, agent):
        return refusal
    return "the conversation is closed" if conversation.status == "closed" else None


def refusal_to_write(world: World, agent: str) -> str | None:
    """Why an agent cannot write to the customer. After a conversation that is closed another one begins."""
    open_one = world.conversation if world.conversation and world.conversation.status != "closed" else None
    inbox = open_one.inbox if open_one else world.home
    if inbox not in world.inboxes_of(agent):
        return f"{agent} is not a member of the inbox {inbox}"
    known = world.desk.parts.agents.get(agent)
    return f"{agent} may not answer customers" if known is not None and not known.may_reply else None


def first_who_may_write(world: World) -> str:
    """Whoever has the conversation, else the first of those on duty, then of all, who may write to the customer."""
    conversation = world.conversation
    has = [conversation.assignee] if conversation and conversation.assignee and conversation.status != "closed" else []
    order = dict.fromkeys([*has, *world.agents, *world.desk.parts.agents])
    return next((key for key in order if refusal_to_write(world, key) is None), "")


def wake(
    stage: Stage, conversation: TrialConversation, chain: Chain | None, *, by_itself: bool = False
) -> list[Happening]:
    """One that was put aside comes back to its agent if he is there, else it waits in its team's queue."""
    world, told = stage.world, list[Happening]()
    conversation.status, conversation.snoozed_until = "open", None
    holder = conversation.assignee
    if holder is None:
        arm_overflow(stage, conversation, chain)  # its time has gone on while it was put aside
    if holder is not None and world.why_not(holder, conversation.inbox) not in (None, *_FULL):
        previous = who_had_it(holder, conversation.team) if by_itself else changed("assignee", holder)
        told = _released(stage, conversation, previous, chain)
    return [*told, Happening("conversation_reopened", extra=changed("status", "snoozed"))]


def take(world: World, agent: str) -> list[Happening]:
    """An agent takes the conversation by hand, from whoever has it."""
    conversation = world.conversation
    assert conversation is not None, "whether it can be taken is asked before"
    before = conversation.assignee
    if before == agent:
        return []
    if before:
        world.change_load(before, -1)
    given(world, agent)
    conversation.let_go = conversation.seen = frozenset()
    conversation.wanted = Wish()
    return [Happening("conversation_assigned", extra=changed("assignee", before))]
