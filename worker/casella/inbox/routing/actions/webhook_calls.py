"""Calls of other systems that rules have asked for: signed, from rows that are retried like the outbox's.

The row is written with the decision; the call is made outside any transaction, to a public https address only, and
carries its id, so that a receiver that gets it twice (its answer was lost) can tell. A call that keeps failing is given
up after a day and stays as `failed`, shown to managers.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import httpx
import structlog
from sqlalchemy import Connection, select, update

from casella import metrics
from casella.ids import new_id
from casella.inbox.files import FetchRefused, guarded_post
from casella.inbox.house import Rooms
from casella.inbox.sending import backoff
from casella.inbox.state import Values
from casella.store.rows import TableRow
from casella.store.tables import webhook_calls, webhooks
from casella_rules import PlannedAction

_log = structlog.get_logger("casella.webhooks")
MOST_ATTEMPTS = 30
TOO_OLD = timedelta(days=1)
_LEASE = timedelta(minutes=2)
_TIMEOUT = 15.0


@dataclass(frozen=True, slots=True)
class Target:
    id: str
    key: str


def target_named(db: Connection, key: str) -> Target | None:
    """One of the desk's webhooks."""
    query = select(webhooks.c.id, webhooks.c.key).where(webhooks.c.key == key, webhooks.c.removed_at.is_(None))
    row = db.execute(query).one_or_none()
    return Target(row.id, row.key) if row else None


def call_body(trigger: str, rule: str, at: datetime, about: Mapping[str, object]) -> dict[str, object]:
    """What the other system reads. `event` is the event's name, `trigger` has its parameter as well."""
    return {"event": trigger.partition(" ")[0], "trigger": trigger, "rule": rule, "at": at.isoformat(), **about}


def call_row(
    target: Target, cause_id: str, action: PlannedAction, conversation_id: str | None, body: str, now: datetime
) -> Values:
    return {
        "id": new_id(), "cause_id": cause_id, "rule": action.rule, "action": action.index,
        "conversation_id": conversation_id, "webhook_id": target.id, "body": body, "state": "queued", "due_at": now,
        "created_at": now,
    }  # fmt: skip


def signature(secret: str, call_id: str, body: bytes) -> str:
    """`sha256=…`: HMAC-SHA256 of "id.body" with the webhook's secret, in hexadecimal."""
    digest = hmac.new(secret.encode(), f"{call_id}.".encode() + body, hashlib.sha256).hexdigest()
    return f"sha256={digest}"


def call_due(rooms: Rooms, http: httpx.Client, limit: int = 8) -> int:
    """Make the calls that are due. Returns how many were tried; 0 means nothing waits."""
    claimed = _claim(rooms, limit)
    for row, token in claimed:
        _call_one(rooms, http, row, token)
    return len(claimed)


def _claim(rooms: Rooms, limit: int) -> list[tuple[TableRow, str]]:
    """A claim is a lease: if its process dies, the call is made again when it has run out."""
    now = rooms.clock.now()
    token = secrets.token_hex(8)
    query = (
        select(webhook_calls, webhooks.c.url, webhooks.c.secret_sealed, webhooks.c.key)
        .join(webhooks, webhooks.c.id == webhook_calls.c.webhook_id)
        .where(webhook_calls.c.state == "queued", webhook_calls.c.due_at <= now)
        .order_by(webhook_calls.c.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True, of=webhook_calls)
    )
    with rooms.store.read() as db:
        if db.execute(query.with_only_columns(webhook_calls.c.id)).first() is None:
            return []
    with rooms.store.write() as db:
        rows = db.execute(query).all()
        if rows:
            values = {"token": token, "due_at": now + _LEASE, "attempts": webhook_calls.c.attempts + 1}
            ids = [row.id for row in rows]
            db.execute(update(webhook_calls).where(webhook_calls.c.id.in_(ids)).values(values))
    return [(row, token) for row in rows]


def _call_one(rooms: Rooms, http: httpx.Client, row: TableRow, token: str) -> None:
    body = row.body.encode()
    headers = {"content-type": "application/json", "user-agent": "Casella", "casella-call": row.id}
    try:
        if row.secret_sealed is not None:
            headers["casella-signature"] = signature(rooms.sealer.open(row.secret_sealed), row.id, body)
        private = rooms.settings.hosts_within()
        status = guarded_post(http, row.url, body, headers, private, timeout=_TIMEOUT)
    except FetchRefused as error:
        _finish(rooms, row, token, None, error.text, final=True)
    except httpx.HTTPError as error:
        _finish(rooms, row, token, None, type(error).__name__, final=False)
    else:
        good = 200 <= status < 300
        # What the other side says is wrong with the request will not become right by repeating it.
        final = good or (400 <= status < 500 and status not in (408, 425, 429))
        _finish(rooms, row, token, status, None if good else f"answered {status}", final=final)


def _finish(rooms: Rooms, row: TableRow, token: str, status: int | None, error: str | None, *, final: bool) -> None:
    now, attempt = rooms.clock.now(), row.attempts + 1
    done = error is None
    given_up = final or attempt >= MOST_ATTEMPTS or now - row.created_at > TOO_OLD
    state = "done" if done else "failed" if given_up else "queued"
    values: Values = {"state": state, "token": None, "status": status, "error": error}
    if state == "queued":
        values["due_at"] = now + timedelta(seconds=backoff(attempt))
    with rooms.store.write() as db:
        mine = (webhook_calls.c.id == row.id, webhook_calls.c.token == token)
        db.execute(update(webhook_calls).where(*mine).values(values))
    metrics.webhook_calls.labels(state if state != "queued" else "retry").inc()
    if not done:
        _log.warning("webhook not called", webhook=row.key, call_id=row.id, reason=error, attempt=attempt, state=state)
