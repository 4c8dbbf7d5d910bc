"""Settling what was left open: receipts that came early, sends whose outcome is unknown, rows nobody needs any more."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import httpx
import structlog
from sqlalchemy import ColumnElement, Connection, Exists, Row, delete, exists, insert, literal, select, update
from sqlalchemy.exc import DBAPIError

from casella.errors import CasellaError, Conflict, NotFound
from casella.inbox.house import Rooms
from casella.inbox.notices import Notice, write_notices
from casella.inbox.receipts import KEPT_FOR, MessageState, take_early, tell_news, write_states
from casella.inbox.sending.outgoing import outgoing_message
from casella.inbox.state import news_of
from casella.inbox.views import message_updated, tell
from casella.plugin import LookupResult, SendAttempt, SendError
from casella.store.feed import ConversationEvent
from casella.store.forgetting import forget
from casella.store.tables import (
    contact_addresses,
    conversations,
    idempotency_keys,
    messages,
    outbox,
    receipts_pending,
    send_attempts,
)

_log = structlog.get_logger("casella.settling")
_ASK_FOR = timedelta(hours=2)
_BETWEEN = timedelta(seconds=20)
Text = ColumnElement[str]


def match_early_receipts(rooms: Rooms) -> int:
    """Apply receipts whose message's external id became known at the same moment, and drop those a day old."""
    with rooms.store.read() as db:
        if db.execute(select(receipts_pending.c.id).limit(1)).first() is None:
            return 0
    now = rooms.clock.now()
    with rooms.store.write() as db:
        db.execute(delete(receipts_pending).where(receipts_pending.c.received_at < now - KEPT_FOR))
        same = (messages.c.channel_id == receipts_pending.c.channel_id) & (
            messages.c.external_id == receipts_pending.c.external_id
        )
        query = select(messages).where(messages.c.direction == "out", exists().where(same)).order_by(messages.c.id)
        rows = {(row.channel_id, row.external_id): row for row in db.execute(query.with_for_update(key_share=True))}
        states = [_after_receipts(rows[key], early) for key, early in take_early(db, list(rows)).items()]
        if states:
            _write(rooms, db, states, now)
    if states:
        rooms.bell.feed()
    return len(states)


def _after_receipts(row: Row[tuple[object, ...]], early: list[dict[str, object]]) -> MessageState:
    state = MessageState.of(row)
    state.move_by(early)
    return state


def look_up_unconfirmed(rooms: Rooms, http: httpx.Client, limit: int = 20) -> int:
    """Ask providers what became of sends whose outcome is unknown. Returns how many were settled."""
    settled = 0
    for row in _take_unconfirmed(rooms, limit):
        try:
            found = _ask(rooms, http, row)
        except (SendError, CasellaError) as error:
            _log.info("unconfirmed send not looked up", message_id=row.message_id, reason=type(error).__name__)
            continue
        try:
            settled += _settle_as_found(rooms, row.message_id, found)
        except DBAPIError as error:  # an id that is another message's, or none at all: people decide
            _log.warning("lookup not used", message_id=row.message_id, reason=type(error).__name__)
    if settled:
        rooms.bell.feed()
        rooms.bell.deliveries()
    return settled


def _settle_as_found(rooms: Rooms, message_id: str, found: LookupResult) -> int:
    if found.outcome == "taken" and found.sent is not None:
        return _settle(rooms, message_id, "sent", found.sent.external_id)
    return _settle(rooms, message_id, "queued", None) if found.outcome == "not_taken" else 0


def _take_unconfirmed(rooms: Rooms, limit: int) -> list[Row[tuple[object, ...]]]:
    """Unconfirmed sends whose turn to be asked about has come; `leased_until` is when that is. One that could be taken
    for another of the same text, whose outcome is open too, is not asked about: a receipt or an agent settles it."""
    now = rooms.clock.now()
    query = (
        select(outbox, messages.c.text, contact_addresses.c.address)
        .join(messages, messages.c.id == outbox.c.message_id)
        .join(conversations, conversations.c.id == messages.c.conversation_id)
        .join(contact_addresses, contact_addresses.c.id == conversations.c.address_id)
        .where(
            outbox.c.state == "unconfirmed", outbox.c.leased_until <= now, outbox.c.started_at > now - _ASK_FOR,
            ~_has_rival(outbox.c.message_id, outbox.c.conversation_id, messages.c.text),
        )
        .order_by(outbox.c.leased_until)
        .limit(limit)
    )  # fmt: skip
    with rooms.store.read() as db:
        if db.execute(query.limit(1)).first() is None:
            return []
    with rooms.store.write() as db:
        rows = list(db.execute(query.with_for_update(skip_locked=True, of=outbox)).all())
        ids = [row.message_id for row in rows]
        db.execute(update(outbox).where(outbox.c.message_id.in_(ids)).values(leased_until=now + _BETWEEN))
    return rows


def _has_rival(message_id: Text, conversation_id: Text, text: Text) -> Exists:
    """Whether another send of the same text to the same contact is open: the provider's list cannot tell them apart."""
    other, theirs = outbox.alias("rival"), messages.alias("rival_message")
    return exists().where(
        other.c.conversation_id == conversation_id,
        other.c.message_id != message_id,
        other.c.state.in_(("sending", "unconfirmed")),
        theirs.c.id == other.c.message_id,
        theirs.c.text == text,
    )


