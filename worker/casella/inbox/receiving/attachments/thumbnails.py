"""Thumbnails of stored pictures, made by workers and by nobody else: the web server never decodes an image.

Whatever has become a stored picture, fetched or uploaded, is found by its state; there is nothing to ring for.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

import structlog
from sqlalchemy import Connection, Row, or_, select, update

import casella.inbox.files
from casella import metrics
from casella.errors import DiskFull, StoreUnavailable
from casella.inbox.files import MediaStore, MediaStoreUnavailable
from casella.inbox.house import Rooms
from casella.inbox.views import message_updated, tell
from casella.logs import about
from casella.store.tables import attachments, messages

_log = structlog.get_logger("casella.media")
MOST_BYTES: Final = 30 * 1024 * 1024
"""Larger files are no pictures to look at in a conversation."""
_MOST_SMALL: Final = 1024 * 1024
_SECONDS: Final = 20.0
_DECODER: Final = Path(casella.inbox.files.__file__).with_name("picture_decoder.py")
_LEASE = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """What became of a picture. `refused`: a stable code, empty if there is a thumbnail."""

    content: bytes = b""
    width: int | None = None
    height: int | None = None
    refused: str = ""


def shrink_due(rooms: Rooms, limit: int = 4) -> int:
    """Make thumbnails that are due. Returns how many were tried; 0 means nothing waits."""
    claimed = _claim(rooms, limit)
    for row in claimed:
        with about(attachment_id=row.id):
            _shrink_one(rooms, row)
    return len(claimed)


def shrunk(picture: bytes) -> Thumbnail:
    """The thumbnail, decoded in a process of its own (`casella.inbox.files.picture_decoder`)."""
    command = [sys.executable, "-P", str(_DECODER)]
    try:
        done = subprocess.run(command, input=picture, capture_output=True, timeout=_SECONDS, check=False)  # noqa: S603 - our own program
    except subprocess.TimeoutExpired:
        return Thumbnail(refused="took_too_long")
    head, _, content = done.stdout.partition(b"\n")
    try:
        said = json.loads(head)
    except ValueError:
        return Thumbnail(refused="decoder_died")
    if refused := said.get("refused", ""):
        return Thumbnail(refused=refused)
    if not content or len(content) > _MOST_SMALL:
        return Thumbnail(refused="no_thumbnail")
    return Thumbnail(content, said["width"], said["height"])


def _claim(rooms: Rooms, limit: int) -> list[Row[tuple[object, ...]]]:
    """Rows whose lease is ours for two minutes. A worker that dies leaves them to the next."""
    now = rooms.clock.now()
    table = attachments.c
    due = (
        table.state == "stored",
        table.thumbnail_state.is_(None),
        table.kind.in_(("image", "sticker")),
        or_(table.thumbnail_due_at.is_(None), table.thumbnail_due_at <= now),
    )
    with rooms.store.read() as db:
        found = db.execute(select(attachments).where(*due).order_by(table.id).limit(limit)).all()
    if not found:
        return []
    with rooms.store.write() as db:
        lease = update(attachments).values(thumbnail_due_at=now + _LEASE)
        return [row for row in found if db.execute(lease.where(table.id == row.id, *due)).rowcount]


def _shrink_one(rooms: Rooms, row: Row[tuple[object, ...]]) -> None:
    try:
        made = _made(rooms.media, row)
        key = _kept(rooms.media, made)
    except (MediaStoreUnavailable, DiskFull) as error:
        _log.warning("thumbnail waits", reason=error.text)
        return
    values = {
        "thumbnail_state": "refused" if made.refused else "made", "thumbnail_key": key, "thumbnail_due_at": None,
        "width": made.width, "height": made.height,
    }  # fmt: skip
    metrics.media.labels("thumbnail_refused" if made.refused else "thumbnail").inc()
    if made.refused:
        _log.warning("no thumbnail", reason=made.refused)
    try:
        with rooms.store.write() as db:
            one = update(attachments).where(attachments.c.id == row.id, attachments.c.thumbnail_state.is_(None))
            if recorded := db.execute(one.values(values)).rowcount == 1:
                _tell(rooms, db, row)
    except StoreUnavailable:
        _drop(rooms.media, key)  # it is made again when its lease has run out
        raise
    if not recorded:
        _drop(rooms.media, key)
        return
    rooms.bell.feed()


def _made(media: MediaStore, row: Row[tuple[object, ...]]) -> Thumbnail:
    if (row.size or 0) > MOST_BYTES:
        return Thumbnail(refused="file_too_big")
    try:
        with media.open(row.storage_key) as file:
            picture = file.read()
    except FileNotFoundError:
        return Thumbnail(refused="file_missing")
    return shrunk(picture)


def _kept(media: MediaStore, made: Thumbnail) -> str | None:
    return None if made.refused else media.put([made.content], most=_MOST_SMALL).key


def _drop(media: MediaStore, key: str | None) -> None:
    if key is not None:
        media.delete(key)


def _tell(rooms: Rooms, db: Connection, row: Row[tuple[object, ...]]) -> None:
    """The message it belongs to looks different now; an upload belongs to none yet."""
    query = select(messages.c.id, messages.c.conversation_id).where(messages.c.id == row.message_id)
    message = db.execute(query).one_or_none()
    if message is not None:
        tell(rooms, db, [message_updated(message.conversation_id, message.id)], rooms.clock.now())
