"""What rules send out of the conversation: replies through the gate, notices to people, calls of webhooks, requests
for drafts. Nothing leaves here: rows are written in the transaction of the decision, others carry them out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import orjson

from casella.desk.canned.messages import CannedError, first_name
from casella.desk.not_done import has_sentence, why_not_filled
from casella.errors import PluginFailed
from casella.ids import new_id
from casella.inbox.house import AgentEntry, able, phone_of
from casella.inbox.notices import Notice
from casella.inbox.routing.actions.replies import carried, in_words
from casella.inbox.routing.actions.run import ActionRun
from casella.inbox.routing.actions.webhook_calls import call_body, call_row, target_named
from casella.inbox.sending import (
    WITH_TEXT,
    Permission,
    Recipient,
    Way,
    judge,
    judge_content,
    row_kind,
    to_details,
)
from casella.inbox.state import Timer, Values, outgoing_row
from casella.inbox.surveys import SURVEY_LINK, with_link
from casella.plugin import Content, TemplateContent
from casella.store.feed import JsonValue
from casella.store.tables import assistant_drafts, webhook_calls
from casella_rules import PlannedAction, next_open
from casella_rules.language.arguments import AskForDraft, CallWebhook, Notify, Reply

MANAGING = ("manager", "admin")


def reply(run: ActionRun, action: PlannedAction) -> bool:
    """Through the gate like everything else; never on top of an answer the provider gives itself."""
    wanted = action.argument
    assert isinstance(wanted, Reply), "checked at load"
    if run.happening.provider_replies:
        return run.skip(action, "provider_replies")
    if wanted.when_open is not None:
        hours = run.book.hours(wanted.when_open)
        opens = next_open(hours, run.work.now) if hours else None
        if opens is None:
            return run.skip(action, "never_open")
        if opens > run.work.now:
            run.timers.arm(_later(run, action, opens))
            return True
    return send_reply(run, action, wanted)


def send_reply(run: ActionRun, action: PlannedAction, wanted: Reply) -> bool:
    """Now, if the inbox answers by itself and the gate lets it through."""
    inbox = run.book.inbox(run.conversation.inbox.key)
    if inbox is not None and not inbox.auto_replies:
        return run.skip(action, "auto_replies_off")
    try:
        text = fill(run, wanted.canned, wanted.text, wanted.locale) if wanted.canned or wanted.text else ""
        content = carried(wanted, lambda written: fill(run, None, written))
    except CannedError as error:
        return run.skip(action, error.code, why_not_filled(error))
    quoted = run.happening.message if wanted.quote else None
    return send_text(run, action, text, content=content, quoted=quoted) is not None


def send_text(
    run: ActionRun,
    action: PlannedAction,
    text: str,
    sender_kind: str = "rule",
    content: Content | None = None,
    quoted: Values | None = None,
    survey_id: str | None = None,
) -> str | None:
    """Queue a message for the contact. Returns its id; None when the gate refused, which is on record. Nothing is sent
    to a channel of our own: its rules would answer, and ours that (peers.md #72). `survey_id`: its link goes along."""
    conversation, channel = run.conversation, run.conversation.channel
    if run.rooms.directory.current.is_own(channel.channel_type, conversation.address.address):
        run.skip(action, "own_address")
        return None
    linked = {SURVEY_LINK: survey_id} if survey_id is not None else {}
    permission, text, content = _judge(run, text, content, sender_kind, linked)
    if not permission.allowed:
        code = permission.code or "send_refused"
        run.skip(action, code, "" if has_sentence(code) else permission.text or "")
        return None
    message = outgoing_row(
        new_id(), channel.id, content.words(text) if content else text, run.work.now, sender_kind=sender_kind,
        sender_id=action.rule, state="queued", kind=row_kind(content) if content else "text",
        reply_to=_quotable(run, quoted),
    )  # fmt: skip
    details = {**linked, **(to_details(content) if content else {})}
    if run.book.hears("message_sent") or run.book.hears("message_failed"):
        details |= {"chain": run.happening.chain.caused_by(action.rule).as_json()}
    message["details"] = details or None
    run.work.queue_message(conversation, message)
    return str(message["id"])


def _judge(
    run: ActionRun, text: str, content: Content | None, sender_kind: str, linked: Mapping[str, str]
) -> tuple[Permission, str, Content | None]:
    """The gate's answer. Choices that the channel cannot show are written below the words."""
    conversation, channel, rooms = run.conversation, run.conversation.channel, run.rooms
    row = conversation.row
    last_inbound = row["last_inbound_at"] if isinstance(row["last_inbound_at"], datetime) else None
    # A survey asks about what is over; everything else is too late by then.
    status = "open" if sender_kind == "survey" else str(row["status"])
    closed_at = row.get("window_closed_at")
    window_closed_at = closed_at if isinstance(closed_at, datetime) else None
    replyable = bool(row["replyable"])
    to = Recipient(conversation.address.address, run.stopped, replyable, status, last_inbound, window_closed_at)
    way = Way(by_person=False, template=isinstance(content, TemplateContent))
    permission = judge(rooms, channel, to, run.work.now, way)
    if permission.allowed:
        permission = judge_content(rooms, channel, with_link(rooms, text, linked), (), content)
        if not permission.allowed and content is not None and content.kind in WITH_TEXT:
            text, content = in_words(text, content), None
            permission = judge_content(rooms, channel, text, ())
    return permission, text, content


def _quotable(run: ActionRun, message: Values | None) -> str | None:
    """The message's id, where the channel can quote it."""
    if not message or not message.get("external_id"):
        return None
    try:
        return str(message["id"]) if able(run.rooms, run.conversation.channel).quoted_replies else None
    except PluginFailed:  # it is away, and the reply waits for it: without a quote it can always be sent
        return None


def fill(run: ActionRun, canned: str | None, text: str | None, locale: str | None = None) -> str:
    """The words of a reply. Raises CannedError."""
    variables = _variables(run)
    if text is not None:
        return run.book.fill_text(text, variables)
    return run.book.fill_canned(canned or "", locale or run.conversation.inbox.locale, variables)


def _variables(run: ActionRun) -> dict[str, str | None]:
    agent = run.rooms.directory.current.agents.get(run.conversation.assignee_id or "")
    kind, _, address = run.conversation.address.key
    name = run.conversation.address.contact.name
    return {
        "contact.name": name,
        "contact.first_name": first_name(name),
        "contact.phone": phone_of(kind, address),
        "agent.name": agent.name if agent else None,
        "agent.first_name": first_name(agent.name) if agent else None,
        "conversation.id": run.conversation.id,
        "inbox.name": run.conversation.inbox.name,
    }


def _later(run: ActionRun, action: PlannedAction, opens: datetime) -> Timer:
    """A reply that waits for office hours: a timer, because a row in the outbox would hold up the agents' answers."""
    payload: dict[str, JsonValue] = {
        "rule": action.rule,
        "index": action.index,
        "trigger": run.happening.trigger,
        "cause_id": run.cause_id,
        "chain": run.happening.chain.as_json(),
        "argument": action.argument.model_dump(mode="json", exclude={"when_open"}, exclude_defaults=True),
    }
    cause = f"{run.cause_id}/{action.rule}/{action.index}"
    return Timer("reply", run.conversation.id, cause, opens, payload)


def notify(run: ActionRun, action: PlannedAction) -> bool:
    """A notice for each person, once, however many ways he is meant."""
    wanted = action.argument
    assert isinstance(wanted, Notify), "checked at load"
    meant = recipients(run, wanted)
    if not meant:
        return run.skip(action, "nobody_to_tell")
    conversation = run.conversation
    name = conversation.address.contact.name
    for agent in meant:
        more: dict[str, JsonValue] = {"text": wanted.text, "contact_name": name, "by": {"rules": [action.rule]}}
        run.work.notify(Notice(agent.id, conversation.id, "rule", more))
    return True


def recipients(run: ActionRun, wanted: Notify) -> list[AgentEntry]:
    """Whom a notice is for: only people who may see the conversation (law 8)."""
    directory, inbox = run.rooms.directory.current, run.conversation.inbox
    teams = {team.key: team for team in directory.teams.values()}
    members = {id for key in wanted.teams if key in teams for id in teams[key].members}
    return [
        agent
        for agent in directory.agents.values()
        if (agent.id in inbox.members or agent.role == "admin")
        and (
            agent.key in wanted.agents
            or agent.id in members
            or (wanted.managers and agent.role in MANAGING)
            or (wanted.assignee and agent.id == run.conversation.assignee_id)
        )
    ]


def webhook(run: ActionRun, action: PlannedAction) -> bool:
    """A call for another system, made outside the transaction, once per cause, rule and action."""
    assert isinstance(action.argument, CallWebhook), "checked at load"
    target = target_named(run.work.db, action.argument.to)
    if target is None:
        return run.skip(action, "unknown_webhook")
    conversation, channel = run.conversation, run.conversation.channel
    body = call_body(
        run.happening.trigger,
        action.rule,
        run.work.now,
        {
            "conversation": {**conversation.summary(), "tags": sorted(conversation.tags)},
            "contact": {
                "id": conversation.address.contact.id, "name": conversation.address.contact.name,
                "address": conversation.address.address, "tags": sorted(conversation.address.contact.tags),
            },
            "inbox": conversation.inbox.key,
            "channel": channel.key,
            "message": _told(run),
        },
    )  # fmt: skip
    row = call_row(target, run.cause_id, action, conversation.id, orjson.dumps(body).decode(), run.work.now)
    run.work.more.setdefault(webhook_calls, []).append(row)
    return True


def _told(run: ActionRun) -> dict[str, JsonValue] | None:
    message = run.happening.message
    if message is None:
        return None
    return {name: str(message[name]) for name in ("id", "direction", "kind", "text", "sender_kind")}


def draft(run: ActionRun, action: PlannedAction) -> bool:
    """A wish for the assistant. Its answer is a draft that an agent may send; it is never sent by itself."""
    wanted = action.argument
    assert isinstance(wanted, AskForDraft), "checked at load"
    conversation = run.conversation
    if conversation.row["status"] == "closed":
        return run.skip(action, "conversation_closed")
    request = {
        "conversation_id": conversation.id,
        "cause_id": run.cause_id,
        "rule": action.rule,
        "action": action.index,
        "instruction": wanted.instruction or "",
        "due_at": run.work.now,
        "proposals": [],
        "at": run.work.now,
    }
    run.work.more.setdefault(assistant_drafts, []).append(request)
    return True
