"""Claiming what is due in the outbox: in order per conversation, within each channel's rate, by one process only.

The gate is asked again here (law 7): consent may have been withdrawn, the window may have closed since queueing.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Row, delete, exists, func, select, update

from casella.errors import PluginFailed
from casella.inbox.consent import stopped
from casella.inbox.house import ChannelEntry, Rooms, able
from casella.inbox.sending.content import from_details
from casella.inbox.sending.outgoing_files import outgoing_files
from casella.inbox.sending.pacing import PaceBook
from casella.inbox.sending.permission import SET_ASIDE, Permission, Recipient, Way, judge
from casella.inbox.state import FAILED, tell_rules
from casella.inbox.views import message_updated, tell
from casella.plugin import Channel, OutgoingMessage
from casella.store.sessions import hold_briefly
from casella.store.tables import channels, contact_addresses, conversations, messages, outbox

_AT_ONCE = 0.01
LEASE = timedelta(seconds=8)
"""How long a claim is held without a sign of life (`casella.inbox.sending.leases`), however long its send takes."""
LONGEST_PAUSE = timedelta(hours=1, minutes=1)
"""A pause is an hour at most (`outcomes.LONGEST_WISH`). One that ends later was written by a clock that was wrong."""
HOLD = timedelta(seconds=10)
"""What waits behind a message whose outcome is unknown is held for so long: most look-ups and receipts come in this
time, and if it turns out not to have been taken, it is sent again first. Then the conversation goes on, and shows the
message as unconfirmed."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A message that this process alone may send, until its lease ends."""

    message_id: str
    conversation_id: str
    inbox_id: str
    channel_key: str
    channel_type: str
    channel: Channel
    message: OutgoingMessage
    token: str
    attempt: int


def claim_due(rooms: Rooms, db: Connection, most: int, now: datetime) -> tuple[list[Claim], float | None]:
    """Up to `most` messages that are due, marked `sending`. The second value: seconds until a channel's rate or
    pause allows more, None when nothing waits for that."""
    hold_briefly(db)
    claims: list[Claim] = []
    look_again: float | None = None
    for channel in _channels_with_due(rooms, db, now):
        wanted = most - len(claims)
        if wanted <= 0:
            break
        allowed, wait = _allowance(rooms, db, channel, wanted, now)
        rows = _due_heads(db, channel, allowed, now) if allowed else []
        try:
            taken, held_back = _admit(rooms, db, channel, rows, now)
        except PluginFailed:  # it is set aside now: its queue is kept, the other channels go on
            continue
        claims += taken
        _spend(db, channel, len(taken))
        if held_back:
            look_again = _AT_ONCE  # who was held back may have stood before others
        if wait is not None and len(rows) >= allowed:
            look_again = min(wait, look_again or wait)
    return claims, look_again or _next_due(db, now)


def _channels_with_due(rooms: Rooms, db: Connection, now: datetime) -> list[ChannelEntry]:
    query = select(outbox.c.channel_id).where(outbox.c.state == "queued", outbox.c.due_at <= now).distinct()
    known = rooms.directory.current.channels
    return [known[id] for id in sorted(db.execute(query).scalars()) if id in known]


def _allowance(
    rooms: Rooms, db: Connection, channel: ChannelEntry, wanted: int, now: datetime
) -> tuple[int, float | None]:
    """How many the channel's rate allows now (a token bucket in its row, shared by all processes), and when more."""
    row = db.execute(select(channels).where(channels.c.id == channel.id).with_for_update(key_share=True)).one()
    lasts = row.paused_until is None or now < row.paused_until <= now + LONGEST_PAUSE
    if row.paused_code is not None and lasts:
        return 0, (row.paused_until - now).total_seconds() if row.paused_until else None
    if channel.channel is None or rooms.host.is_quarantined(channel.channel_type):
        return 0, None
    if rooms.host.breakers.is_aside(channel.channel_type, "send"):
        wait = rooms.host.breakers.seconds_to_probe(channel.channel_type, "send")
        if wait > 0:
            return 0, wait
        wanted = 1  # the probe
    rate = _rate(rooms, channel)
    known = min(row.send_tokens_at, now) if row.send_tokens_at else None  # no right clock has written a later time
    since = (now - known).total_seconds() if known else 1.0
    tokens = min(max(rate, 1.0), row.send_tokens + max(0.0, since) * rate)
    db.execute(update(channels).where(channels.c.id == channel.id).values(send_tokens=tokens, send_tokens_at=now))
    allowed = min(wanted, int(tokens))
    return allowed, (1.0 if allowed == wanted else max(0.01, (1 - (tokens - allowed)) / rate))


def _rate(rooms: Rooms, channel: ChannelEntry) -> float:
    """Sends per second: the channel's own option, or its type's default."""
    option = channel.channel.options.get("sends_per_second", "") if channel.channel else ""
    try:
        return max(0.01, float(option))
    except ValueError:
        return able(rooms, channel).sends_per_second


def _spend(db: Connection, channel: ChannelEntry, count: int) -> None:
    if count:
        db.execute(
            update(channels).where(channels.c.id == channel.id).values(send_tokens=channels.c.send_tokens - count)
        )


