"""Receipts and other news about messages that exist: statuses, echoes, read marks.

A receipt may come before the send has returned. It then finds the message by our own id if the provider gave it back;
otherwise it waits in `receipts_pending` for a day until the provider's id is known.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import Boolean, Connection, Row, Text, and_, delete, or_, select, update

from casella import metrics
from casella.inbox.house import ChannelEntry, Rooms
from casella.inbox.receipts.early_receipts import ExternalKey, take_early
from casella.inbox.receipts.message_states import MessageState, StoredMessage
from casella.inbox.state import FAILED, SENT, Values, Workspace, tell_rules
from casella.inbox.views import message_updated
from casella.plugin import (
    DeliveredSeen,
    DeliveryProblem,
    Event,
    MessageDeleted,
    MessageEchoed,
    MessageEdited,
    MessageReceived,
    MessageStatusChanged,
    ReactionChanged,
    ReadSeen,
    clean_text,
)
from casella.plugin.events import DeliveryStatus
from casella.store import bulk
from casella.store.keys import ByKeys
from casella.store.prepared import among
from casella.store.tables import contact_addresses, conversations, messages, outbox, receipts_pending

KEPT_FOR = timedelta(hours=24)
_IN_OR_OUT = messages.c.direction.in_(("in", "out"))  # the index has it between channel and external id
_EXTERNAL_KEY = (messages.c.channel_id, messages.c.external_id)
_IN_ORDER = (
    select(*(messages.c[name] for name in StoredMessage._fields))
    .order_by(messages.c.id)
    .with_for_update(key_share=True)
)
_BY_EXTERNAL = ByKeys(_EXTERNAL_KEY, StoredMessage, lambda wanted: _IN_ORDER.where(wanted, _IN_OR_OUT))
_BY_EXTERNAL_OR_ID = ByKeys(
    _EXTERNAL_KEY,
    StoredMessage,
    lambda wanted: _IN_ORDER.where(or_(and_(wanted, _IN_OR_OUT), among(messages.c.id, "ids"))),
)


class ReceiptBook:
    """The messages one batch hears about."""

    def __init__(self, rooms: Rooms, work: Workspace) -> None:
        self._rooms = rooms
        self._work = work
        self._by_id: dict[str, MessageState] = {}
        self._by_external: dict[ExternalKey, MessageState] = {}
        self._early: list[Values] = []
        self.moved: list[tuple[str, str]] = []

    def load(self, events: Sequence[tuple[ChannelEntry, Event]]) -> None:
        externals = {(channel.id, external) for channel, event in events if (external := _external(event))}
        ids = {ours for _, event in events if (ours := _our_id(event))}
        if not externals and not ids:
            return
        db = self._work.db
        for row in _BY_EXTERNAL_OR_ID(db, externals, ids=ids) if ids else _BY_EXTERNAL(db, externals):
            self._remember(row)

    def known(self, channel: ChannelEntry, external_id: str) -> MessageState | None:
        """The stored message with the provider's id."""
        return self._by_external.get((channel.id, external_id))

    def has_received(self, channel: ChannelEntry, external_id: str) -> bool:
        """Whether a contact's message with the provider's id is stored already."""
        state = self.known(channel, external_id)
        return state is not None and state.direction == "in"

    def apply(self, channel: ChannelEntry, event: MessageStatusChanged, received_at: datetime) -> None:
        """Move a message's state up, or keep the receipt for later."""
        state = self._find(channel, event.message_id, event.external_id)
        if event.and_earlier:
            self._reach_earlier(channel, event, state, received_at)
        if state is None:
            self._early.append(
                {
                    "channel_id": channel.id,
                    "external_id": event.external_id,
                    "status": event.status,
                    "problem": event.problem.model_dump(mode="json") if event.problem else None,
                    "stops_contact": bool(event.problem and event.problem.stops_contact),
                    "received_at": received_at,
                }
            )
            return
        self._name(channel, state, event.external_id)
        self._move(channel, state, event.status, event.problem)

    def settle_echo(self, channel: ChannelEntry, event: MessageEchoed, received_at: datetime) -> bool:
        """True if the echo is of a message of ours; it then counts as its being sent. Without an id of ours it may
        still be of one that is being sent right now, or whose outcome is unknown: the oldest with the same words."""
        state = self._find(channel, event.message_id, event.external_id) or self._unsettled(channel, event)
        if state is None:
            return False
        self._name(channel, state, event.external_id)
        self._move(channel, state, "sent", None)
        return True

    def reached_until(
        self, channel: ChannelEntry, event: ReadSeen | DeliveredSeen, status: Literal["delivered", "read"]
    ) -> None:
        """Everything sent to this contact at or before the watermark has been delivered, or read. What the batch itself
        has just heard to be sent counts."""
        self._reach(channel, event.contact_address, event.watermark, status)

    def _reach_earlier(
        self, channel: ChannelEntry, event: MessageStatusChanged, state: MessageState | None, received_at: datetime
    ) -> None:
        """A message that is not known yet is being sent right now: whatever was sent before the mark came is older."""
        if event.status not in ("delivered", "read"):
            return
        until = event.provider_time or received_at
        if state is not None:
            query = select(messages.c.shown_at).where(messages.c.id == state.id)
            until = self._work.db.execute(query).scalar_one()
        self._reach(channel, event.contact_address, until, event.status)

    def _reach(self, channel: ChannelEntry, address: str, until: datetime, status: DeliveryStatus) -> None:
        below = ("sent", "delivered") if status == "read" else ("sent",)
        query = (
            select(messages)
            .join(conversations, conversations.c.id == messages.c.conversation_id)
            .join(contact_addresses, contact_addresses.c.id == conversations.c.address_id)
            .where(
                messages.c.channel_id == channel.id,
                contact_addresses.c.address == address,
                messages.c.direction == "out",
                messages.c.state.in_((*below, "sending", "unconfirmed")),
                messages.c.shown_at <= until,
            )
            .order_by(messages.c.id)
            .with_for_update(key_share=True, of=messages)
        )
        for row in self._work.db.execute(query).all():
            state = self._by_id.get(row.id) or self._remember(row)
            if state.state in below:
                self._move(channel, state, status, None)

    def write(self) -> None:
        db = self._work.db
        changed = sorted((state for state in self._by_id.values() if state.changed), key=lambda state: state.id)
        if changed:
            write_states(db, changed)
            tell_news(self._rooms, db, changed, self._work.now)
        if settled := [state.id for state in changed if state.settled]:
            db.execute(delete(outbox).where(outbox.c.message_id.in_(settled), outbox.c.state != "sending"))
        bulk.insert(db, receipts_pending, self._early)

    def _name(self, channel: ChannelEntry, state: MessageState, external_id: str) -> None:
        """The provider's id is known now: what waited for it is applied, what this batch has yet to bring finds it."""
        if state.external_id is None:
            state.external_id, key = external_id, (channel.id, external_id)
            self._by_external[key] = state
            for early in take_early(self._work.db, [key]).values():
                state.move_by(early)

    def _find(self, channel: ChannelEntry, ours: str | None, external_id: str) -> MessageState | None:
        state = self._by_external.get((channel.id, external_id))
        if state is None and ours is not None:
            state = self._by_id.get(ours)
            if state is not None and state.channel_id != channel.id:
                return None
        return state if state is not None and state.direction == "out" else None

    def _unsettled(self, channel: ChannelEntry, event: MessageEchoed) -> MessageState | None:
        query = (
            select(messages)
            .join(conversations, conversations.c.id == messages.c.conversation_id)
            .join(contact_addresses, contact_addresses.c.id == conversations.c.address_id)
            .where(
                messages.c.channel_id == channel.id,
                contact_addresses.c.address == event.contact_address,
                messages.c.direction == "out",
                messages.c.state.in_(("sending", "unconfirmed")),
                messages.c.external_id.is_(None),
                messages.c.text == clean_text(event.text),
            )
            .order_by(messages.c.id)
            .with_for_update(key_share=True, of=messages)
        )
        found = [self._by_id.get(row.id) or self._remember(row) for row in self._work.db.execute(query).all()]
        return next((state for state in found if state.external_id is None), None)

    def _move(self, channel: ChannelEntry, state: MessageState, reported: str, problem: DeliveryProblem | None) -> None:
        state.changed = True  # its external id may be news even when its state is not
        state.settled = True
        if state.move(reported, problem):
            self.moved.append((state.id, state.state))
            metrics.messages.labels("out", state.state).inc()
            self.tell(state)

    def tell(self, state: MessageState) -> None:
        """The feed hears of a changed message."""
        self._work.events.append(message_updated(state.conversation_id, state.id))

    def _remember(self, row: Row[tuple[object, ...]] | StoredMessage) -> MessageState:
        state = MessageState.of(row)
        self._by_id[state.id] = state
        if state.external_id:
            self._by_external[(state.channel_id, state.external_id)] = state
        return state


