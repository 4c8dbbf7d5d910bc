"""What of the outbox is due: asked again and again while anything is sent, so by texts that are kept prepared.

`held_since`: what became unsure after that moment still holds up what waits behind it (`claiming.HOLD`).
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, bindparam, exists, func, select, update

from casella.inbox.sending.outgoing import DueMessage
from casella.store.prepared import Change, Query, among
from casella.store.tables import channels, contact_addresses, conversations, messages, outbox


class DueChannel(NamedTuple):
    id: str
    paused_code: str | None
    paused_until: datetime | None


class Head(NamedTuple):
    message_id: str
    address: str


class HeadId(NamedTuple):
    message_id: str


class NextDue(NamedTuple):
    at: datetime | None


_NOW = bindparam("now", type_=outbox.c.due_at.type)
_MAY_LEAVE = outbox.c.until.is_(None) | (outbox.c.until > _NOW)


def _is_due_head() -> ColumnElement[bool]:
    """The first waiting message of its conversation, but for those that let it pass, and its time has come."""
    earlier = outbox.alias("earlier")
    held_since = bindparam("held_since", type_=outbox.c.due_at.type)
    holds = earlier.c.state.in_(("queued", "sending")) | (earlier.c.unsure_since > held_since)
    is_head = ~exists().where(
        earlier.c.conversation_id == outbox.c.conversation_id, earlier.c.position < outbox.c.position, holds,
        earlier.c.rank <= outbox.c.rank,
    )  # fmt: skip
    return (outbox.c.state == "queued") & (outbox.c.due_at <= _NOW) & is_head & _MAY_LEAVE


def _passes() -> ColumnElement[bool]:
    """One before it is unconfirmed, and was waited for long enough."""
    unsure = outbox.alias("unsure")
    return exists().where(
        unsure.c.conversation_id == outbox.c.conversation_id, unsure.c.state == "unconfirmed",
        unsure.c.unsure_since.is_not(None),
    )  # fmt: skip


CHANNELS = Query(
    DueChannel,
    select(channels.c.id, channels.c.paused_code, channels.c.paused_until)
    .where(
        exists().where(
            outbox.c.channel_id == channels.c.id, outbox.c.state == "queued", outbox.c.due_at <= _NOW, _MAY_LEAVE
        )
    )
    .order_by(channels.c.id),
)
"""In the order in which all lock them."""

HEADS = Query(
    Head,
    select(outbox.c.message_id, contact_addresses.c.address)
    .join(conversations, conversations.c.id == outbox.c.conversation_id)
    .join(contact_addresses, contact_addresses.c.id == conversations.c.address_id)
    .where(outbox.c.channel_id == bindparam("channel"), _is_due_head())
    .order_by(outbox.c.rank, outbox.c.due_at, outbox.c.position)
    .limit(bindparam("most")),
)
STILL = Query(
    HeadId,
    select(outbox.c.message_id)
    .where(outbox.c.channel_id == bindparam("channel"), among(outbox.c.message_id, "ids"), _is_due_head())
    .order_by(outbox.c.rank, outbox.c.due_at, outbox.c.position)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True),
)
"""Of these, which still are, and by whom nobody else is."""

DETAILS = Query(
    DueMessage,
    select(
        messages.c.id, messages.c.conversation_id, messages.c.sender_kind, messages.c.kind, messages.c.text,
        messages.c.details, messages.c.has_attachments, messages.c.reply_to,
        conversations.c.status, conversations.c.replyable, conversations.c.last_inbound_at,
        conversations.c.window_closed_at, contact_addresses.c.address, outbox.c.attempts, outbox.c.rank,
        outbox.c.purpose, _passes().label("passes"),
    )
    .join(outbox, outbox.c.message_id == messages.c.id)
    .join(conversations, conversations.c.id == messages.c.conversation_id)
    .join(contact_addresses, contact_addresses.c.id == conversations.c.address_id)
    .where(among(messages.c.id, "ids"))
    .order_by(messages.c.id),
)  # fmt: skip
NEXT = Query(
    NextDue,
    select(func.min(outbox.c.due_at).label("at")).where(outbox.c.state == "queued", outbox.c.due_at > _NOW),
)
SENDING = Change(update(messages).where(among(messages.c.id, "ids")).values(state="sending"))
CLAIMED = Change(
    update(outbox)
    .where(among(outbox.c.message_id, "ids"))
    .values(
        state="sending",
        token=bindparam("by"),
        attempts=outbox.c.attempts + 1,
        started_at=bindparam("now"),
        leased_until=bindparam("until"),
        unsure_since=None,
    )
)
