"""Recording how sends ended: sent, to be tried again, failed for good, or unconfirmed.

Receipts may have been faster; so states only move up, and receipts that waited for the provider's id are applied here.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Row, delete, insert, select, update

from casella.inbox import consent
from casella.inbox.claims import Claim
from casella.inbox.receipts import MessageState, message_updated, take_early, write_states
from casella.inbox.rooms import Rooms
from casella.inbox.states import advance
from casella.plugin import ContactStopped, DeliveryProblem, SendError, SendUncertain, Sent
from casella.store import feed
from casella.store.feed import FeedEvent
from casella.store.tables import channels, consents, messages, outbox, send_attempts

MOST_ATTEMPTS = 12
TOO_OLD = timedelta(hours=24)
_FIRST_BACKOFF = 1.0
_LONGEST_BACKOFF = 300.0
Known = Mapping[str, Row[tuple[object, ...]]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a claim."""

    claim: Claim
    began: datetime
    ended: datetime
    result: Sent | SendError


def backoff(attempt: int, chance: float | None = None) -> float:
    """Seconds to wait after this attempt: doubling from 1 s to 5 min, half of it by chance, so that many do not come
    back at once. `chance` (0 to 1) is for tests."""
    whole = min(_LONGEST_BACKOFF, _FIRST_BACKOFF * 2.0 ** (attempt - 1))
    return whole / 2 + whole / 2 * (random.random() if chance is None else chance)  # noqa: S311 - spreads load


def record_outcomes(rooms: Rooms, db: Connection, outcomes: Sequence[Outcome], now: datetime) -> None:
    """Write many outcomes in the caller's transaction. One whose claim was lost meanwhile (its lease had expired) may
    still say that the message was sent: that is news; everything else it says is not."""
    outcomes = sorted(outcomes, key=lambda outcome: outcome.claim.message_id)
    ids = [outcome.claim.message_id for outcome in outcomes]
    query = select(messages).where(messages.c.id.in_(ids)).order_by(messages.c.id).with_for_update()
    rows = {row.id: row for row in db.execute(query)}
    query_held = select(outbox).where(outbox.c.message_id.in_(ids))
    held = {row.message_id: row for row in db.execute(query_held)}
    db.execute(insert(send_attempts), [_attempt(outcome) for outcome in outcomes])
    sent = [outcome for outcome in outcomes if isinstance(outcome.result, Sent)]
    _record_sent(db, sent, rows, now)
    for outcome in outcomes:
        row = held.get(outcome.claim.message_id)
        if isinstance(outcome.result, SendError) and row is not None and row.token == outcome.claim.token:
            _record_error(rooms, db, outcome, outcome.result, rows, row, now)


def _attempt(outcome: Outcome) -> dict[str, object]:
    result = outcome.result
    failed = isinstance(result, SendError)
    return {
        "message_id": outcome.claim.message_id,
        "number": outcome.claim.attempt,
        "started_at": outcome.began,
        "ended_at": outcome.ended,
        "outcome": result.code if isinstance(result, SendError) else "sent",
        "provider_code": result.provider_code if isinstance(result, SendError) else None,
        "text": result.text[:500] if isinstance(result, SendError) else None,
        "external_id": None if failed or not isinstance(result, Sent) else result.external_id,
    }


def _record_sent(db: Connection, sent: Sequence[Outcome], rows: Known, now: datetime) -> None:
    if not sent:
        return
    states: dict[tuple[str, str], MessageState] = {}
    events: list[FeedEvent] = []
    for outcome in sent:
        assert isinstance(outcome.result, Sent)
        row = rows[outcome.claim.message_id]
        state = MessageState(
            row.id, row.channel_id, row.conversation_id, outcome.result.external_id, "out", row.state, row.text
        )
        state.state = advance(row.state, "sent") or row.state
        states[(row.channel_id, outcome.result.external_id)] = state
    for key, early in take_early(db, list(states)).items():
        for receipt in early:
            state = states[key]
            state.state = advance(state.state, str(receipt["status"])) or state.state
            if state.state == "failed" and isinstance(receipt["problem"], dict):
                state.error = DeliveryProblem.model_validate(receipt["problem"])
    for outcome in sent:
        state = states[(rows[outcome.claim.message_id].channel_id, _external(outcome))]
        events.append(message_updated(outcome.claim.inbox_id, state.conversation_id, state.id, state.state))
    write_states(db, sorted(states.values(), key=lambda state: state.id))
    db.execute(delete(outbox).where(outbox.c.message_id.in_([outcome.claim.message_id for outcome in sent])))
    feed.append(db, events, now)