_SET_STATES = bulk.Update(
    lambda new: (
        update(messages)
        .where(messages.c.id == new.row_id)
        .values(
            state=new.state,
            external_id=new.external_id,
            error_code=new.error_code,
            error_text=new.error_text,
            error_retryable=new.error_retryable,
        )
    ),
    row_id=Text(), state=Text(), external_id=Text(), error_code=Text(), error_text=Text(), error_retryable=Boolean(),
)  # fmt: skip


def write_states(db: Connection, states: Sequence[MessageState]) -> None:
    """Store the states of messages, which are held."""
    _SET_STATES(
        db,
        [
            {
                "row_id": state.id,
                "state": state.state,
                "external_id": state.external_id,
                "error_code": state.error.code if state.error else None,
                "error_text": state.error.text if state.error else None,
                "error_retryable": state.error.retryable if state.error else None,
            }
            for state in states
        ],
    )


def tell_news(rooms: Rooms, db: Connection, states: Iterable[MessageState], now: datetime) -> None:
    """The rules hear of messages that have left, or failed."""
    told = [state for state in states if state.news]
    for event in (SENT, FAILED):
        tell_rules(rooms, db, event, ((s.id, s.conversation_id) for s in told if s.news == event), now)


def _external(event: Event) -> str | None:
    match event:
        case (
            MessageReceived() | MessageStatusChanged() | MessageEchoed() | MessageEdited() | MessageDeleted()
            | ReactionChanged()
        ):  # fmt: skip
            return event.external_id
        case _:
            return None


def _our_id(event: Event) -> str | None:
    return event.message_id if isinstance(event, MessageStatusChanged | MessageEchoed) else None
