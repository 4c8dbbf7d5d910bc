"""Calls of other systems that rules have asked for: signed, from rows that are retried like the outbox's.

The row is written with the decision; the call is made outside any transaction, to a public https address only, and
carries its id, so that a receiver that gets it twice (its answer was lost) can tell. A call that keeps failing is given
up after a day and stays as `failed`, shown to managers.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import httpx
import structlog
from sqlalchemy import Connection, exists, or_, select, update

from casella import metrics
from casella.ids import new_id
from casella.inbox.house import Rooms
from casella.inbox.posting import LEASE, Answer, carry_due, note_health, pause_after, post
from casella.inbox.state import Values
from casella.store.rows import TableRow
from casella.store.tables import webhook_calls, webhooks
from casella_rules import PlannedAction

_log = structlog.get_logger("casella.webhooks")
MOST_ATTEMPTS = 30
TOO_OLD = timedelta(days=1)


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


class Calls:
    """Calls of rules as posts: one receiver for each webhook of the desk."""

    name = "call"

    def waiting(self, db: Connection, now: datetime) -> Sequence[str]:
        mine = (webhook_calls.c.webhook_id == webhooks.c.id) & (webhook_calls.c.state == "queued")
        due = exists().where(mine, webhook_calls.c.due_at <= now)
        may = or_(webhooks.c.paused_until.is_(None), webhooks.c.paused_until <= now)
        return db.execute(select(webhooks.c.id).where(may, due).order_by(webhooks.c.id)).scalars().all()

    def claim(self, db: Connection, receiver: str, token: str, now: datetime, limit: int) -> Sequence[TableRow]:
        """A claim is a lease: if its process dies, the call is made again when it has run out."""
        query = (
            select(webhook_calls, webhooks.c.url, webhooks.c.secret_sealed, webhooks.c.key)
            .join(webhooks, webhooks.c.id == webhook_calls.c.webhook_id)
            .where(webhook_calls.c.webhook_id == receiver)
            .where(webhook_calls.c.state == "queued", webhook_calls.c.due_at <= now)
            .order_by(webhook_calls.c.due_at)
            .limit(limit)
            .with_for_update(skip_locked=True, of=webhook_calls)
        )
        rows = db.execute(query).all()
        if rows:
            values = {"token": token, "due_at": now + LEASE, "attempts": webhook_calls.c.attempts + 1}
            ids = [row.id for row in rows]
            db.execute(update(webhook_calls).where(webhook_calls.c.id.in_(ids)).values(values))
        return rows

    def carry(self, rooms: Rooms, http: httpx.Client, row: TableRow, token: str) -> None:
        body = row.body.encode()
        headers = {"content-type": "application/json", "user-agent": "Casella", "casella-call": row.id}
        if row.secret_sealed is not None:
            headers["casella-signature"] = signature(rooms.sealer.open(row.secret_sealed), row.id, body)
        _finish(rooms, row, token, post(rooms, http, row.url, body, headers))


CALLS = Calls()
call_due = carry_due(CALLS)


def _finish(rooms: Rooms, row: TableRow, token: str, answer: Answer) -> None:
    now, attempt = rooms.clock.now(), row.attempts + 1
    done = answer.is_good
    given_up = answer.is_final or attempt >= MOST_ATTEMPTS or now - row.created_at > TOO_OLD
    state = "done" if done else "failed" if given_up else "queued"
    values: Values = {"state": state, "token": None, "status": answer.status, "error": answer.error}
    if state == "queued":
        values["due_at"] = now + pause_after(attempt)
    with rooms.store.write() as db:
        mine = (webhook_calls.c.id == row.id, webhook_calls.c.token == token)
        db.execute(update(webhook_calls).where(*mine).values(values))
        note_health(db, webhooks, row.webhook_id, now, is_good=answer.is_final)
    metrics.webhook_calls.labels(state if state != "queued" else "retry").inc()
    if not done:
        _log.warning(
            "webhook not called", webhook=row.key, call_id=row.id, reason=answer.error, attempt=attempt, state=state
        )
