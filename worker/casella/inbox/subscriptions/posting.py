"""Letters of subscriptions: written from the feed, in its order, and sent until they have arrived.

    write_some: the feed behind a subscription's cursor -> letters, the cursor moves, one transaction
    post_due: claim (a lease) -> POST, outside any transaction, to public addresses only -> note what came of it

What other systems are told is what the feed tells of shared conversations, and nothing that is for one agent alone.
Two letters about one conversation never overtake each other; a receiver that is away holds up its own letters only.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

import httpx
import orjson
import structlog
from sqlalchemy import Connection

from casella.ids import new_id
from casella.inbox.files import FetchRefused, guarded_post
from casella.inbox.house import Rooms
from casella.inbox.subscriptions import keeping
from casella.inbox.subscriptions.sealing import headers
from casella.store import feed
from casella.store.feed import Cursor
from casella.store.forgetting import forget
from casella.store.queries.oversight import subscription_queries
from casella.store.rows import TableRow
from casella.store.tables import subscription_letters

_log = structlog.get_logger("casella.subscriptions")
PAUSES = (5, 30, 120, 600, 1800, 3600, 7200, 14400, 28800)
"""Seconds after the first try in vain, the second …; then as the last."""
GIVEN_UP_AFTER = timedelta(days=3)
KEPT = timedelta(days=7)
_PATIENCE = 3
"""So many tries in vain in a row, and all of a subscription's letters wait."""
_LONGEST_PAUSE = timedelta(hours=1)
_LEASE = timedelta(minutes=2)
_TIMEOUT = 15.0
_GONE = 410
_BATCH = 500


def write_some(rooms: Rooms) -> bool:
    """Of every subscription what the feed has for it. Whether there may be more."""
    with rooms.store.read() as db:
        behind = [row for row in subscription_queries.active_ones(db) if feed.after(db, Cursor.parse(row.cursor), 1)]
    more = [_write(rooms, row.id) for row in behind]
    return any(more)


def post_due(rooms: Rooms, http: httpx.Client, limit: int = 8) -> int:
    """Send what is due. Returns how many were tried; 0 means nothing waits."""
    now, token = rooms.clock.now(), secrets.token_hex(8)
    with rooms.store.read() as db:
        if not subscription_queries.any_due(db, now):
            return 0
    with rooms.store.write() as db:
        rows = subscription_queries.claim(db, token, now, _LEASE, limit)
    for row in rows:
        _post(rooms, http, row, token)
    return len(rows)


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


def _post(rooms: Rooms, http: httpx.Client, row: TableRow, token: str) -> None:
    body, status, error = row.body.encode(), None, None
    signed = headers(rooms.sealer.open(row.secret_sealed), row.id, rooms.clock.now(), body)
    try:
        status = guarded_post(http, row.url, body, signed, rooms.settings.hosts_within(), timeout=_TIMEOUT)
        error = None if 200 <= status < 300 else f"answered {status}"
    except FetchRefused as refused:
        error = refused.text
    except httpx.HTTPError as failed:
        error = type(failed).__name__
    with rooms.store.write() as db:
        _note(db, rooms, row, token, status, error)


def _note(db: Connection, rooms: Rooms, row: TableRow, token: str, status: int | None, error: str | None) -> None:
    now, attempt = rooms.clock.now(), row.attempts + 1
    subscription = subscription_queries.one(db, row.subscription_id, held=True)
    if error is None:
        subscription_queries.finish(db, row.position, token, state="done", status=status, error=None, ended_at=now)
        if subscription is not None and subscription.failures:
            subscription_queries.change(
                db, subscription.id, failures=0, failing_since=None, paused_until=None
            )  # fmt: skip
        return
    if now - row.created_at >= GIVEN_UP_AFTER:
        subscription_queries.finish(db, row.position, token, state="failed", status=status, error=error, ended_at=now)
    else:
        due = now + timedelta(seconds=PAUSES[min(attempt, len(PAUSES)) - 1])
        subscription_queries.finish(db, row.position, token, status=status, error=error, due_at=due)
    _log.warning("letter not delivered", subscription=row.subscription_id, letter=row.id, reason=error, attempt=attempt)
    if subscription is not None and subscription.state == "active":
        _count(db, subscription, status, error, now)


def _count(db: Connection, row: TableRow, status: int | None, error: str, now: datetime) -> None:
    """One more try in vain: all its letters wait, longer each time; after three days, or when the receiver says that it
    is gone, it is off."""
    failures, since = row.failures + 1, row.failing_since or now
    pause = min(timedelta(seconds=PAUSES[min(failures, len(PAUSES)) - 1]), _LONGEST_PAUSE)
    until = now + pause if failures >= _PATIENCE else None
    subscription_queries.change(db, row.id, failures=failures, failing_since=since, paused_until=until)
    if status == _GONE or now - since >= GIVEN_UP_AFTER:
        keeping.switch_off(db, row.id, error, now)
