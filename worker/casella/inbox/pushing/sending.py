"""From the feed to the devices: what is told is written down in the feed's order, and sent until it has arrived or is
too old to matter. A device that is gone is forgotten."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta

import httpx
import orjson
import structlog
from sqlalchemy import Connection

from casella.inbox.house import Rooms
from casella.inbox.posting import LEASE, Answer, carry_due, note_health, pause_after, post
from casella.inbox.pushing import encryption
from casella.inbox.pushing.choosing import Push, pushes_of
from casella.store import feed
from casella.store.feed import Cursor
from casella.store.queries.oversight import push_queries
from casella.store.rows import TableRow
from casella.store.tables import push_devices

_log = structlog.get_logger("casella.pushing")
TOO_OLD = timedelta(hours=4)
_BATCH = 200
_GONE = (404, 410)


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


class Pushes:
    """Pushes as posts: one receiver for each device."""

    name = "push"

    def waiting(self, db: Connection, now: datetime) -> Sequence[str]:
        return push_queries.waiting(db, now) if push_queries.any_due(db, now) else ()

    def claim(self, db: Connection, receiver: str, token: str, now: datetime, limit: int) -> Sequence[TableRow]:
        return push_queries.claim(db, receiver, token, now, LEASE, limit)

    def carry(self, rooms: Rooms, http: httpx.Client, row: TableRow, token: str) -> None:
        endpoint = rooms.sealer.open(row.endpoint_sealed)
        body = encryption.encrypt(
            rooms.sealer.open(row.words).encode(), row.public_key, rooms.sealer.open(row.secret_sealed)
        )
        answer = post(rooms, http, endpoint, body, _headers(rooms, row, endpoint))
        if not answer.is_good:
            _log.info("push not taken", device=row.device_id, reason=answer.error)
        _note(rooms, row, token, answer)


PUSHES = Pushes()
send_due = carry_due(PUSHES)


def _headers(rooms: Rooms, row: TableRow, endpoint: str) -> dict[str, str]:
    private = encryption.private_key(rooms.sealer.open(row.private_sealed))
    public = rooms.settings.public_url
    contact = public if public.startswith("https:") else "mailto:casella@localhost"
    headers = {
        **encryption.authorization(private, endpoint, contact, rooms.clock.now()), "content-encoding": "aes128gcm",
        "content-type": "application/octet-stream", "ttl": str(int(TOO_OLD.total_seconds())), "urgency": row.urgency,
    }  # fmt: skip
    if row.conversation_id is not None:  # a later one takes the place of one that waits at the service
        digest = hashlib.sha256(row.conversation_id.encode()).digest()
        headers["topic"] = base64.urlsafe_b64encode(digest[:24]).decode()
    return headers


def _note(rooms: Rooms, row: TableRow, token: str, answer: Answer) -> None:
    now = rooms.clock.now()
    due = now + pause_after(row.attempts + 1)
    with rooms.store.write() as db:
        if answer.status in _GONE:
            push_queries.drop(db, row.device_id)
        elif not answer.is_final and due < row.created_at + TOO_OLD:
            push_queries.put_off(db, row.position, token, due)
        else:
            push_queries.done(db, row.position, token)
        note_health(db, push_devices, row.device_id, now, is_good=answer.is_final)


def _text(push: Push) -> str:
    """As JSON, short enough for every push service."""
    words = dict(push.words)
    while len(text := orjson.dumps(words)) > encryption.LONGEST:
        words["body"], words["title"] = words["body"][: len(words["body"]) // 2], words["title"][:200]
    return text.decode()
