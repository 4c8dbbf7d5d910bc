"""Carrying out what rules decided. One small function per action, in a table by the action's name.

Who gets it stands in `assigning`, what leaves the house in `outreach`; here is what changes the conversation itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

from sqlalchemy import select

from casella.ids import new_id
from casella.inbox.assignment import arm_overflow, wake
from casella.inbox.routing.actions import assigning, outward, plugin_requests, surveys
from casella.inbox.routing.actions.run import ActionRun
from casella.inbox.sending import outgoing_row
from casella.inbox.state import Timer
from casella.store.tables import conversations
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
    conversation = run.conversation
    added = set(action.argument.tags) - conversation.tags
    conversation.tags |= added
    conversation.new_tags |= added - conversation.lost_tags
    conversation.lost_tags -= added
    if added:
        conversation.set()
        run.tell(action, "conversation_tagged")
    return True


def untag(run: ActionRun, action: PlannedAction) -> bool:
    assert isinstance(action.argument, Tags), "checked at load"
    conversation = run.conversation
    gone = set(action.argument.tags) & conversation.tags
    conversation.tags -= gone
    conversation.lost_tags |= gone - conversation.new_tags
    conversation.new_tags -= gone
    if gone:
        conversation.set()
        run.tell(action, "conversation_tagged")
    return True


def priority(run: ActionRun, action: PlannedAction) -> bool:
    assert isinstance(action.argument, SetPriority), "checked at load"
    conversation, wanted = run.conversation, action.argument.priority
    before = str(conversation.row["priority"])
    if before != wanted:
        conversation.set(priority=wanted)
        run.tell(action, "conversation_prioritized", {"previous.priority": before})
    return True


def note(run: ActionRun, action: PlannedAction) -> bool:
    assert isinstance(action.argument, Note), "checked at load"
    add_note(run, action.argument.text, action.rule)
    return True


def add_note(run: ActionRun, text: str, rule: str) -> None:
    row = outgoing_row(
        new_id(), run.conversation.channel.id, text, run.work.now, sender_kind="rule", sender_id=rule,
        direction="note", state="received",
    )  # fmt: skip
    run.work.add_message(run.conversation, row)


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
        if _has_another_open(run):
            return run.skip(action, "another_is_open")
        run.work.closed.remove(conversation)
        run.work.conversations[conversation.channel.id, conversation.address.id] = conversation
        keeps = run.roster.returns_to(conversation.inbox, conversation.channel, conversation.assignee_id)
        conversation.set(assignee_id=keeps, queued_at=None if keeps else run.work.now, returned_by=None)
        conversation.set(status="open", closed_at=None, snoozed_until=None)
        arm_overflow(run.timers, conversation, run.work.now, run.chain_of(action))
    elif holder := wake(run.roster, run.timers, conversation, run.work.now, run.chain_of(action)):
        run.tell(action, "conversation_unassigned", {"previous.assignee": run.rooms.directory.current.key_of(holder)})
    run.tell(action, "conversation_reopened", {"previous.status": before})
    return True


def _has_another_open(run: ActionRun) -> bool:
    channel_id, address_id = run.conversation.channel.id, run.conversation.address.id
    if (channel_id, address_id) in run.work.conversations:
        return True
    same = (conversations.c.channel_id == channel_id) & (conversations.c.address_id == address_id)
    others = (conversations.c.status != "closed") & (conversations.c.id != run.conversation.id)
    return run.work.db.execute(select(conversations.c.id).where(same, others)).first() is not None


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
        until = now + timedelta(seconds=wanted.duration or 0)
    if until is None or until <= now:
        return run.skip(action, "already_time" if until else "never_open")
    conversation.set(status="snoozed", snoozed_until=until)
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
    conversation.moved_to = None if inbox.id == conversation.channel.inbox.id else inbox
    conversation.set(inbox_id=inbox.id, wanted=None)
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
