"""From the feed to the devices: what is told is written down in the feed's order, and sent until it has arrived or is
too old to matter. A device that is gone is forgotten."""

from __future__ import annotations

import base64
import hashlib
import secrets
from datetime import timedelta

import httpx
import orjson
import structlog

from casella.inbox.files import FetchRefused, guarded_post
from casella.inbox.house import Rooms
from casella.inbox.pushing import encryption
from casella.inbox.pushing.choosing import Push, pushes_of
from casella.store import feed
from casella.store.feed import Cursor
from casella.store.queries.oversight import push_queries
from casella.store.rows import TableRow

_log = structlog.get_logger("casella.pushing")
TOO_OLD = timedelta(hours=4)
PAUSES = (5, 30, 120, 600, 1800)
_LEASE = timedelta(minutes=2)
_TIMEOUT = 15.0
_BATCH = 200
_GONE = (404, 410)
_AGAIN = (408, 425, 429)


def write_some(rooms: Rooms) -> bool:
    """What the feed has for any device. Whether there may be more."""
    with rooms.store.read() as db:
        row = push_queries.house(db)
        if row is None or not feed.after(db, Cursor.parse(row.cursor), 1):
            return False
    with rooms.store.write() as db:
        row = push_queries.house(db, held=True)
        events = feed.after(db, Cursor.parse(row.cursor), _BATCH) if row is not None else ()
        if not events:
            return False
        now = rooms.clock.now()
        recent = [event for event in events if event.at > now - TOO_OLD] if push_queries.any_device(db) else []
        made = [push for event in recent for push in pushes_of(db, rooms, event, now)]
        push_queries.write(
            db,
            [
                {
                    "device_id": one.device_id, "conversation_id": one.conversation_id,
                    "words": rooms.sealer.seal(_text(one)), "urgency": "high" if one.urgent else "normal",
                    "due_at": now, "created_at": now,
                }
                for one in made
            ],
        )  # fmt: skip
        push_queries.move(db, str(Cursor(events[-1].id, events[-1].xact)))
    return len(events) == _BATCH


def send_due(rooms: Rooms, http: httpx.Client, limit: int = 8) -> int:
    """Send what is due. Returns how many were tried; 0 means nothing waits."""
    now, token = rooms.clock.now(), secrets.token_hex(8)
    with rooms.store.read() as db:
        row = push_queries.house(db) if push_queries.any_due(db, now) else None
    if row is None:
        return 0
    with rooms.store.write() as db:
        rows = push_queries.claim(db, token, now, _LEASE, limit)
    key = rooms.sealer.open(row.private_sealed)
    for one in rows:
        _send(rooms, http, one, token, key)
    return len(rows)


def _send(rooms: Rooms, http: httpx.Client, row: TableRow, token: str, key: str) -> None:
    endpoint, now = rooms.sealer.open(row.endpoint_sealed), rooms.clock.now()
    private = encryption.private_key(key)
    body = encryption.encrypt(
        rooms.sealer.open(row.words).encode(), row.public_key, rooms.sealer.open(row.secret_sealed)
    )
    contact = (
        rooms.settings.public_url if rooms.settings.public_url.startswith("https:") else "mailto:casella@localhost"
    )
    headers = {
        **encryption.authorization(private, endpoint, contact, now), "content-encoding": "aes128gcm",
        "content-type": "application/octet-stream", "ttl": str(int(TOO_OLD.total_seconds())), "urgency": row.urgency,
    }  # fmt: skip
    if row.conversation_id is not None:  # a later one takes the place of one that waits at the service
        digest = hashlib.sha256(row.conversation_id.encode()).digest()
        headers["topic"] = base64.urlsafe_b64encode(digest[:24]).decode()
    try:
        status = guarded_post(http, endpoint, body, headers, rooms.settings.hosts_within(), timeout=_TIMEOUT)
    except FetchRefused as refused:
        status = 400
        _log.warning("push refused", device=row.device_id, reason=refused.text)
    except httpx.HTTPError as failed:
        status = 503
        _log.info("push service not reached", device=row.device_id, reason=type(failed).__name__)
    _note(rooms, row, token, status)


def _note(rooms: Rooms, row: TableRow, token: str, status: int) -> None:
    now = rooms.clock.now()
    due = now + timedelta(seconds=PAUSES[min(row.attempts, len(PAUSES) - 1)])
    again = status >= 500 or status in _AGAIN
    with rooms.store.write() as db:
        if status in _GONE:
            push_queries.drop(db, row.device_id)
        elif again and due < row.created_at + TOO_OLD:
            push_queries.put_off(db, row.position, token, due)
        else:
            push_queries.done(db, row.position, token)


def _text(push: Push) -> str:
    """As JSON, short enough for every push service."""
    words = dict(push.words)
    while len(text := orjson.dumps(words)) > encryption.LONGEST:
        words["body"], words["title"] = words["body"][: len(words["body"]) // 2], words["title"][:200]
    return text.decode()