def _is_certain(db: Connection, row: Row[tuple[object, ...]], external_id: str) -> bool:
    """Asking took time: the provider's message may turn out to be one that was sent meanwhile."""
    taken = exists().where(
        messages.c.channel_id == row.channel_id, messages.c.direction == "out", messages.c.external_id == external_id,
        messages.c.id != row.id,
    )  # fmt: skip
    rival = _has_rival(literal(row.id), literal(row.conversation_id), literal(row.text))
    return not db.execute(select(taken | rival)).scalar_one()


def _ask(rooms: Rooms, http: httpx.Client, row: Row[tuple[object, ...]]) -> LookupResult:
    channel = rooms.directory.current.channels.get(row.channel_id)
    if channel is None or channel.channel is None:
        raise NotFound
    plugin = rooms.host.plugin(channel.channel_type)
    target = channel.channel
    with rooms.store.read() as db:
        whole = select(messages, literal(row.address).label("address")).where(messages.c.id == row.message_id)
        message = outgoing_message(rooms, db, target, db.execute(whole).one())
        known = _known_ids(db, row.channel_id, row.started_at)
    attempt = SendAttempt(message, row.started_at, row.attempts, known)
    return rooms.host.call(plugin, "lookup", lambda: plugin.lookup(target, attempt, http), LookupResult)


def _known_ids(db: Connection, channel_id: str, since: datetime) -> frozenset[str]:
    """External ids of this channel's other messages of that time: a lookup must not take one of them for ours."""
    query = select(messages.c.external_id).where(
        messages.c.channel_id == channel_id,
        messages.c.direction == "out",
        messages.c.external_id.is_not(None),
        messages.c.received_at > since - timedelta(hours=1),
    )
    return frozenset(db.execute(query).scalars())


def settle(rooms: Rooms, message_id: str, verdict: str) -> None:
    """`settle_in`, in a transaction of its own."""
    with rooms.store.write() as db:
        settle_in(db, rooms, message_id, verdict, rooms.clock.now())
    rooms.bell.deliveries()
    rooms.bell.feed()


def settle_in(db: Connection, rooms: Rooms, message_id: str, verdict: str, at: datetime) -> None:
    """An agent decides about an unconfirmed message: "sent" (he knows it arrived) or "send_again". Raises NotFound,
    and Conflict when it is not, or no longer, unconfirmed. After the commit, ring `deliveries` and `feed`."""
    if db.execute(select(messages.c.id).where(messages.c.id == message_id)).one_or_none() is None:
        raise NotFound
    if not _settle_in(db, rooms, message_id, "sent" if verdict == "sent" else "queued", None, at):
        raise Conflict("This message is not unconfirmed any more; look at its state.", code="not_unconfirmed")


def _settle(rooms: Rooms, message_id: str, state: str, external_id: str | None) -> int:
    with rooms.store.write() as db:
        return _settle_in(db, rooms, message_id, state, external_id, rooms.clock.now())


def _settle_in(
    db: Connection, rooms: Rooms, message_id: str, state: str, external_id: str | None, now: datetime
) -> int:
    query = select(messages).where(messages.c.id == message_id, messages.c.state == "unconfirmed")
    row = db.execute(query.with_for_update(key_share=True)).one_or_none()
    if row is None or (external_id is not None and not _is_certain(db, row, external_id)):
        return 0
    found = MessageState(row.id, row.channel_id, row.conversation_id, external_id or row.external_id, "out", state, "")
    found.news = news_of("unconfirmed", state)
    _write(rooms, db, [found], now)
    if state == "queued":
        db.execute(
            update(outbox)
            .where(outbox.c.message_id == message_id)
            .values(state="queued", due_at=now, token=None, leased_until=None)
        )
    else:
        db.execute(delete(outbox).where(outbox.c.message_id == message_id))
    db.execute(
        insert(send_attempts),
        {"message_id": message_id, "number": 0, "started_at": now, "ended_at": now, "outcome": f"settled_{state}",
         "external_id": external_id},
    )  # fmt: skip
    return 1


def _write(rooms: Rooms, db: Connection, states: list[MessageState], now: datetime) -> None:
    write_states(db, sorted(states, key=lambda state: state.id))
    tell_news(rooms, db, states, now)
    tell(rooms, db, [message_updated(s.conversation_id, s.id) for s in states], now)


def prune(db: Connection, before: datetime) -> int:
    """Drop a batch of idempotency keys that are older than anybody needs."""
    return forget(db, idempotency_keys, idempotency_keys.c.created_at < before)


def tell_passed(rooms: Rooms, db: Connection, passing: Sequence[str], now: datetime) -> None:
    """Conversations that go on past a message of which nobody knows whether it arrived: whoever has the conversation,
    or else wrote the message, is told, once."""
    if not passing:
        return
    left = (
        outbox.c.conversation_id.in_(passing) & (outbox.c.state == "unconfirmed") & outbox.c.unsure_since.is_not(None)
    )
    passed = db.execute(update(outbox).where(left).values(unsure_since=None).returning(outbox.c.message_id)).scalars()
    query = (
        select(messages.c.id, messages.c.sender_kind, messages.c.sender_id, conversations.c.id.label("conversation_id"),
               conversations.c.assignee_id)
        .join(conversations, conversations.c.id == messages.c.conversation_id)
        .where(messages.c.id.in_(passed.all()))
    )  # fmt: skip
    told = [
        Notice(agent_id, row.conversation_id, "unconfirmed", message_id=row.id)
        for row in db.execute(query)
        if (agent_id := row.assignee_id or (row.sender_id if row.sender_kind == "agent" else None))
    ]
    write_notices(db, told, now)
    events = [ConversationEvent("notice", n.conversation_id, n.payload(), n.agent_id, n.message_id) for n in told]
    tell(rooms, db, events, now)
