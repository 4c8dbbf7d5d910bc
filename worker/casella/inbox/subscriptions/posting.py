"""Letters of subscriptions: written from the feed, in its order, and sent until they have arrived.

    write_some: the feed behind a subscription's cursor -> letters, the cursor moves, one transaction
    post_due: claim (a lease) -> POST, outside any transaction, to public addresses only -> note what came of it

What other systems are told is what the feed tells of shared conversations, and nothing that is for one agent alone.
Two letters about one conversation never overtake each other; a receiver that is away holds up its own letters only.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import httpx
import orjson
import structlog
from sqlalchemy import Connection

from casella.ids import new_id
from casella.inbox.house import Rooms
from casella.inbox.posting import LEASE, carry_due, note_health, pause_after, post
from casella.inbox.subscriptions import keeping
from casella.inbox.subscriptions.sealing import headers
from casella.store import feed
from casella.store.feed import Cursor
from casella.store.forgetting import forget
from casella.store.queries.oversight import subscription_queries
from casella.store.rows import TableRow
from casella.store.tables import subscription_letters, subscriptions

_log = structlog.get_logger("casella.subscriptions")
GIVEN_UP_AFTER = timedelta(days=3)
KEPT = timedelta(days=7)
_GONE = 410
_BATCH = 500


def write_some(rooms: Rooms) -> bool:
    """Of every subscription what the feed has for it. Whether there may be more."""
    with rooms.store.read() as db:
        behind = [row for row in subscription_queries.active_ones(db) if feed.after(db, Cursor.parse(row.cursor), 1)]
    more = [_write(rooms, row.id) for row in behind]
    return any(more)


class Letters:
    """Letters as posts: one receiver for each subscription."""

    name = "letter"

    def waiting(self, db: Connection, now: datetime) -> Sequence[str]:
        return subscription_queries.waiting(db, now)

    def claim(self, db: Connection, receiver: str, token: str, now: datetime, limit: int) -> Sequence[TableRow]:
        return subscription_queries.claim(db, receiver, token, now, LEASE, limit)

    def carry(self, rooms: Rooms, http: httpx.Client, row: TableRow, token: str) -> None:
        body = row.body.encode()
        signed = headers(rooms.sealer.open(row.secret_sealed), row.id, rooms.clock.now(), body)
        answer = post(rooms, http, row.url, body, signed)
        with rooms.store.write() as db:
            _note(db, rooms, row, token, answer.status, answer.error)


LETTERS = Letters()
post_due = carry_due(LETTERS)


def prune(db: Connection, now: datetime) -> int:
    """Forget a batch of letters that are older than the log is kept."""
    return forget(db, subscription_letters, subscription_letters.c.created_at < now - KEPT)


def _write(rooms: Rooms, id: str) -> bool:
    with rooms.store.write() as db:
        row = subscription_queries.active(db, id)
        if row is None:
            return False
        events = feed.after(db, Cursor.parse(row.cursor), _BATCH)
        if not events:
            return False
        now, last = rooms.clock.now(), events[-1]
        subscription_queries.write(db, [_letter(row, event, now) for event in _for(db, row, events)])
        subscription_queries.change(db, id, cursor=str(Cursor(last.id, last.xact)))
    return len(events) == _BATCH


def _for(db: Connection, row: TableRow, events: Sequence[TableRow]) -> list[TableRow]:
    """What of these is for the subscription: of its kinds and inboxes, of the shared world, for nobody alone."""
    kinds = set(row.kinds) or set(keeping.KINDS)
    shared = set(subscription_queries.shared_inboxes(db))
    inboxes = set(row.inboxes) & shared if row.inboxes else shared
    fitting = [event for event in events if event.kind in kinds and event.agent_id is None]
    told = sorted({event.conversation_id for event in fitting if event.conversation_id is not None})
    known = subscription_queries.of_the_shared_world(db, told) if told else set()
    return [
        event
        for event in fitting
        if (event.inbox_id in inboxes and event.conversation_id in known)
        or (event.conversation_id is None and (event.inbox_id in inboxes or event.inbox_id in (None, feed.MEMBERS)))
    ]


def _letter(row: TableRow, event: TableRow, now: datetime) -> dict[str, object]:
    body = {"type": event.kind, "timestamp": event.at, "data": orjson.Fragment(event.payload)}
    inbox = event.inbox_id if event.inbox_id != feed.MEMBERS else None
    body |= {"inbox_id": inbox, "conversation_id": event.conversation_id}
    return {
        "id": new_id(), "subscription_id": row.id, "event_id": event.id, "kind": event.kind, "inbox_id": inbox,
        "conversation_id": event.conversation_id, "body": orjson.dumps(body, option=orjson.OPT_UTC_Z).decode(),
        "due_at": now, "created_at": now,
    }  # fmt: skip


def _note(db: Connection, rooms: Rooms, row: TableRow, token: str, status: int | None, error: str | None) -> None:
    now, attempt = rooms.clock.now(), row.attempts + 1
    subscription = note_health(db, subscriptions, row.subscription_id, now, is_good=error is None)
    if error is None:
        subscription_queries.finish(db, row.position, token, state="done", status=status, error=None, ended_at=now)
        return
    if now - row.created_at >= GIVEN_UP_AFTER:
        subscription_queries.finish(db, row.position, token, state="failed", status=status, error=error, ended_at=now)
    else:
        due = now + pause_after(attempt)
        subscription_queries.finish(db, row.position, token, status=status, error=error, due_at=due)
    _log.warning("letter not delivered", subscription=row.subscription_id, letter=row.id, reason=error, attempt=attempt)
    if subscription is None or subscription.state != "active":
        return
    if status == _GONE or now - subscription.failing_since >= GIVEN_UP_AFTER:
        keeping.switch_off(db, subscription.id, error, now)