def _external(outcome: Outcome) -> str:
    assert isinstance(outcome.result, Sent)
    return outcome.result.external_id


def _record_error(
    rooms: Rooms,
    db: Connection,
    outcome: Outcome,
    error: SendError,
    rows: Known,
    held: Row[tuple[object, ...]],
    now: datetime,
) -> None:
    claim = outcome.claim
    if rows[claim.message_id].state != "sending":  # a receipt was faster: it did arrive
        db.execute(delete(outbox).where(outbox.c.message_id == claim.message_id))
        return
    if error.scope == "channel":
        _pause(db, claim, error, now)
    if isinstance(error, ContactStopped):
        _stop_contact(rooms, db, claim, error, now)
    if isinstance(error, SendUncertain):
        _set(db, claim, "unconfirmed", error, now, {"leased_until": now})
    elif may_retry(error, claim.attempt, now - held.queued_at):
        wait = timedelta(seconds=max(error.retry_after or 0.0, backoff(claim.attempt)))
        _set(db, claim, "queued", error, now, {"leased_until": None, "due_at": now + wait})
    else:
        db.execute(delete(outbox).where(outbox.c.message_id == claim.message_id))
        _set(db, claim, "failed", error, now, None)


def may_retry(error: SendError, attempt: int, age: timedelta) -> bool:
    """Whether to try again: the error's type says if at all, its provider's rule or ours says how often, and what has
    waited a day is no longer what the sender meant. A misconfigured channel keeps its queue: it is paused instead."""
    if error.scope == "channel" and not error.retryable:
        return True
    return error.retryable and attempt < (error.max_attempts or MOST_ATTEMPTS) and age < TOO_OLD


def _set(
    db: Connection, claim: Claim, state: str, error: SendError, now: datetime, waiting: dict[str, object] | None
) -> None:
    db.execute(
        update(messages)
        .where(messages.c.id == claim.message_id)
        .values(state=state, error_code=error.code, error_text=error.text[:500], error_retryable=error.retryable)
    )
    if waiting is not None:
        values = waiting | {"state": state, "token": None}
        db.execute(update(outbox).where(outbox.c.message_id == claim.message_id).values(values))
    feed.append(db, [message_updated(claim.inbox_id, claim.conversation_id, claim.message_id, state)], now)


def _pause(db: Connection, claim: Claim, error: SendError, now: datetime) -> None:
    """Throttled: for a while. Misconfigured: until somebody resumes the channel; its queue is kept, people are told."""
    until = now + timedelta(seconds=error.retry_after or backoff(claim.attempt)) if error.retryable else None
    db.execute(
        update(channels)
        .where(channels.c.id == claim.channel.id)
        .values(paused_code=error.code, paused_text=error.text[:500], paused_until=until)
    )
    if until is None:
        payload: dict[str, feed.JsonValue] = {"channel_id": claim.channel.id, "code": error.code, "text": error.text}
        feed.append(db, [FeedEvent("channel.paused", claim.inbox_id, None, payload)], now)


def _stop_contact(rooms: Rooms, db: Connection, claim: Claim, error: SendError, now: datetime) -> None:
    channel = rooms.directory.current.channels.get(claim.channel.id)
    if channel is not None:
        key = (consent.pool_of(rooms, channel), claim.message.to)
        evidence = error.provider_code or error.code
        row = consent.entry(key, "opted_out", "provider", evidence, now, agent_id=None, message_id=claim.message_id)
        db.execute(insert(consents), row)
