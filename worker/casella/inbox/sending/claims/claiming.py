"""Claiming what is due in the outbox: in order per conversation, within each channel's rate, by one process only.

The gate is asked again here (law 7): consent may have been withdrawn, the window may have closed since queueing.

What people, rules and surveys write has rank 0. A campaign's has rank 1: it lets all of these pass, also in its own
conversation, and never takes the last threads.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, update

from casella.errors import PluginFailed
from casella.inbox.consent import MARKETING, agreed, stopped
from casella.inbox.house import ChannelEntry, Rooms, able
from casella.inbox.sending.claims import due
from casella.inbox.sending.outgoing import DueMessage, outgoing_message
from casella.inbox.sending.pacing import PaceBook, allowance, is_paused, spend
from casella.inbox.sending.permission import (
    SET_ASIDE,
    Permission,
    Recipient,
    Refusals,
    Way,
    judge,
    refusals,
)
from casella.inbox.sending.settling import tell_passed
from casella.inbox.state import FAILED, tell_rules
from casella.inbox.views import message_updated, tell
from casella.plugin import Channel, OutgoingMessage
from casella.store.sessions import hold_briefly
from casella.store.tables import messages, outbox

_AT_ONCE = 0.01
LEASE = timedelta(seconds=8)
"""How long a claim is held without a sign of life (`casella.inbox.sending.leases`), however long its send takes."""
HOLD = timedelta(seconds=10)
"""What waits behind a message whose outcome is unknown is held for so long: most look-ups and receipts come in this
time, and if it turns out not to have been taken, it is sent again first. Then the conversation goes on, and shows the
message as unconfirmed."""


NO_CONSENT = Permission(
    False, "no_marketing_consent", "The contact has not agreed to marketing messages.",
    instead="Ask him first, or send what is no marketing.",
)  # fmt: skip
"""Of what only who has agreed to it is sent."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A message that this process alone may send, until its lease ends. `passes`: one before it is unconfirmed, and was
    waited for long enough."""

    message_id: str
    conversation_id: str
    inbox_id: str
    channel_key: str
    channel_type: str
    channel: Channel
    message: OutgoingMessage
    token: str
    attempt: int
    passes: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """The messages of a channel that were due when its plugin was asked, and what it said."""

    heads: Sequence[str] = ()
    refusals: Refusals = field(default_factory=dict)


def claim_due(
    rooms: Rooms, db: Connection, most: int, now: datetime, kept_free: int = 0
) -> tuple[list[Claim], float | None]:
    """Up to `most` messages that are due, marked `sending`; so few of campaigns that `kept_free` more could be. The
    second value: seconds until a channel's rate or pause allows more, None when nothing waits for that. Plugins are
    asked first, while nothing is locked."""
    asked_of = [
        (channel, Asked() if paused else _ask(rooms, db, channel, most, now))
        for channel, paused in _channels_with_due(rooms, db, now)
    ]
    hold_briefly(db)
    claims: list[Claim] = []
    look_again: float | None = None
    for channel, asked in asked_of:
        wanted = most - len(claims)
        if wanted <= 0:
            break
        allowed, wait = allowance(rooms, db, channel, wanted, now)
        rows = _due_heads(db, channel, asked.heads, allowed, now) if allowed and asked.heads else []
        rows = _with_room(rows, wanted - kept_free)
        try:
            taken, held_back = _admit(rooms, db, channel, rows, asked.refusals, now)
        except PluginFailed:  # it is set aside now: its queue is kept, the other channels go on
            continue
        claims += taken
        spend(db, channel, len(taken))
        if held_back:
            look_again = _AT_ONCE  # who was held back may have stood before others
        if wait is not None and len(rows) >= allowed:
            look_again = min(wait, look_again or wait)
    tell_passed(rooms, db, [claim.conversation_id for claim in claims if claim.passes], now)
    return claims, look_again or _next_due(db, now)


def _channels_with_due(rooms: Rooms, db: Connection, now: datetime) -> list[tuple[ChannelEntry, bool]]:
    """In the order in which all lock them; and whether nothing leaves there for now."""
    known = rooms.directory.current.channels
    return [
        (known[row.id], is_paused(row.paused_code, row.paused_until, now))
        for row in due.CHANNELS(db, now=now)
        if row.id in known
    ]


def _ask(rooms: Rooms, db: Connection, channel: ChannelEntry, most: int, now: datetime) -> Asked:
    heads = due.HEADS(db, channel=channel.id, now=now, held_since=now - HOLD, most=most)
    try:
        return Asked([row.message_id for row in heads], refusals(rooms, channel, {row.address for row in heads}))
    except PluginFailed:  # its queue is kept
        return Asked()


def _with_room(rows: Sequence[DueMessage], for_campaigns: int) -> Sequence[DueMessage]:
    """All answers, and of campaigns' messages the first so many less."""
    answers = [row for row in rows if row.rank == 0]
    others = [row for row in rows if row.rank > 0]
    return [*answers, *others[: max(0, for_campaigns - len(answers))]] if others else rows


