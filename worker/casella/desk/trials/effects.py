"""What rules do to the conversation and to people of the house, done in memory. Each effect says which further events
it causes. `casella.inbox.routing.actions` does the same on a database; tests/desk/trials/test_twin.py holds them
together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta

from casella.desk.trials.giving import assign, let_go, unassign, wake
from casella.desk.trials.returning import arm_overflow
from casella.desk.trials.sending import reply, survey
from casella.desk.trials.stage import Effect, Happening, Stage, chained, open_conversation
from casella.desk.trials.world import TrialConversation, Wish, World, changed
from casella_rules import (
    AskForDraft,
    CallWebhook,
    Move,
    Note,
    Notify,
    PlannedAction,
    SetAttributes,
    SetPriority,
    Snooze,
    Tags,
    next_open,
)


def _priority(stage: Stage, action: PlannedAction) -> list[Happening]:
    assert isinstance(action.argument, SetPriority), "checked at load"
    return prioritized(open_conversation(stage), action.argument.priority)


def prioritized(conversation: TrialConversation, priority: str) -> list[Happening]:
    """It is so urgent from now on, whoever says so."""
    before, conversation.priority = conversation.priority, priority
    return [Happening("conversation_prioritized", extra=changed("priority", before))] if before != priority else []


def _tag(stage: Stage, action: PlannedAction) -> list[Happening]:
    assert isinstance(action.argument, Tags), "checked at load"
    conversation, tags = open_conversation(stage), set(action.argument.tags)
    after = conversation.tags | tags if action.action == "tag" else conversation.tags - tags
    different = after != conversation.tags
    conversation.tags = after
    return [Happening("conversation_tagged")] if different else []


def _note(stage: Stage, action: PlannedAction) -> list[Happening]:
    assert isinstance(action.argument, Note), "checked at load"
    stage.log.notes.append(action.argument.text)
    open_conversation(stage).messages += 1
    return []


def _close(stage: Stage, action: PlannedAction) -> list[Happening]:
    if open_conversation(stage).status == "closed":
        return stage.skip(action, "already_closed")
    return closed(stage.world)


def closed(world: World) -> list[Happening]:
    """The conversation is closed, by whomever. Its agent stays on record."""
    conversation = world.conversation
    assert conversation is not None, "only what is there is closed"
    before = changed("status", conversation.status)
    if conversation.assignee:
        world.change_load(conversation.assignee, -1)
    conversation.status = "closed"
    conversation.queued_at = conversation.waiting_since = conversation.snoozed_until = None
    return [Happening("conversation_closed", extra=before)]


def _reopen(stage: Stage, action: PlannedAction) -> list[Happening]:
    """It returns to its agent only if he is available; else it waits in its team's queue."""
    conversation, world = open_conversation(stage), stage.world
    before = conversation.status
    if before == "open":
        return stage.skip(action, "already_open")
    if before == "closed":
        if world.has_newer(conversation):
            return stage.skip(action, "another_is_open")
        holder = conversation.assignee
        keeps = holder if holder and world.why_not(holder, conversation.inbox) is None else None
        if keeps:
            world.change_load(keeps, 1)
        conversation.assignee = keeps
        conversation.queued_at = None if keeps else world.now
        conversation.let_go = conversation.seen = frozenset()
    else:
        return wake(stage, conversation, stage.chain_of(action))
    conversation.status, conversation.snoozed_until = "open", None
    arm_overflow(stage, conversation, stage.chain_of(action))
    return [Happening("conversation_reopened", extra=changed("status", before))]


def _snooze(stage: Stage, action: PlannedAction) -> list[Happening]:
    wanted, world, conversation = action.argument, stage.world, open_conversation(stage)
    assert isinstance(wanted, Snooze), "checked at load"
    if conversation.status == "closed":
        return stage.skip(action, "conversation_closed")
    hours = world.desk.hours.get(wanted.until_open or "")
    end = next_open(hours, world.now) if hours else world.now + timedelta(seconds=wanted.duration or 0)
    if end is None or end <= world.now:
        return stage.skip(action, "already_time" if end else "never_open")
    conversation.status, conversation.snoozed_until = "snoozed", end
    chain = stage.chain_of(action)

    def over() -> None:
        if conversation.status == "snoozed" and conversation.snoozed_until == end:
            with world.about(conversation):
                stage.happens(chained(wake(stage, conversation, chain, by_itself=True), chain))

    world.later(end, over)
    return []


def _move(stage: Stage, action: PlannedAction) -> list[Happening]:
    assert isinstance(action.argument, Move), "checked at load"
    wanted, conversation = action.argument.inbox, open_conversation(stage)
    if conversation.inbox == wanted:
        return stage.skip(action, "already_there")
    conversation.inbox, conversation.wanted = wanted, Wish()
    if conversation.assignee is not None and wanted not in stage.world.inboxes_of(conversation.assignee):
        return let_go(stage, action)
    return []


def _notify(stage: Stage, action: PlannedAction) -> list[Happening]:
    assert isinstance(action.argument, Notify), "checked at load"
    if not any(_meant(stage.world, action.argument)):
        return stage.skip(action, "nobody_to_tell")
    stage.log.notified.append(action.argument.text)
    return []


def _meant(world: World, wanted: Notify) -> Iterable[str]:
    """Whom a notice is for: of a conversation only people who may see it."""
    conversation = world.conversation
    for key, agent in world.desk.parts.agents.items():
        sees = conversation is None or agent.role == "admin" or conversation.inbox in world.inboxes_of(key)
        if sees and (
            key in wanted.agents
            or not set(wanted.teams).isdisjoint(world.teams_of(key))
            or (wanted.managers and agent.role in ("manager", "admin"))
            or (wanted.assignee and conversation is not None and key == conversation.assignee)
        ):
            yield key


def _webhook(stage: Stage, action: PlannedAction) -> list[Happening]:
    assert isinstance(action.argument, CallWebhook), "checked at load"
    stage.log.webhooks.append(action.argument.to)
    return []


def _set(stage: Stage, action: PlannedAction) -> list[Happening]:
    assert isinstance(action.argument, SetAttributes), "checked at load"
    stage.world.learn(action.argument.attributes)
    return []


def _opt_out(stage: Stage, action: PlannedAction) -> list[Happening]:
    if stage.world.opted_out:
        return stage.skip(action, "already_opted_out")
    stage.world.opted_out = True
    return [Happening("contact_opted_out")]


def _draft(stage: Stage, action: PlannedAction) -> list[Happening]:
    assert isinstance(action.argument, AskForDraft), "checked at load"
    if open_conversation(stage).status == "closed":
        return stage.skip(action, "conversation_closed")
    stage.log.drafts += 1
    return []


EFFECTS: Mapping[str, Effect] = {
    "assign": assign, "unassign": unassign, "priority": _priority, "tag": _tag, "untag": _tag, "reply": reply,
    "note": _note, "close": _close, "reopen": _reopen, "snooze": _snooze, "move": _move, "notify": _notify,
    "webhook": _webhook, "survey": survey, "set": _set, "opt_out": _opt_out, "draft": _draft,
}  # fmt: skip

#: What rules can do about something that belongs to no conversation.
WITHOUT_CONVERSATION = frozenset({"notify", "webhook"})
