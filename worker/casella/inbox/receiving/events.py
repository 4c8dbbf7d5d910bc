"""Applying events: what each kind of event does to contacts, conversations and messages.

One `EventApplier` per transaction. It loads what the whole batch will touch, applies event after event in memory,
routes what came in, and writes everything at the end.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from casella import metrics
from casella.ids import new_id
from casella.inbox.activity import Actor
from casella.inbox.consent import ConsentBook
from casella.inbox.house import AddressKey, ChannelEntry, Rooms, address_key
from casella.inbox.receipts import ReceiptBook
from casella.inbox.receiving.attachments.arriving_files import take_uploads
from casella.inbox.receiving.inbound_message import (
    ArrivingRows,
    answered_campaign,
    news_of,
    reopened,
    surveyed,
    tell_consent,
    tell_log,
    wake_up,
)
from casella.inbox.receiving.message_parts import join_part
from casella.inbox.receiving.private_numbers import history, is_history
from casella.inbox.receiving.profiles import wanted_row
from casella.inbox.receiving.revisions import RevisionBook
from casella.inbox.receiving.traces import add_trace, reaction_meant
from casella.inbox.routing import Happening, Router
from casella.inbox.sending import close_window, pause
from casella.inbox.state import (
    AddressState,
    ConversationState,
    Identities,
    Workspace,
    delivery_events,
    load,
    named,
    refer,
)
from casella.plugin import (
    AddressChanged,
    ConsentChanged,
    DeliveredSeen,
    Event,
    MessageDeleted,
    MessageEchoed,
    MessageEdited,
    MessageReceived,
    MessageStatusChanged,
    ReactionChanged,
    ReadSeen,
    Referral,
    TypingSeen,
    Unsupported,
)
from casella.store.tables import contact_profiles
from casella_rules import Chain

_INFO = logging.getLogger("casella.receive")  # asked first: building lines that nobody wants costs more than applying
_WITH_CONTACT = (
    MessageReceived, MessageEchoed, MessageEdited, MessageDeleted, AddressChanged, TypingSeen, ConsentChanged, Referral,
    Unsupported,
)  # fmt: skip


class EventApplier:
    """`load`, `apply` each event in order, `write`, and after the commit `after_commit`."""

    def __init__(self, rooms: Rooms, db: Connection, now: datetime) -> None:
        self._rooms, self._now = rooms, now
        self.work = Workspace(rooms, db, now)
        self._consent = ConsentBook(rooms, db, self.work.now)
        self._receipts = ReceiptBook(rooms, self.work)
        self._revisions = RevisionBook(self.work, self._receipts)
        self._identities = Identities(rooms, self.work, self._consent)
        self._router = Router(rooms, self.work, self._consent)
        self._rows = ArrivingRows(rooms, self.work, self._revisions)
        self._consented: list[tuple[ChannelEntry, str, str]] = []
        self._met: set[str] = set()

    def load(self, events: Sequence[tuple[ChannelEntry, Event]]) -> None:
        """Read everything these events may touch, in a few statements."""
        wanted: dict[AddressKey, set[ChannelEntry]] = {}
        aliased: set[AddressKey] = set()
        for channel, event in events:
            stops = isinstance(event, MessageStatusChanged) and event.problem and event.problem.stops_contact
            if stops or (isinstance(event, _WITH_CONTACT) and event.contact_address):
                keys = self._identities.keys(channel, event)
                for key in keys:
                    wanted.setdefault(key, set()).add(channel)
                if self._identities.has_aliases(channel):
                    aliased.update(keys)
        load(self.work, wanted, aliased)
        self._consent.load([(channel, address) for channel, event in events for address in named(event)])
        self._receipts.load(events)
        self._revisions.load(events)

    def apply(self, message_id: str, received_at: datetime, channel: ChannelEntry, event: Event) -> None:
        """One event."""
        match event:
            case MessageReceived():
                self._receive(message_id, received_at, channel, event)
            case MessageStatusChanged():
                self._receipts.apply(channel, event, received_at)
                if event.problem and event.problem.stops_contact:
                    self._consent.record(channel, event.contact_address, "opted_out", "provider", event.problem.code)
                    self._consented.append((channel, event.contact_address, "opted_out"))
                if event.problem and event.problem.outside_window:
                    self._close_window(channel, event)
                if event.problem and event.problem.pauses_channel:
                    pause(self.work.db, channel.id, channel.inbox.id, event.problem.code, event.problem.text, self._now)
            case ConsentChanged():
                self._change_consent(message_id, channel, event)
            case MessageEchoed():
                self._echo(message_id, received_at, channel, event)
            case MessageEdited() | MessageDeleted() | ReactionChanged():
                self._revisions.apply(channel, event)
            case AddressChanged():
                self._identities.move(channel, event)
            case ReadSeen():
                self._receipts.reached_until(channel, event, "read")
            case DeliveredSeen():
                self._receipts.reached_until(channel, event, "delivered")
            case TypingSeen():
                self._tell_typing(channel, event)
            case Referral():
                self._refer(received_at, channel, event)
            case Unsupported():
                self._trace(message_id, received_at, channel, event)

    def write(self) -> None:
        self._tell_consents()
        self._router.run()
        self._router.settle()
        self.work.write()
        self._revisions.write()
        self._router.finish()
        take_uploads(self.work.db, self._rows.uploads, self._now)
        self._receipts.write()
        self._consent.write()

    def _close_window(self, channel: ChannelEntry, event: MessageStatusChanged) -> None:
        if (state := self._receipts.known(channel, event.external_id)) is not None:
            close_window(self.work.db, state.conversation_id, self._now)

    def _change_consent(self, message_id: str, channel: ChannelEntry, event: ConsentChanged) -> None:
        if event.topic:  # everything else may be sent as before
            self._consent.record_topic(channel, event)
            return
        self._consent.record(
            channel, event.contact_address, event.state, event.source, event.evidence, event.pool, message_id
        )
        self._consented.append((channel, event.contact_address, event.state))

    def _tell_consents(self) -> None:
        """People and rules hear of it in the contact's open conversation on this channel: often the very message that
        said STOP has begun it, so it is told when the whole batch is known. Where there is none, the members of the
        channel's inbox hear that somebody has opted out, and no rule can do anything about it."""
        for channel, address, state in self._consent.recorded:
            tell_consent(self.work, channel, self._open(channel, address), state)
        for channel, address, state in self._consented:
            if (conversation := self._open(channel, address)) is not None:
                event, cause = f"contact_{state}", new_id()
                self._router.happened(Happening(event, conversation, cause, Chain(cause)))

    def _open(self, channel: ChannelEntry, address: str) -> ConversationState | None:
        """The contact's open conversation, if this batch knows it."""
        known = self.work.addresses.get(address_key(self._rooms, channel, address))
        return self.work.conversations.get((channel.id, known.id)) if known else None

    def after_commit(self) -> None:
        """Ring for what this transaction left to others."""
        bell = self._rooms.bell
        if self.work.outbox:
            bell.deliveries()
        if self._rows.fetches_media:
            bell.media()
        if self.work.messages:
            bell.search()
        if self._receipts.moved:
            delivery_events.ring(self._rooms)
        bell.feed()
        for key in self._revisions.forgotten:
            self._rooms.media.delete(key)
        for row in self.work.messages:
            metrics.messages.labels(str(row["direction"]), str(row["state"])).inc()
        if _INFO.isEnabledFor(logging.INFO):
            tell_log(self.work.messages, self._receipts.moved, self._router.matched)

    def _receive(self, message_id: str, received_at: datetime, channel: ChannelEntry, event: MessageReceived) -> None:
        if event.part is not None:
            joined = join_part(self.work.db, channel, message_id, self._now, event)
            if joined is None:
                return
            message_id, event = joined
        if self._receipts.has_received(channel, event.external_id):
            return  # the journal's own guard has been pruned; the message's has not
        if event.message_kind == "reaction" and self._reacts(channel, event):
            return
        address = self._identities.sender(channel, event)
        self._meet(channel, address)
        if is_history(channel, received_at):
            self._file(message_id, received_at, channel, event, address)
            return
        closed = surveyed(self._rooms, self.work, channel, address, event.text)
        wakes = event.message_kind != "reaction"  # it asks for nothing
        asks = wakes and closed is None
        begins = answered_campaign(self._rooms, self.work, channel, address, received_at) if asks else None
        if asks and begins is None:
            reopened(self._rooms, self.work, self._router, channel, address, message_id, received_at)
        conversation = closed or self.work.conversation(channel, address, received_at)
        conversation.acted_by = Actor("contact", address.contact.id)
        row = self._rows.row(message_id, received_at, channel, event, address)
        conversation.set(**news_of(conversation, event, received_at))
        if asks and conversation.row["waiting_since"] is None:
            conversation.set(waiting_since=received_at)
        if wakes and conversation.row["status"] == "snoozed":
            wake_up(self._rooms, self._router, conversation, message_id, self._now)
        self.work.add_message(conversation, row)
        if closed is not None:
            self._router.answer(conversation, row)
        elif wakes:
            self._router.route(conversation, row, provider_replies=event.provider_replies)

    def _reacts(self, channel: ChannelEntry, event: MessageReceived) -> bool:
        """Whether a reaction written as text has found the message it quotes."""
        known = self.work.addresses.get(address_key(self._rooms, channel, event.contact_address))
        reaction = reaction_meant(self.work.db, channel, known, event)
        if reaction is not None:
            self._receipts.load([(channel, reaction)])
            self._revisions.load([(channel, reaction)])
            self._revisions.apply(channel, reaction)
        return reaction is not None

    def _trace(self, message_id: str, received_at: datetime, channel: ChannelEntry, event: Unsupported) -> None:
        """Shown to whoever looks at the contact's open conversation; otherwise it is only counted."""
        if (conversation := self._open(channel, event.contact_address)) is not None:
            add_trace(self.work, conversation, message_id, event, received_at)

    def _meet(self, channel: ChannelEntry, address: AddressState) -> None:
        """Somebody new: the provider will be asked who he is, later and by others."""
        plugin = self._rooms.host.plugins.get(channel.channel_type)
        if address.is_new and address.id not in self._met and plugin is not None and plugin.capabilities.profiles:
            self._met.add(address.id)
            self.work.more.setdefault(contact_profiles, []).append(wanted_row(address.id, channel.id, self._now))

    def _refer(self, received_at: datetime, channel: ChannelEntry, event: Referral) -> None:
        address = self.work.address(address_key(self._rooms, channel, event.contact_address), None)
        conversation = self.work.conversations.get((channel.id, address.id))
        refer(channel, address, conversation, event, received_at)
        if conversation is not None:
            self.work.tell("conversation.updated", conversation, {"by": {"provider": "referral"}})

    def _tell_typing(self, channel: ChannelEntry, event: TypingSeen) -> None:
        """To whoever watches the open conversation; a contact without one has nobody to be seen by."""
        if (conversation := self._open(channel, event.contact_address)) is not None:
            self.work.tell("conversation.typing", conversation, {"by": {"kind": "contact"}})

    def _echo(self, message_id: str, received_at: datetime, channel: ChannelEntry, event: MessageEchoed) -> None:
        """The business wrote elsewhere: our own message coming back, or one to be shown as ours."""
        if self._receipts.settle_echo(channel, event, received_at):
            return
        address = self._identities.sender(channel, event)
        self._meet(channel, address)
        if is_history(channel, received_at):
            self._file(message_id, received_at, channel, event, address)
            return
        conversation = self.work.conversation(channel, address, received_at)
        if conversation.is_new and not conversation.row["message_count"]:
            conversation.set(started_by="agent")
        row = self._rows.row(message_id, received_at, channel, event, address)
        conversation.set(waiting_since=None)
        self.work.add_message(conversation, row)
        self._router.left(conversation, row)

    def _file(
        self,
        message_id: str,
        received_at: datetime,
        channel: ChannelEntry,
        event: MessageReceived | MessageEchoed,
        address: AddressState,
    ) -> None:
        """What was still on its way when a private number came into its inbox: with what was written before (A-4)."""
        conversation = history(self._rooms, self.work, channel, address)
        self.work.add_message(conversation, self._rows.row(message_id, received_at, channel, event, address))
