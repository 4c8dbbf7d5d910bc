"""Recording how sends ended: sent, to be tried again, failed for good, or unconfirmed.

Receipts may have been faster; so states only move up, and receipts that waited for the provider's id are applied here.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

import structlog
from sqlalchemy import Connection, delete, func, insert, select, update

from casella.inbox.consent import ledger
from casella.inbox.house import Rooms
from casella.inbox.receipts import ExternalKey, MessageState, StoredMessage, take_early, tell_news, write_states
from casella.inbox.sending.claims import Claim
from casella.inbox.sending.pausing import close_window, pause
from casella.inbox.state import FAILED, OPTED_OUT, tell_rules
from casella.inbox.views import message_updated, tell
from casella.plugin import (
    ChannelMisconfigured,
    ContactStopped,
    OutsideReplyWindow,
    SendError,
    SendRejected,
    SendUncertain,
    Sent,
    clean_text,
)
from casella.store import bulk
from casella.store.keys import ByKeys
from casella.store.prepared import Change, Query, among
from casella.store.sessions import hold_briefly
from casella.store.tables import consents, messages, outbox, send_attempts

_log = structlog.get_logger("casella.delivery")
MOST_ATTEMPTS = 12
TOO_OLD = timedelta(hours=24)
_FIRST_BACKOFF = 1.0
_LONGEST_BACKOFF = 300.0
LONGEST_WISH = 3600.0
Known = Mapping[str, StoredMessage]


class _Claimed(NamedTuple):
    message_id: str
    token: str | None
    queued_at: datetime


class _Taken(NamedTuple):
    id: str
    channel_id: str
    external_id: str


# Asked for every batch of outcomes.
_MESSAGES = (
    select(*(messages.c[name] for name in StoredMessage._fields))
    .where(among(messages.c.id, "ids"))
    .order_by(messages.c.id)
)
_HOLD = Query(StoredMessage, _MESSAGES.with_for_update(key_share=True))
_HOLD_FREE = Query(StoredMessage, _MESSAGES.with_for_update(key_share=True, skip_locked=True))
_CLAIMS = Query(
    _Claimed, select(*(outbox.c[name] for name in _Claimed._fields)).where(among(outbox.c.message_id, "ids"))
)
_LEAVE = Change(delete(outbox).where(among(outbox.c.message_id, "ids")))
_TAKEN = ByKeys(
    (messages.c.channel_id, messages.c.external_id),
    _Taken,
    lambda wanted: select(messages.c.id, messages.c.channel_id, messages.c.external_id).where(
        messages.c.direction == "out", wanted
    ),
)


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


def record_outcomes(
    rooms: Rooms, db: Connection, outcomes: Sequence[Outcome], now: datetime, *, waits: bool = True
) -> Sequence[Outcome]:
    """Write many outcomes in the caller's transaction. One whose claim was lost meanwhile (its lease had expired) may
    still say that the message was sent: that is news; everything else it says is not. `waits` False: not for messages
    that another transaction holds; returns the outcomes of these."""
    hold_briefly(db)
    outcomes = sorted(outcomes, key=lambda outcome: outcome.claim.message_id)
    ids = [outcome.claim.message_id for outcome in outcomes]
    rows = {row.id: row for row in (_HOLD if waits else _HOLD_FREE)(db, ids=ids)}
    held_by_others = [outcome for outcome in outcomes if outcome.claim.message_id not in rows]
    outcomes = [outcome for outcome in outcomes if outcome.claim.message_id in rows]
    if not outcomes:
        return held_by_others
    held = {row.message_id: row for row in _CLAIMS(db, ids=ids)}
    bulk.insert(db, send_attempts, [_attempt(outcome) for outcome in outcomes])
    sent = [outcome for outcome in outcomes if isinstance(outcome.result, Sent)]
    _record_sent(rooms, db, sent, rows, now)
    for outcome in outcomes:
        row = held.get(outcome.claim.message_id)
        if isinstance(outcome.result, SendError) and row is not None and row.token == outcome.claim.token:
            _record_error(rooms, db, outcome, outcome.result, rows, row, now)
    return held_by_others


def _attempt(outcome: Outcome) -> dict[str, object]:
    result = outcome.result
    error = result if isinstance(result, SendError) else None
    return {
        "message_id": outcome.claim.message_id,
        "number": outcome.claim.attempt,
        "started_at": outcome.began,
        "ended_at": outcome.ended,
        "outcome": error.code if error else "sent",
        "provider_code": _words(error.provider_code) if error and error.provider_code is not None else None,
        "text": _words(error.text) if error else None,
        "external_id": result.external_id if isinstance(result, Sent) else None,
    }


def _words(text: object) -> str:
    """What a plugin says of an error, as every database takes it."""
    return clean_text(str(text))[:500]


def _record_sent(rooms: Rooms, db: Connection, sent: Sequence[Outcome], rows: Known, now: datetime) -> None:
    if not sent:
        return
    taken = _taken_ids(db, sent, rows)
    states: dict[ExternalKey, MessageState] = {}
    nameless: list[MessageState] = []
    for outcome in sent:
        row, external_id = rows[outcome.claim.message_id], _external(outcome)
        key = (row.channel_id, external_id)
        if key in states or taken.get(key, row.id) != row.id:
            _log.warning("the provider's id belongs to another message", message_id=row.id)
            nameless.append(MessageState.of(row))
        else:
            states[key] = MessageState.of(row, external_id)
    every = [*states.values(), *nameless]
    for state in every:
        state.move("sent")
    for key, early in take_early(db, list(states)).items():
        states[key].move_by(early)
    write_states(db, sorted(every, key=lambda state: state.id))
    tell_news(rooms, db, every, now)
    _LEAVE(db, ids=[state.id for state in every])
    tell(rooms, db, [message_updated(s.conversation_id, s.id) for s in every], now)


def _taken_ids(db: Connection, sent: Sequence[Outcome], rows: Known) -> dict[ExternalKey, str]:
    """Which messages have these ids of the provider already. An echo that came first may have made one of its own."""
    keys = [(rows[outcome.claim.message_id].channel_id, _external(outcome)) for outcome in sent]
    return {(row.channel_id, row.external_id): row.id for row in _TAKEN(db, keys)}


def _external(outcome: Outcome) -> str:
    assert isinstance(outcome.result, Sent)
    return outcome.result.external_id


def _record_error(
    rooms: Rooms,
    db: Connection,
    outcome: Outcome,
    error: SendError,
    rows: Known,
    held: _Claimed,
    now: datetime,
) -> None:
    claim = outcome.claim
    if rows[claim.message_id].state != "sending":  # a receipt was faster: it did arrive
        db.execute(delete(outbox).where(outbox.c.message_id == claim.message_id))
        return
    if error.scope == "channel" and not error.retryable and _is_the_culprit(db, claim):
        error = SendRejected(error.text, provider_code=error.provider_code)
    if error.scope == "channel":
        pause_after(db, claim.channel.id, claim.inbox_id, error, claim.attempt, now)
    if isinstance(error, OutsideReplyWindow):
        close_window(db, claim.conversation_id, now)
    if isinstance(error, ContactStopped):
        _stop_contact(rooms, db, claim, error, now)
    if isinstance(error, SendUncertain):
        _set(rooms, db, claim, "unconfirmed", error, now, {"leased_until": now, "unsure_since": now})
    elif may_retry(error, claim.attempt, now - held.queued_at):
        wait = timedelta(seconds=max(_asked_to_wait(error), backoff(claim.attempt)))
        _set(rooms, db, claim, "queued", error, now, {"leased_until": None, "due_at": now + wait})
    else:
        db.execute(delete(outbox).where(outbox.c.message_id == claim.message_id))
        _set(rooms, db, claim, "failed", error, now, None)
        tell_rules(rooms, db, FAILED, [(claim.message_id, claim.conversation_id)], now)


def _asked_to_wait(error: SendError) -> float:
    """The provider's own wish, an hour at most: a header may hold any number."""
    wish = error.retry_after
    return min(max(wish, 0.0), LONGEST_WISH) if isinstance(wish, int | float) and wish == wish else 0.0


