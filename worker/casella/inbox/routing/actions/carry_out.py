"""Carrying out what rules decided. One small function per action, in a table by the action's name.

Who gets it stands in `assigning`, what leaves the house in `outreach`; here is what changes the conversation itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from casella.inbox.assignment import arm_overflow, wake
from casella.inbox.routing.actions import assigning, outward, plugin_requests, surveys
from casella.inbox.routing.actions.run import ActionRun
from casella.inbox.state import Timer
from casella.store.feed import JsonValue
from casella_rules import PlannedAction, next_open
from casella_rules.language.arguments import Move, Note, SetAttributes, SetPriority, Snooze, Tags

__all__ = ["ActionRun", "carry_out"]


def carry_out(run: ActionRun, action: PlannedAction) -> bool:
    """True if it was done; what was not done is on record with the reason."""
    act = ACTIONS.get(action.action)
    if act is not None:
        return act(run, action)
    spec = run.book.ruleset.vocabulary.actions.get(action.action)
    return plugin_requests.ask(run, action) if spec and spec.plugin else run.skip(action, "no_such_action")


def tag(run: ActionRun, action: PlannedAction) -> bool:
    assert isinstance(action.argument, Tags), "checked at load"
    run.conversation.address.contact.tag(action.argument.contact)
    if run.conversation.tag(action.argument.tags):
        run.tell(action, "conversation_tagged")
    return True


def untag(run: ActionRun, action: PlannedAction) -> bool:
    assert isinstance(action.argument, Tags), "checked at load"
    run.conversation.address.contact.untag(action.argument.contact)
    if run.conversation.untag(action.argument.tags):
        run.tell(action, "conversation_tagged")
    return True


def priority(run: ActionRun, action: PlannedAction) -> bool:
    assert isinstance(action.argument, SetPriority), "checked at load"
    before = run.conversation.prioritize(action.argument.priority)
    if before is not None:
        run.tell(action, "conversation_prioritized", {"previous.priority": before})
    return True


def note(run: ActionRun, action: PlannedAction) -> bool:
    assert isinstance(action.argument, Note), "checked at load"
    run.work.note(run.conversation, action.argument.text, "rule", action.rule)
    return True


def close(run: ActionRun, action: PlannedAction) -> bool:
    conversation = run.conversation
    before = str(conversation.row["status"])
    if before == "closed":
        return run.skip(action, "already_closed")
    if conversation.assignee_id is not None:
        run.roster.release(conversation.assignee_id, by_hand=conversation.by_hand)
    conversation.by_hand = False
    run.work.close(conversation, run.work.now)
    run.work.tell("conversation.updated", conversation, {"by": {"rules": [action.rule]}})
    run.tell(action, "conversation_closed", {"previous.status": before})
    return True


def reopen(run: ActionRun, action: PlannedAction) -> bool:
    """It returns to its agent only if he is there and has room (peers.md #36-38); else it waits in its team's queue."""
    conversation = run.conversation
    before = str(conversation.row["status"])
    if before == "open":
        return run.skip(action, "already_open")
    if before == "closed":
        if run.work.has_open(conversation.channel.id, conversation.address.id, besides=conversation.id):
            return run.skip(action, "another_is_open")
        keeps = run.roster.returns_to(conversation.inbox, conversation.channel, conversation.assignee_id)
        run.work.reopen(conversation, keeps, run.work.now)
        arm_overflow(run.timers, conversation, run.work.now, run.chain_of(action))
    elif holder := wake(run.roster, run.timers, conversation, run.work.now, run.chain_of(action)):
        run.tell(action, "conversation_unassigned", {"previous.assignee": run.rooms.directory.current.key_of(holder)})
    run.tell(action, "conversation_reopened", {"previous.status": before})
    return True


def snooze(run: ActionRun, action: PlannedAction) -> bool:
    """A message wakes it, or the timer."""
    wanted = action.argument
    assert isinstance(wanted, Snooze), "checked at load"
    conversation, now = run.conversation, run.work.now
    if conversation.row["status"] == "closed":
        return run.skip(action, "conversation_closed")
    if wanted.until_open is not None:
        hours = run.book.hours(wanted.until_open)
        until = next_open(hours, now) if hours else None
    else:
        assert wanted.duration is not None, "the argument has one of both"
        until = run.book.over_at(wanted.duration, now)
    if until is None or until <= now:
        return run.skip(action, "already_time" if until else "never_open")
    conversation.snooze(until)
    moment = until.isoformat()
    payload = {"until": moment, "chain": run.chain_of(action).as_json()}
    run.timers.arm_instead(Timer("snooze", conversation.id, moment, until, payload))
    return True


def move(run: ActionRun, action: PlannedAction) -> bool:
    """Answers still leave by the channel the customer wrote to. Who does not see the new inbox loses it, and who
    has as many there as he may."""
    assert isinstance(action.argument, Move), "checked at load"
    wanted, conversation = action.argument.inbox, run.conversation
    inbox = next((entry for entry in run.rooms.directory.current.inboxes.values() if entry.key == wanted), None)
    if inbox is None:
        return run.skip(action, "unknown_inbox")
    if inbox.id == conversation.inbox.id:
        return run.skip(action, "already_there")
    conversation.move(inbox)
    holder = conversation.assignee_id
    if holder is not None and not run.roster.moves(holder, conversation.channel, inbox):
        assigning.let_go(run, action)
    return True


def set_attributes(run: ActionRun, action: PlannedAction) -> bool:
    assert isinstance(action.argument, SetAttributes), "checked at load"
    run.conversation.address.contact.custom.update(action.argument.attributes)
    return True


def opt_out(run: ActionRun, action: PlannedAction) -> bool:
    """Into the consent ledger, like the contact's own STOP."""
    conversation = run.conversation
    if run.stopped:
        return run.skip(action, "already_opted_out")
    run.consent.record(conversation.channel, conversation.address.address, "opted_out", "rule", action.rule)
    told: dict[str, JsonValue] = {
        "channel_id": conversation.channel.id,
        "state": "opted_out",
        "by": {"rules": [action.rule]},
    }
    run.work.tell("contact.consent", conversation, told)
    run.tell(action, "contact_opted_out")
    return True


ACTIONS: Mapping[str, Callable[[ActionRun, PlannedAction], bool]] = {
    "assign": assigning.assign,
    "close": close,
    "draft": outward.draft,
    "move": move,
    "note": note,
    "notify": outward.notify,
    "opt_out": opt_out,
    "priority": priority,
    "reopen": reopen,
    "reply": outward.reply,
    "set": set_attributes,
    "snooze": snooze,
    "survey": surveys.send,
    "tag": tag,
    "unassign": assigning.unassign,
    "untag": untag,
    "webhook": outward.webhook,
}
