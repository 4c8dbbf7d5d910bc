"""One gate for sending (law 7): may this go out, and if not, why, until when, what instead?

Agents, rules, campaigns, surveys and accepted drafts all pass here; nothing else puts messages into the outbox. The
consent ledger and the reply window are asked again right before the send (`casella.inbox.sending.delivery`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from types import NoneType

from sqlalchemy import Connection, select

from casella.errors import NotAllowed, NotFound, PluginFailed, SendRefused
from casella.inbox.consent import pool_of, stopped
from casella.inbox.house import ChannelEntry, Rooms, able
from casella.inbox.sending.content import WITH_TEXT, carried_problem
from casella.plugin import Capabilities, Content, Refusal, TextMeasure
from casella.plugin.events import AttachmentKind
from casella.store.tables import channels, contact_addresses, conversations, messages

SET_ASIDE = "channel_set_aside"
"""Yes, but it waits: the channel's plugin is set aside for a while, or missing. The gate is asked again
before it is sent."""
WAITS = "This channel's plugin is set aside for a while; what you send waits until it is let in again."
MAY_NOT_REPLY = "may_not_reply"


@dataclass(frozen=True, slots=True)
class Permission:
    """`code` and `text` say why not; `until`: when the answer may change; `instead`: what to do. `window_closes_at`:
    when the reply window closes, or did; None where there is none, or where the contact never wrote."""

    allowed: bool
    code: str | None = None
    text: str | None = None
    until: datetime | None = None
    instead: str | None = None
    window_closes_at: datetime | None = None

    def require(self) -> None:
        """Raises SendRefused unless allowed; NotAllowed where it is the writer who may not."""
        if self.code == MAY_NOT_REPLY:
            raise NotAllowed(self.text or "", code=MAY_NOT_REPLY, instead=self.instead)
        if not self.allowed:
            raise SendRefused(self.text or "", code=self.code or "send_refused", instead=self.instead)


@dataclass(frozen=True, slots=True)
class Recipient:
    """What the gate knows of the other side. `window_closed_at`: when the provider said that the reply window is over;
    what the contact writes after that opens it anew. `is_over`: the number is not its any more."""

    address: str
    stopped: bool
    replyable: bool
    status: str
    last_inbound_at: datetime | None
    window_closed_at: datetime | None = None
    is_over: bool = False


@dataclass(frozen=True, slots=True)
class File:
    """An attachment to be sent, as far as limits go."""

    kind: AttachmentKind
    mime: str
    size: int


@dataclass(frozen=True, slots=True)
class Way:
    """How something is to be sent: written by a person or by a rule; freely or as a template. `writer`: the id of the
    agent who is about to write it; None where nobody is, or what he wrote was let through before."""

    by_person: bool = True
    template: bool = False
    writer: str | None = None


FREELY = Way()
Refusals = Mapping[str, Refusal | None]
"""By address: None where there is nothing against it."""


def refusals(rooms: Rooms, channel: ChannelEntry, addresses: Iterable[str]) -> Refusals:
    """What the channel's plugin has against these recipients, for `judge`: asked by whoever is going to lock rows for
    which others wait, and before that. Raises PluginFailed."""
    plugin, link = rooms.host.plugin(channel.channel_type), channel.channel
    if link is None:
        return {}
    able(rooms, channel)
    pool_of(rooms, channel)
    return {
        address: rooms.host.call(plugin, "refusal", partial(plugin.refusal, link, address), (Refusal, NoneType))
        for address in addresses
    }


def judge(
    rooms: Rooms,
    channel: ChannelEntry | None,
    to: Recipient,
    now: datetime,
    way: Way = FREELY,
    asked: Refusals | None = None,
) -> Permission:
    """May something be sent to this recipient on this channel now, in this way? `asked`: what the plugin has said of
    him; None: it is asked here."""
    who = judge_writer(rooms, way)
    if not who.allowed:
        return who
    if channel is None or (channel.channel is None and channel.channel_type in rooms.host.plugins):
        return _no("channel_unavailable", "This channel is not connected.", "Ask a manager to repair the channel.")
    if to.is_over:
        text = "This was written before the number went to somebody else; it can only be read."
        return _no("read_only_history", text, "Begin a conversation on a number of yours.")
    if to.stopped:
        return _no(
            "contact_stopped",
            "The contact has opted out of messages from this sender.",
            "Wait until the contact writes START, or use another channel.",
        )
    if not to.replyable:
        return _no("not_replyable", "This sender cannot be answered.", "Reach the contact under another address.")
    if to.status == "closed":
        return _no("conversation_closed", "The conversation is closed.", "Reopen it first.")
    if channel.channel is None:
        return Permission(True, SET_ASIDE, WAITS)
    try:
        refusal = (refusals(rooms, channel, [to.address]) if asked is None else asked)[to.address]
        can = able(rooms, channel)
    except PluginFailed:
        return Permission(True, SET_ASIDE, WAITS)
    if refusal is not None:
        return _no(refusal.code, refusal.text, None)
    return _window(can, to, now, way)


def judge_writer(rooms: Rooms, way: Way) -> Permission:
    """May whoever is about to write this write to customers at all (`may_reply` in the desk)?"""
    key = rooms.directory.current.key_of(way.writer)
    if key is None or rooms.desk.current.may_reply(key):
        return Permission(True)
    return _no(MAY_NOT_REPLY, "You may read here, but not write to customers.", "Ask a manager.")


def _window(can: Capabilities, to: Recipient, now: datetime, way: Way) -> Permission:
    last_inbound_at = to.last_inbound_at
    ends = window_end(can, last_inbound_at)
    if ends and to.window_closed_at and last_inbound_at and to.window_closed_at >= last_inbound_at:
        ends = min(ends, to.window_closed_at)
    if can.reply_window is None or (way.template and can.message_templates):
        return Permission(True, window_closes_at=ends)
    if ends is not None and now < ends:
        return Permission(True, until=ends, window_closes_at=ends)
    if way.by_person and last_inbound_at is not None and can.human_reply_window is not None:
        humanly = last_inbound_at + timedelta(seconds=can.human_reply_window)
        if now < humanly:
            return Permission(True, until=humanly, window_closes_at=ends)
    return Permission(
        False,
        "outside_reply_window",
        "The time in which this contact may be answered freely is over.",
        instead="Send an approved template." if can.message_templates
        else "Wait for the contact to write, or use another channel.",
        window_closes_at=ends,
    )  # fmt: skip


def window_end(can: Capabilities, last_inbound_at: datetime | None) -> datetime | None:
    """When the reply window closes, or did."""
    seconds = can.reply_window
    return last_inbound_at + timedelta(seconds=seconds) if seconds is not None and last_inbound_at else None


def judge_content(
    rooms: Rooms, channel: ChannelEntry, text: str, files: Sequence[File], content: Content | None = None
) -> Permission:
    """Does the channel take this text, these files, this content? Where its plugin cannot say, the provider will."""
    try:
        return _judge_content(rooms, channel, text, files, content)
    except PluginFailed:
        return Permission(True, SET_ASIDE, WAITS)


def _judge_content(
    rooms: Rooms, channel: ChannelEntry, text: str, files: Sequence[File], content: Content | None
) -> Permission:
    if content is not None:
        problem = carried_problem(able(rooms, channel), content, text, with_files=bool(files))
        if problem is not None:
            return _no(*problem)
        if content.kind not in WITH_TEXT:
            return Permission(True)
    if not text.strip() and not files:
        return _no("empty_message", "There is nothing to send.", "Write a text or attach a file.")
    can, measured = able(rooms, channel), measure(rooms, channel, text)
    if text and measured is not None and not measured.fits:
        return _no(
            "text_too_long",
            f"The text takes {measured.units} of {measured.limit} {can.text_unit} this channel allows.",
            "Shorten it, or send it in two messages.",
        )
    return _files(can, text, measured.units if measured else 0, files)


def measure(rooms: Rooms, channel: ChannelEntry, text: str) -> TextMeasure | None:
    """How much of the channel a text takes; None for a channel that is not connected. Raises PluginFailed."""
    plugin, link = rooms.host.plugin(channel.channel_type), channel.channel
    if link is None:
        return None
    return rooms.host.call(plugin, "measure", lambda: plugin.measure(link, text), TextMeasure)


def _files(can: Capabilities, text: str, units: int, files: Sequence[File]) -> Permission:
    limits = can.attachments
    if any(file.kind == "voice" for file in files) and not can.voice_notes:
        return _no("voice_notes_unavailable", "This channel has no voice notes.", "Write, or attach a sound file.")
    if len(files) > (most := limits.count_of([file.kind for file in files])):
        return _no("too_many_attachments", f"This channel takes {most} such files per message.", "Send fewer.")
    for file in files:
        if file.kind not in limits.kinds or (limits.mimes and file.mime not in limits.mimes):
            return _no("attachment_type", f"This channel does not take {file.mime}.", "Attach another type of file.")
        most = limits.size_of(file.kind, file.mime)
        if most and file.size > most:
            return _no(
                "attachment_too_big",
                f"The file has {file.size:,} bytes; a file of this type may have {most:,} on this channel.",
                "Attach a smaller one.",
            )
    if limits.size_total and sum(file.size for file in files) > limits.size_total:
        text = f"All files together may have {limits.size_total:,} bytes on this channel."
        return _no("attachment_too_big", text, "Attach fewer.")
    if files and text and (not limits.caption or any(file.kind in limits.uncaptioned for file in files)):
        return _no("no_caption", "This channel sends such files without text.", "Send the text in its own message.")
    if files and limits.caption_limit and units > limits.caption_limit:
        text = f"Beside a file this channel takes {limits.caption_limit} {can.text_unit} of text."
        return _no("caption_too_long", text, "Send the text in its own message.")
    return Permission(True)


def can_send(db: Connection, rooms: Rooms, conversation_id: str, at: datetime, writer: str | None = None) -> Permission:
    """The gate's answer for a conversation; shown to the agent `writer` before he writes. Where the channel stands
    still, or another app has the conversation, it is still yes, and says so. Raises NotFound."""
    channel, to = recipient(db, rooms, conversation_id)
    answer = judge(rooms, channel, to, at, Way(writer=writer))
    if not answer.allowed or channel is None or answer.code is not None:
        return answer
    if rooms.host.breakers.is_aside(channel.channel_type, "send"):
        return replace(answer, code=SET_ASIDE, text=WAITS)
    if _is_elsewhere(db, conversation_id):
        text = "At the moment another app has this conversation: what you send may be refused."
        answer = replace(answer, code="answered_elsewhere", text=text)
    paused = db.execute(
        select(channels.c.paused_code, channels.c.paused_until).where(channels.c.id == channel.id)
    ).one()
    if paused.paused_code is None or paused.paused_until is not None:
        return answer
    text = "This channel stands still until a manager repairs it; what you send waits."
    return replace(answer, code="channel_paused", text=text)


def _is_elsewhere(db: Connection, conversation_id: str) -> bool:
    """Whether the contact's last message came while another app had the conversation (`standby` in its details)."""
    query = (
        select(messages.c.details)
        .where(messages.c.conversation_id == conversation_id, messages.c.direction == "in")
        .order_by(messages.c.sequence.desc())
        .limit(1)
    )
    details = db.execute(query).scalar_one_or_none()
    return isinstance(details, dict) and details.get("standby") == "yes"


def recipient(db: Connection, rooms: Rooms, conversation_id: str) -> tuple[ChannelEntry | None, Recipient]:
    """The other side of a conversation. Raises NotFound."""
    query = (
        select(conversations, contact_addresses.c.address)
        .join(contact_addresses, contact_addresses.c.id == conversations.c.address_id)
        .where(conversations.c.id == conversation_id)
    )
    row = db.execute(query).one_or_none()
    if row is None:
        raise NotFound
    channel = rooms.directory.current.channels.get(row.channel_id)
    out = channel is not None and bool(stopped(rooms, db, channel, [row.address]))
    is_over = row.world == "history" or (channel is not None and channel.inbox.owner_id != row.owner_id)
    return channel, Recipient(
        row.address, out, row.replyable, row.status, row.last_inbound_at, row.window_closed_at, is_over
    )


def _no(code: str, text: str, instead: str | None) -> Permission:
    return Permission(False, code, text, None, instead)