def _due_heads(
    db: Connection, channel: ChannelEntry, asked: Sequence[str], most: int, now: datetime
) -> Sequence[DueMessage]:
    """Those that still are, oldest first; rows another process is claiming are skipped."""
    found = due.STILL(db, channel=channel.id, ids=asked, now=now, held_since=now - HOLD, most=most)
    return due.DETAILS(db, ids=[row.message_id for row in found]) if found else []


def _admit(
    rooms: Rooms,
    db: Connection,
    channel: ChannelEntry,
    rows: Sequence[DueMessage],
    asked: Refusals,
    now: datetime,
) -> tuple[list[Claim], int]:
    """Mark as `sending` what the gate still lets through; the rest fails with the gate's reason, or waits because its
    contact was written to a moment ago: how many do is the second value."""
    opted_out = stopped(rooms, db, channel, [row.address for row in rows])
    marketing = {row.address for row in rows if row.purpose == MARKETING}
    willing = agreed(rooms, db, channel, marketing) if marketing else set()
    paces = PaceBook(db, channel.id, able(rooms, channel).contact_pace, {row.address for row in rows}, now)
    claims: list[Claim] = []
    held_back = 0
    token = secrets.token_hex(8)  # fences this claim: a sender that lost its lease cannot record over a later one
    for row in rows:
        # A conversation closed since then does not hold back what was queued while it was open.
        out = row.address in opted_out
        to = Recipient(row.address, out, row.replyable, "open", row.last_inbound_at, row.window_closed_at)
        permission = judge(rooms, channel, to, now, Way(row.sender_kind == "agent", row.kind == "template"), asked)
        if permission.code == SET_ASIDE:
            break
        if permission.allowed and row.purpose == MARKETING and row.address not in willing:
            permission = NO_CONSENT
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
        _mark(db, claims, now)
        paces.write()
    return claims, held_back


def _claim(
    rooms: Rooms, db: Connection, channel: ChannelEntry, row: DueMessage, token: str, *, in_window: bool
) -> Claim:
    assert channel.channel is not None, "the allowance has looked"
    message = outgoing_message(rooms, db, channel.channel, row, in_window=in_window)
    return Claim(
        row.id, row.conversation_id, channel.inbox.id, channel.key, channel.channel_type, channel.channel, message,
        token, row.attempts + 1, row.passes,
    )  # fmt: skip


def _mark(db: Connection, claims: Sequence[Claim], now: datetime) -> None:
    ids = [claim.message_id for claim in claims]
    due.SENDING(db, ids=ids)
    due.CLAIMED(db, ids=ids, by=claims[0].token, now=now, until=now + LEASE)


def _refuse(
    rooms: Rooms,
    db: Connection,
    channel: ChannelEntry,
    row: DueMessage,
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
    at = due.NEXT(db, now=now)[0].at
    return max(0.01, (at - now).total_seconds()) if at else None
