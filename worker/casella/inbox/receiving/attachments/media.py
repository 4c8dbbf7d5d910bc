"""Fetching attachments of received messages: claimed, downloaded under guard, checked, stored, told to the feed.

The plugin only says where and with what credentials (`locate_media`); the download is the host's, so that one set of
guards holds for everybody: host allow-list, no private address after DNS, both again on every redirect, credentials to
their own hosts only, size capped while streaming, type by content.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

import httpx
import structlog
from sqlalchemy import Connection, Row, select, update

from casella import metrics
from casella.errors import CasellaError, ConfigurationError, StoreUnavailable
from casella.inbox.files import FetchRefused, FileTooBig, StoredFile, fetch, fitting_name
from casella.inbox.house import Rooms
from casella.inbox.sending import backoff
from casella.inbox.views import message_updated, tell
from casella.logs import about
from casella.plugin import MediaRef, MediaRequest, MediaUnavailable
from casella.store.tables import attachments, messages

_log = structlog.get_logger("casella.media")
MOST_BYTES: Final = 100 * 1024 * 1024
MOST_ATTEMPTS: Final = 40
"""Two to three hours: a provider that is away for some minutes must not cost a picture."""
_LEASE = timedelta(minutes=5)
_UNTIL_MENDED = timedelta(minutes=1)
"""Asking a plugin that is set aside costs nothing, and one that was mended is noticed soon."""


def fetch_due(rooms: Rooms, http: httpx.Client, limit: int = 4) -> int:
    """Fetch attachments that are due. Returns how many were tried; 0 means nothing waits."""
    claimed = _claim(rooms, limit)
    for row, token in claimed:
        with about(message_id=row.message_id):
            _fetch_one(rooms, http, row, token)
    return len(claimed)


def _claim(rooms: Rooms, limit: int) -> list[tuple[Row[tuple[object, ...]], str]]:
    now = rooms.clock.now()
    token = secrets.token_hex(8)
    query = (
        select(attachments, messages.c.channel_id, messages.c.conversation_id, messages.c.state.label("message_state"))
        .join(messages, messages.c.id == attachments.c.message_id)
        .where(attachments.c.state == "pending", attachments.c.due_at <= now)
        .order_by(attachments.c.due_at)
        .limit(limit)
        .with_for_update(skip_locked=True, of=attachments)
    )
    with rooms.store.read() as db:
        if db.execute(query.with_only_columns(attachments.c.id)).first() is None:
            return []
    with rooms.store.write() as db:
        rows = db.execute(query).all()
        if rows:
            db.execute(
                update(attachments)
                .where(attachments.c.id.in_([row.id for row in rows]))
                .values(token=token, due_at=now + _LEASE, attempts=attachments.c.attempts + 1)
            )
    return [(row, token) for row in rows]


def _fetch_one(rooms: Rooms, http: httpx.Client, row: Row[tuple[object, ...]], token: str) -> None:
    try:
        stored = _download(rooms, http, row)
    except MediaUnavailable as error:
        _failed(rooms, row, token, "media_unavailable", error.text, retry=error.retryable)
    except FileTooBig:
        _failed(rooms, row, token, "file_too_big", "larger than allowed", retry=False)
    except FetchRefused as error:
        _failed(rooms, row, token, error.code, error.text, retry=False)
    except (httpx.HTTPError, OSError) as error:
        _failed(rooms, row, token, "media_unreachable", type(error).__name__, retry=True)
    except CasellaError as error:
        _postponed(rooms, row, token, error)
    except (httpx.InvalidURL, ValueError, TypeError, AttributeError) as error:  # what a guest may write into a request
        _failed(rooms, row, token, "media_address", type(error).__name__, retry=False)
    else:
        _stored(rooms, row, token, stored)


def _download(rooms: Rooms, http: httpx.Client, row: Row[tuple[object, ...]]) -> StoredFile:
    channel = rooms.directory.current.channels.get(row.channel_id)
    if channel is None or channel.channel is None:
        raise ConfigurationError("The channel is not connected.")
    ref = MediaRef.model_validate_json(rooms.sealer.open(row.source_sealed))
    plugin = rooms.host.plugin(channel.channel_type)
    location = channel.channel
    request = rooms.host.call(plugin, "locate_media", lambda: plugin.locate_media(location, ref, http), MediaRequest)
    with fetch(http, request, rooms.settings.hosts_within()) as response:
        if response.status_code in (404, 425, 429) or response.status_code >= 500:
            early = response.status_code == 404 and not request.retry_missing
            raise MediaUnavailable(f"The provider answered {response.status_code}.", retryable=not early)
        if response.status_code != 200:
            raise MediaUnavailable(f"The provider answered {response.status_code}.")
        return rooms.media.put(
            _in_time(response.iter_bytes(65_536)), most=MOST_BYTES, claimed=ref.mime, by_provider=True
        )


def _in_time(chunks: Iterator[bytes], seconds: float = _LEASE.total_seconds() * 0.8) -> Iterator[bytes]:
    """The chunks, until the claim is about to run out: a server that drips must not hold a worker for good."""
    deadline = time.monotonic() + seconds
    for chunk in chunks:
        if time.monotonic() > deadline:
            raise MediaUnavailable("The download took too long.", retryable=True)
        yield chunk


def _stored(rooms: Rooms, row: Row[tuple[object, ...]], token: str, stored: StoredFile) -> None:
    values = {
        "state": "stored", "storage_key": stored.key, "size": stored.size, "sha256": stored.sha256,
        "mime": stored.mime, "error_code": None, "token": None,
        "name": fitting_name(row.name, stored.mime, row.kind) if row.name else None,
        "kind": row.kind if stored.kind == "document" and stored.mime == "application/octet-stream" else stored.kind,
    }  # fmt: skip
    if row.kind in ("voice", "sticker") and stored.kind in ("audio", "image"):
        values["kind"] = row.kind
    try:
        with rooms.store.write() as db:
            if finished := _finish(db, row, token, values):
                _tell(rooms, db, row)
    except StoreUnavailable:
        rooms.media.delete(stored.key)  # it is fetched again when its claim has run out
        raise
    if not finished:
        rooms.media.delete(stored.key)  # another worker was faster
        return
    metrics.media.labels("stored").inc()
    rooms.bell.feed()


def _failed(rooms: Rooms, row: Row[tuple[object, ...]], token: str, code: str, text: str, *, retry: bool) -> None:
    attempt = row.attempts + 1
    again = retry and attempt < MOST_ATTEMPTS
    _log.warning("attachment not fetched", code=code, reason=text, attempt=attempt, again=again)
    metrics.media.labels("retry" if again else code).inc()
    due = rooms.clock.now() + timedelta(seconds=backoff(attempt))
    values: dict[str, object] = {"error_code": code, "token": None}
    values |= {"due_at": due} if again else {"state": "failed"}
    with rooms.store.write() as db:
        if _finish(db, row, token, values) and not again:
            _tell(rooms, db, row)
    rooms.bell.feed()


def _postponed(rooms: Rooms, row: Row[tuple[object, ...]], token: str, error: CasellaError) -> None:
    """The fault is in this house (a plugin set aside, a lost key): it does not use up the attempts."""
    _log.warning("attachment waits", code=error.reason, reason=error.text)
    due = rooms.clock.now() + _UNTIL_MENDED
    with rooms.store.write() as db:
        _finish(db, row, token, {"error_code": error.reason, "token": None, "due_at": due, "attempts": row.attempts})


def retry_now(db: Connection, now: datetime) -> int:
    """Whatever waits for another try is due: what was in the way has been mended. Returns how many wait."""
    waiting = update(attachments).where(attachments.c.state == "pending", attachments.c.token.is_(None))
    return db.execute(waiting.values(due_at=now)).rowcount


def _finish(db: Connection, row: Row[tuple[object, ...]], token: str, values: dict[str, object]) -> bool:
    statement = update(attachments).where(attachments.c.id == row.id, attachments.c.token == token)
    return db.execute(statement.values(values)).rowcount == 1


def _tell(rooms: Rooms, db: Connection, row: Row[tuple[object, ...]]) -> None:
    tell(rooms, db, [message_updated(row.conversation_id, row.message_id)], rooms.clock.now())
