"""Giving a conversation to people and taking it from them, and the queues in which it waits, in memory."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from casella.desk.trials.stage import Happening, Stage, chained, open_conversation
from casella.desk.trials.world import TrialConversation, Wish, World, changed
from casella_rules import Assign, AssignRequest, Chain, FactValue, PlannedAction, RotationState, Unassign, choose
from casella_rules.assignment import Choice
from casella_rules.durations import written
from casella_rules.reasons import Reason

MANUAL = "manual"
_FULL = (Reason.AT_CAPACITY, Reason.AT_CHANNEL_CAPACITY, Reason.AT_INBOX_CAPACITY)


def assign(stage: Stage, action: PlannedAction) -> list[Happening]:
    """Give it to an agent. One that has an agent keeps him."""
    wanted, conversation = action.argument, open_conversation(stage)
    assert isinstance(wanted, Assign), "checked at load"
    if conversation.status == "closed":
        return stage.skip(action, "conversation_closed")
    if conversation.assignee is not None:
        return stage.skip(action, "has_assignee")
    if wanted.agent is not None:
        choice = choose_agent(stage, "least_busy", None, wanted.agent)
        if (agent := chosen(choice)) is None:
            return stage.skip(action, "agent_not_available")
        conversation.wanted = Wish()
        given_by_team(stage, None, agent)
        return [_assigned(None, conversation.team)]
    return _to_team(stage, _wish(wanted, action.rule), wanted.team or "", stage.chain_of(action))


def _to_team(stage: Stage, wish: Wish, team: str, chain: Chain) -> list[Happening]:
    conversation = open_conversation(stage)
    stands_there = conversation.team == team and conversation.queued_at is not None
    if stands_there and wish == Wish():
        wish = conversation.wanted  # "hello?" does not undo what was asked for
    if (wish.strategy or stage.world.desk.parts.teams[team].strategy) == MANUAL:
        choose_agent(stage, MANUAL, team, skills=wish.skills)  # people choose: it is in the team, and in nobody's queue
        before, conversation.team = conversation.team, team
        conversation.queued_at, conversation.wanted = None, wish
        return [_assigned(None, before)] if before != team else []
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
    return [_assigned(None, before)]


def _wish(argument: Assign, rule: str) -> Wish:
    other, skills = argument.otherwise, tuple(sorted(set(argument.skills)))
    wish = Wish(skills, argument.strategy)
    if other is not None:
        wish = Wish(skills, argument.strategy, other.team, other.after or 0)
    return replace(wish, rule=rule) if wish != Wish() else wish


def find(stage: Stage, team: str, wish: Wish) -> tuple[str, Choice]:
    """By what was asked for; and where nobody of the team can, by the team of `else` in its own manner."""
    teams, back = stage.world.desk.parts.teams, open_conversation(stage).returned_by
    choice = choose_agent(stage, wish.strategy or teams[team].strategy, team, None, wish.skills, back)
    if choice.agent_id is not None or wish.also is None:
        return team, choice
    return wish.also, choose_agent(stage, teams[wish.also].strategy, wish.also, None, (), back)


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
    returned_by: str | None = None,
) -> Choice:
    world = stage.world
    candidates = [one for one in world.candidates(team) if agent in (None, world.key_of(one.agent_id))]
    ids = {world.key_of(one.agent_id): one.agent_id for one in candidates}
    last, back = ids.get(world.served_last or ""), ids.get(returned_by or "")
    want = AssignRequest(team, open_conversation(stage).inbox, frozenset(skills), last, back)
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
    return [*told, _assigned(None, before)] if before != team else told


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
    previous = _was(conversation.assignee, conversation.team)
    world.change_load(agent, -1)
    conversation.assignee, conversation.assigned_at, conversation.returned_by = None, None, agent
    conversation.queued_at = world.now if conversation.team else None
    arm_overflow(stage, conversation, chain)
    stage.log.notes.append(
        f"{known.name if known else agent} did not answer within {written(seconds)}; back to the queue."
    )
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
            strategy, back = world.desk.parts.teams[other].strategy, conversation.returned_by
            agent = chosen(choose_agent(stage, strategy, other, None, (), back))
            conversation.team, conversation.wanted = other, Wish()
            if agent is not None and not would_overtake(stage, agent):
                given_by_team(stage, other, agent, chain)
            stage.happens(chained([_assigned(None, team)], chain))

    world.later(max(world.now, queued_at + timedelta(seconds=wish.after)), over)


def _was(assignee: str | None, team: str | None) -> dict[str, FactValue]:
    return {**changed("assignee", assignee), **changed("team", team)}


def _assigned(assignee: str | None, team: str | None) -> Happening:
    return Happening("conversation_assigned", extra=_was(assignee, team))


def unassign(stage: Stage, action: PlannedAction) -> list[Happening]:
    conversation = open_conversation(stage)
    assert isinstance(action.argument, Unassign), "checked at load"
    if conversation.assignee is None and not (action.argument.team and conversation.team):
        return stage.skip(action, "has_no_assignee")
    previous = _was(conversation.assignee, conversation.team)
    if action.argument.team:
        conversation.team, conversation.wanted = None, Wish()
    return _released(stage, conversation, previous, stage.chain_of(action))


def let_go(stage: Stage, action: PlannedAction) -> list[Happening]:
    """Its agent cannot keep it: back to the queue."""
    conversation = open_conversation(stage)
    return _released(stage, conversation, _was(conversation.assignee, conversation.team), stage.chain_of(action))


def _released(
    stage: Stage, conversation: TrialConversation, previous: dict[str, FactValue], chain: Chain | None
) -> list[Happening]:
    is_closed = conversation.status == "closed"
    if conversation.assignee is not None and not is_closed:
        stage.world.change_load(conversation.assignee, -1)
    conversation.assignee = conversation.assigned_at = conversation.returned_by = None
    conversation.queued_at = stage.world.now if conversation.team and not is_closed else None
    arm_overflow(stage, conversation, chain)
    return [Happening("conversation_unassigned", extra=previous)]


def refusal_to_take(world: World, agent: str) -> str | None:
    """Why an agent cannot take the conversation by hand."""
    conversation = world.conversation
    if conversation is None:
        return "there is no conversation"
    if conversation.inbox not in world.inboxes_of(agent):
        return f"{agent} is not a member of the inbox {conversation.inbox}"
    known = world.desk.parts.agents.get(agent)
    if known is not None and not known.may_reply:
        return f"{agent} may not answer customers"
    return "the conversation is closed" if conversation.status == "closed" else None


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
        previous = _was(holder, conversation.team) if by_itself else changed("assignee", holder)
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
    conversation.wanted = Wish()
    return [Happening("conversation_assigned", extra=changed("assignee", before))]


def given(world: World, agent: str) -> None:
    """The agent has it from now on."""
    conversation = world.conversation
    assert conversation is not None, "something is given"
    conversation.assignee = world.served_last = agent
    conversation.queued_at = conversation.returned_by = None
    conversation.assigned_at = world.assigned_at[agent] = world.next_moment()
    world.change_load(agent, 1)