def _due_heads(db: Connection, channel: ChannelEntry, most: int, now: datetime) -> Sequence[Row[tuple[object, ...]]]:
    """The first waiting message of each conversation, oldest first; rows another process is claiming are skipped."""
    earlier = outbox.alias("earlier")
    holds = earlier.c.state.in_(("queued", "sending")) | (earlier.c.unsure_since > now - HOLD)
    is_head = ~exists().where(
        earlier.c.conversation_id == outbox.c.conversation_id, earlier.c.position < outbox.c.position, holds
    )
    query = (
        select(outbox.c.message_id)
        .where(outbox.c.channel_id == channel.id, outbox.c.state == "queued", outbox.c.due_at <= now, is_head)
        .order_by(outbox.c.due_at, outbox.c.position)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    found = db.execute(query).scalars().all()
    if not found:
        return []
    details = (
        select(messages, conversations.c.status, conversations.c.replyable, conversations.c.last_inbound_at,
               conversations.c.window_closed_at,
               conversations.c.window_closed_at, contact_addresses.c.address, outbox.c.attempts)
        .join(outbox, outbox.c.message_id == messages.c.id)
        .join(conversations, conversations.c.id == messages.c.conversation_id)
        .join(contact_addresses, contact_addresses.c.id == conversations.c.address_id)
        .where(messages.c.id.in_(found))
        .order_by(messages.c.id)
    )  # fmt: skip
    return db.execute(details).all()


def _admit(
    rooms: Rooms, db: Connection, channel: ChannelEntry, rows: Sequence[Row[tuple[object, ...]]], now: datetime
) -> tuple[list[Claim], int]:
    """Mark as `sending` what the gate still lets through; the rest fails with the gate's reason, or waits because its
    contact was written to a moment ago: how many do is the second value."""
    opted_out = stopped(rooms, db, channel, [row.address for row in rows])
    paces = PaceBook(db, channel.id, able(rooms, channel).contact_pace, {row.address for row in rows}, now)
    claims: list[Claim] = []
    held_back = 0
    token = secrets.token_hex(8)  # fences this claim: a sender that lost its lease cannot record over a later one
    for row in rows:
        # A conversation closed since then does not hold back what was queued while it was open.
        out = row.address in opted_out
        to = Recipient(row.address, out, row.replyable, "open", row.last_inbound_at, row.window_closed_at)
        permission = judge(rooms, channel, to, now, Way(row.sender_kind == "agent", row.kind == "template"))
        if permission.code == SET_ASIDE:
            break
        if permission.allowed and (until := paces.waits_until(row.address)):
            db.execute(update(outbox).where(outbox.c.message_id == row.id).values(due_at=until))
            held_back += 1
        elif permission.allowed:
            paces.spend(row.address)
            in_window = permission.window_closes_at is None or now < permission.window_closes_at
            claims.append(_claim(rooms, db, channel, row, token, in_window=in_window))
        else:
            _refuse(rooms, db, channel, row, permission, now)
    if claims:
        _mark(rooms, db, channel, claims, now)
        paces.write()
    return claims, held_back


def _claim(
    rooms: Rooms, db: Connection, channel: ChannelEntry, row: Row[tuple[object, ...]], token: str, *, in_window: bool
) -> Claim:
    assert channel.channel is not None, "the allowance has looked"
    message = OutgoingMessage(
        id=row.id,
        to=row.address,
        text=row.text,
        status_url=f"{channel.channel.connection.webhook_url}?message_id={row.id}",
        attachments=outgoing_files(rooms, db, row.id) if row.has_attachments else (),
        reply_to=_external_id(db, row.reply_to) if row.reply_to else None,
        content=from_details(row.details),
        by_person=row.sender_kind == "agent",
        in_window=in_window,
    )
    return Claim(
        row.id, row.conversation_id, channel.inbox.id, channel.key, channel.channel_type, channel.channel, message,
        token, row.attempts + 1,
    )  # fmt: skip


def _external_id(db: Connection, message_id: str) -> str | None:
    return db.execute(select(messages.c.external_id).where(messages.c.id == message_id)).scalar_one_or_none()


def _mark(rooms: Rooms, db: Connection, channel: ChannelEntry, claims: Sequence[Claim], now: datetime) -> None:
    ids = [claim.message_id for claim in claims]
    db.execute(update(messages).where(messages.c.id.in_(ids)).values(state="sending"))
    db.execute(
        update(outbox)
        .where(outbox.c.message_id.in_(ids))
        .values(
            state="sending",
            token=claims[0].token,
            attempts=outbox.c.attempts + 1,
            started_at=now,
            leased_until=now + LEASE,
            unsure_since=None,
        )
    )


def _refuse(
    rooms: Rooms,
    db: Connection,
    channel: ChannelEntry,
    row: Row[tuple[object, ...]],
    permission: Permission,
    now: datetime,
) -> None:
    db.execute(delete(outbox).where(outbox.c.message_id == row.id))
    db.execute(
        update(messages)
        .where(messages.c.id == row.id)
        .values(state="failed", error_code=permission.code, error_text=permission.text, error_retryable=False)
    )
    tell(rooms, db, [message_updated(row.conversation_id, row.id)], now)
    tell_rules(rooms, db, FAILED, [(row.id, row.conversation_id)], now)


def _next_due(db: Connection, now: datetime) -> float | None:
    due = db.execute(select(func.min(outbox.c.due_at)).where(outbox.c.state == "queued", outbox.c.due_at > now))
    at = due.scalar_one_or_none()
    return max(0.01, (at - now).total_seconds()) if at else None