def may_retry(error: SendError, attempt: int, age: timedelta) -> bool:
    """Whether to try again: the error's type says if at all, its provider's rule or ours says how often, and what has
    waited a day is no longer what the sender meant. A misconfigured channel keeps its queue: it is paused instead."""
    if error.scope == "channel" and not error.retryable:
        return True
    return error.retryable and attempt < (error.max_attempts or MOST_ATTEMPTS) and age < TOO_OLD


def _set(
    rooms: Rooms,
    db: Connection,
    claim: Claim,
    state: str,
    error: SendError,
    now: datetime,
    waiting: dict[str, object] | None,
) -> None:
    db.execute(
        update(messages)
        .where(messages.c.id == claim.message_id)
        .values(state=state, error_code=error.code, error_text=_words(error.text), error_retryable=error.retryable)
    )
    if waiting is not None:
        values = waiting | {"state": state, "token": None}
        db.execute(update(outbox).where(outbox.c.message_id == claim.message_id).values(values))
    tell(rooms, db, [message_updated(claim.conversation_id, claim.message_id)], now)


def _is_the_culprit(db: Connection, claim: Claim) -> bool:
    """Whether others have left through the channel since this very message stopped it: then it is the message, whatever
    its error says of the channel."""
    stopped = select(func.max(send_attempts.c.ended_at)).where(
        send_attempts.c.message_id == claim.message_id,
        send_attempts.c.number < claim.attempt,
        send_attempts.c.outcome == ChannelMisconfigured.code,
    )
    since = db.execute(stopped).scalar_one()
    if since is None:
        return False
    others = (
        select(send_attempts.c.id)
        .join(messages, messages.c.id == send_attempts.c.message_id)
        .where(
            messages.c.channel_id == claim.channel.id,
            send_attempts.c.outcome == "sent",
            send_attempts.c.ended_at > since,
        )
        .limit(1)
    )
    return db.execute(others).first() is not None


def pause_after(db: Connection, channel_id: str, inbox_id: str, error: SendError, attempt: int, now: datetime) -> None:
    """Throttled: for a while. Misconfigured: until somebody resumes the channel; its queue is kept, people are told."""
    until = now + timedelta(seconds=_asked_to_wait(error) or backoff(attempt)) if error.retryable else None
    pause(db, channel_id, inbox_id, error.code, _words(error.text), now, until)


def _stop_contact(rooms: Rooms, db: Connection, claim: Claim, error: SendError, now: datetime) -> None:
    channel = rooms.directory.current.channels.get(claim.channel.id)
    if channel is not None:
        to = claim.message.to
        if not ledger.stopped(rooms, db, channel, [to]):
            tell_rules(rooms, db, OPTED_OUT, [(claim.message_id, claim.conversation_id)], now)
        key = (ledger.pool_of(rooms, channel), to)
        evidence = _words(error.provider_code or error.code)
        row = ledger.entry(key, "opted_out", "provider", evidence, now, agent_id=None, message_id=claim.message_id)
        db.execute(insert(consents), row)
