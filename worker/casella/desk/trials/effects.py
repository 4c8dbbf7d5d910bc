"""What rules do, done in memory. Each effect says which further events it causes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from casella.desk.canned import CannedError, fill, fill_text, first_name
from casella.desk.trials.giving import assign, unassign
from casella.desk.trials.parts import SaidMessage
from casella.desk.trials.stage import Effect, Happening, Stage, open_conversation
from casella.desk.trials.world import World, changed
from casella_rules import (
    AskForDraft,
    CallWebhook,
    Move,
    Note,
    Notify,
    PlannedAction,
    Reply,
    SendSurvey,
    SetAttributes,
    SetPriority,
    Snooze,
    Tags,
    next_open,
)


def _priority(stage: Stage, action: PlannedAction) -> list[Happening]:
    assert isinstance(action.argument, SetPriority), "checked at load"
    open_conversation(stage).priority = action.argument.priority
    return []


def _tag(stage: Stage, action: PlannedAction) -> list[Happening]:
    assert isinstance(action.argument, Tags), "checked at load"
    conversation, tags = open_conversation(stage), set(action.argument.tags)
    after = conversation.tags | tags if action.action == "tag" else conversation.tags - tags
    different = after != conversation.tags
    conversation.tags = after
    return [Happening("conversation_tagged")] if different else []


def _reply(stage: Stage, action: PlannedAction) -> list[Happening]:
    wanted, world = action.argument, stage.world
    assert isinstance(wanted, Reply), "checked at load"
    hours = world.desk.hours.get(wanted.when_open or "")
    opening = next_open(hours, world.now) if hours else None
    if opening is not None and opening > world.now:
        world.later(opening, lambda: stage.happens(_sent(stage, action, wanted)))
        return stage.skip(action, "waits_for_office_hours")
    return _sent(stage, action, wanted)


def _sent(stage: Stage, action: PlannedAction, wanted: Reply) -> list[Happening]:
    world, conversation = stage.world, open_conversation(stage)
    if world.opted_out:
        return stage.skip(action, "contact_stopped")
    locale = wanted.locale or world.desk.locale_of(conversation.inbox)
    try:
        text = _filled(world, wanted, locale)
    except CannedError as error:
        return stage.skip(action, f"{error.code}: {error.text}")
    stage.log.replies.append((wanted.label, locale))
    stage.log.offered += wanted.offered
    conversation.messages += 1
    conversation.last_message_at = world.now
    conversation.waiting_since = None
    return [Happening("message_sent", message=SaidMessage(text=text), sent_by="rule")]


def _filled(world: World, wanted: Reply, locale: str) -> str:
    conversation = world.conversation
    agent = world.desk.parts.agents.get(conversation.assignee or "") if conversation else None
    variables = {
        "contact.name": world.contact.name,
        "contact.first_name": first_name(world.contact.name),
        "contact.phone": world.contact.phone,
        "agent.name": agent.name if agent else None,
        "conversation.id": "test",
        "inbox.name": world.desk.parts.inboxes[conversation.inbox].name if conversation else None,
    }
    if wanted.canned is not None:
        return fill(world.desk.canned[wanted.canned], locale, variables)
    filled = [fill_text(words, variables) for words in wanted.words]
    return "\n".join(filled) or wanted.label


def _note(stage: Stage, action: PlannedAction) -> list[Happening]:
    assert isinstance(action.argument, Note), "checked at load"
    stage.log.notes.append(action.argument.text)
    return []


def _close(stage: Stage, action: PlannedAction) -> list[Happening]:
    conversation = open_conversation(stage)
    if conversation.status == "closed":
        return stage.skip(action, "already_closed")
    return closed(stage.world)


def closed(world: World) -> list[Happening]:
    """The conversation is closed, by whomever."""
    conversation = world.conversation
    assert conversation is not None, "only what is there is closed"
    before = changed("status", conversation.status)
    if conversation.assignee:
        world.change_load(conversation.assignee, -1)
    conversation.status, conversation.queued, conversation.waiting_since = "closed", False, None
    return [Happening("conversation_closed", extra=before)]


def _reopen(stage: Stage, action: PlannedAction) -> list[Happening]:
    conversation = open_conversation(stage)
    if conversation.status != "closed":
        return stage.skip(action, "not_closed")
    conversation.status = "open"
    return [Happening("conversation_reopened", extra=changed("status", "closed"))]


def _snooze(stage: Stage, action: PlannedAction) -> list[Happening]:
    wanted, world, conversation = action.argument, stage.world, open_conversation(stage)
    assert isinstance(wanted, Snooze), "checked at load"
    if conversation.status == "closed":
        return stage.skip(action, "conversation_closed")
    hours = world.desk.hours.get(wanted.until_open or "")
    end = next_open(hours, world.now) if hours else world.now + timedelta(seconds=wanted.duration or 0)
    conversation.status = "snoozed"

    def wake() -> None:
        if conversation.status == "snoozed":
            conversation.status = "open"

    if end is not None:
        world.later(end, wake)
    return []


def _move(stage: Stage, action: PlannedAction) -> list[Happening]:
    assert isinstance(action.argument, Move), "checked at load"
    open_conversation(stage).inbox = action.argument.inbox
    return []


def _notify(stage: Stage, action: PlannedAction) -> list[Happening]:
    assert isinstance(action.argument, Notify), "checked at load"
    stage.log.notified.append(action.argument.text)
    return []


def _webhook(stage: Stage, action: PlannedAction) -> list[Happening]:
    assert isinstance(action.argument, CallWebhook), "checked at load"
    stage.log.webhooks.append(action.argument.to)
    return []


def _survey(stage: Stage, action: PlannedAction) -> list[Happening]:
    assert isinstance(action.argument, SendSurvey), "checked at load"
    survey = action.argument.survey or next(iter(stage.world.desk.parts.surveys), "")
    if stage.world.opted_out:
        return stage.skip(action, "contact_stopped")
    if not stage.survey_once(survey):
        return stage.skip(action, "already_sent")
    stage.log.surveys.append(survey)
    return [Happening("message_sent", message=SaidMessage(text=""), sent_by="survey")]


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
    stage.log.drafts += 1
    return []


EFFECTS: Mapping[str, Effect] = {
    "assign": assign, "unassign": unassign, "priority": _priority, "tag": _tag, "untag": _tag, "reply": _reply,
    "note": _note, "close": _close, "reopen": _reopen, "snooze": _snooze, "move": _move, "notify": _notify,
    "webhook": _webhook, "survey": _survey, "set": _set, "opt_out": _opt_out, "draft": _draft,
}  # fmt: skip
