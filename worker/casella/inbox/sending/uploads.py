"""Attachments that agents and contacts upload, and how any attachment is given out."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import BinaryIO, ClassVar

from sqlalchemy import Connection, delete, insert, select

from casella.errors import CasellaError, Invalid, NotFound
from casella.ids import new_id
from casella.inbox.files import (
    ALLOWED,
    LINK_SECONDS,
    THUMBNAIL_MIME,
    FileLinks,
    FileTooBig,
    MediaStore,
    StoredFile,
    fitting_name,
)
from casella.inbox.house import Rooms, able
from casella.inbox.reading import Member, readable
from casella.inbox.views import AttachmentView, attachment_view
from casella.plugin import Upload, clean_text
from casella.store.queries import message_queries, organisation_queries
from casella.store.rows import TableRow
from casella.store.tables import attachments

USUAL_BYTES = 25 * 1024 * 1024
MOST_BYTES = 100 * 1024 * 1024
"""Whatever a plugin says its channel takes."""
INLINE = frozenset(mime for mime, kind in ALLOWED.items() if kind in ("image", "audio", "video")) - {"audio/amr"}
"""Types a browser shows itself without running anything in them. Everything else is downloaded."""
UPLOADS_AT_ONCE = 500
_LONGEST_NAME = 200
_NOT_IN_NAMES = str.maketrans(dict.fromkeys('/\\:*?"<>|', "_"))


class FileTypeRefused(Invalid):
    """Files of this type may not be sent."""

    code: ClassVar[str] = "file_type_refused"
    status: ClassVar[int] = 415


class AttachmentNotReady(NotFound):
    """The attachment is still being fetched; try again in a moment."""

    code: ClassVar[str] = "attachment_not_ready"


class AttachmentUnavailable(NotFound):
    """The attachment could not be fetched."""

    code: ClassVar[str] = "attachment_unavailable"


@dataclass(frozen=True, slots=True)
class OpenFile:
    """A file to be given out. `inline`: whether a browser may show it."""

    file: BinaryIO
    size: int
    mime: str
    name: str
    inline: bool
    sha256: str | None


class VoiceNoteRefused(FileTypeRefused):
    """A voice note must be Ogg with Opus; record it so, or send the file as sound."""

    code: ClassVar[str] = "voice_note_format"


def most_upload(rooms: Rooms, member: Member) -> int:
    """How large a file this member may upload: as the most generous of his channels takes it, 25 MB at least. What the
    very channel of a message takes is asked when it is sent, and before that by its preview."""
    largest = USUAL_BYTES
    for channel in rooms.directory.current.channels.values():
        if channel.inbox.id in member.every_inbox_id:
            with suppress(CasellaError):  # not installed, or set aside
                largest = max(largest, able(rooms, channel).attachments.largest)
    return min(largest, MOST_BYTES)


def keep_upload(
    media: MediaStore, chunks: Iterable[bytes], claimed: str, *, most: int = USUAL_BYTES, voice: bool = False
) -> StoredFile:
    """Write an upload. Its content says what it is. `voice`: it is to be sent as a voice note (S-100). Raises
    FileTooBig, FileTypeRefused, VoiceNoteRefused; nothing is left behind then."""
    stored = media.put(chunks, most=most, claimed=claimed)
    if stored.mime not in ALLOWED:
        media.delete(stored.key)
        raise FileTypeRefused
    if voice and not _is_opus(media, stored):
        media.delete(stored.key)
        raise VoiceNoteRefused
    return replace(stored, kind="voice") if voice else stored


def _is_opus(media: MediaStore, stored: StoredFile) -> bool:
    """Providers take nothing else, whatever it is called (peers.md #95-97)."""
    if stored.mime != "audio/ogg":
        return False
    with media.open(stored.key) as file:
        return b"OpusHead" in file.read(128)


def record_upload(db: Connection, member: Member, stored: StoredFile, name: str, at: datetime) -> AttachmentView:
    """The upload becomes an attachment that this member may send."""
    attachment_id = new_id()
    values = {
        "id": attachment_id, "message_id": None, "kind": stored.kind, "mime": stored.mime, "size": stored.size,
        "name": _fitting(name, stored.mime), "sha256": stored.sha256, "storage_key": stored.key, "state": "stored",
        "uploaded_by": member.id, "created_at": at,
    }  # fmt: skip
    db.execute(insert(attachments), values)
    return attachment_view(db.execute(select(attachments).where(attachments.c.id == attachment_id)).one())


def keep_contact_upload(rooms: Rooms, content: bytes, name: str, claimed: str, most: int) -> Upload:
    """A file that a contact will attach to a message; nobody's until then. Raises FileTooBig, FileTypeRefused,
    StoreUnavailable; nothing is left behind then."""
    if len(content) > most:
        raise FileTooBig(f"The file has more than {most:,} bytes; send a smaller one.", most=most)
    stored = keep_upload(rooms.media, [content], claimed)
    upload = Upload(id=new_id(), kind=stored.kind, mime=stored.mime, name=_fitting(name, stored.mime), size=stored.size)
    values = {
        "id": upload.id, "message_id": None, "kind": stored.kind, "mime": stored.mime, "size": stored.size,
        "name": upload.name, "sha256": stored.sha256, "storage_key": stored.key, "state": "stored",
        "uploaded_by": None, "created_at": rooms.clock.now(),
    }  # fmt: skip
    try:
        with rooms.store.write() as db:
            db.execute(insert(attachments), values)
    except BaseException:  # raised again: a file without its row would stay for ever
        rooms.media.delete(stored.key)
        raise
    return upload


def forget_uploads(rooms: Rooms, before: datetime, limit: int = UPLOADS_AT_ONCE) -> int:
    """Drop a batch of uploads that nobody has put into a message. Returns how many."""
    unused = select(attachments.c.id).where(attachments.c.message_id.is_(None), attachments.c.created_at < before)
    with rooms.store.write() as db:
        chosen = delete(attachments).where(attachments.c.id.in_(unused.limit(limit)))
        dropped = db.execute(chosen.returning(attachments.c.storage_key, attachments.c.thumbnail_key)).all()
    for key in (key for row in dropped for key in row if key):
        rooms.media.delete(key)
    return len(dropped)


def _fitting(name: str, mime: str) -> str | None:
    """The name with the ending of what the file is."""
    last = clean_text(name).replace("\\", "/").rpartition("/")[2]
    kept = safe_name(last)
    return fitting_name(kept, mime, "") if kept else None


def safe_name(name: str) -> str | None:
    """A file name fit for every system: no folders, no control characters, not too long, its ending kept."""
    kept = "".join(character for character in clean_text(name) if character.isprintable())
    kept = kept.translate(_NOT_IN_NAMES).strip(" .")
    if len(kept) > _LONGEST_NAME:
        stem, dot, ending = kept.rpartition(".")
        kept = f"{stem[: _LONGEST_NAME - 12]}{dot}{ending}" if dot and len(ending) <= 11 else kept[:_LONGEST_NAME]
    return kept or None


def find_attachment(db: Connection, member: Member, attachment_id: str) -> TableRow:
    """Raises NotFound unless the member sees its message, or uploaded it himself."""
    row = message_queries.attachment(db, attachment_id, readable(member), member.id)
    if row is None:
        raise NotFound("There is no such attachment, or it is not yours to see.")
    return row


def linked_attachment(db: Connection, attachment_id: str) -> TableRow:
    """The attachment that a provider's signed link names. Raises NotFound."""
    row = db.execute(select(attachments).where(attachments.c.id == attachment_id)).one_or_none()
    if row is None:
        raise NotFound
    return row


@dataclass(frozen=True, slots=True)
class Links:
    """Addresses that work without signing in, until `expires_at`."""

    url: str
    thumbnail_url: str | None
    expires_at: datetime


def links_of(links: FileLinks, row: TableRow, at: datetime) -> Links:
    """Raises AttachmentNotReady, AttachmentUnavailable: a link that leads nowhere helps nobody."""
    _ready(row)
    small = links.thumbnail(row.id) if row.thumbnail_state == "made" else None
    return Links(links.link(row.id), small, at + timedelta(seconds=LINK_SECONDS))


def open_thumbnail(media: MediaStore, row: TableRow) -> OpenFile:
    """Raises AttachmentNotReady while it may still be made, AttachmentUnavailable where there is none."""
    _ready(row)
    if row.thumbnail_state is None and row.kind in ("image", "sticker"):
        raise AttachmentNotReady(retry_after=2)
    if row.thumbnail_key is None:
        raise AttachmentUnavailable("There is no thumbnail of this attachment.")
    return _opened(media, row.thumbnail_key, THUMBNAIL_MIME, f"{_name(row)}.webp", None)


def open_attachment(media: MediaStore, row: TableRow) -> OpenFile:
    """Raises AttachmentNotReady, AttachmentUnavailable."""
    _ready(row)
    return _opened(media, row.storage_key, row.mime, _name(row), row.sha256)


def open_picture(media: MediaStore, db: Connection, contact_id: str) -> OpenFile:
    """The contact's picture as his provider has it; whether he may be seen was asked before. Raises
    AttachmentUnavailable."""
    row = organisation_queries.contact_picture(db, contact_id)
    if row is None:
        raise AttachmentUnavailable("There is no picture of this contact.")
    return _opened(media, row.picture_key, row.picture_mime, f"contact-{contact_id[-6:].lower()}", None)


def _ready(row: TableRow) -> None:
    if row.state == "pending":
        raise AttachmentNotReady(retry_after=5)
    if row.state != "stored" or row.storage_key is None:
        raise AttachmentUnavailable


def _name(row: TableRow) -> str:
    """What older rows hold is brought in line here as well."""
    return fitting_name(row.name, row.mime, f"{row.kind}-{row.id[-6:].lower()}")


def _opened(media: MediaStore, key: str, mime: str, name: str, sha256: str | None) -> OpenFile:
    try:
        file = media.open(key)
    except FileNotFoundError as error:
        raise AttachmentUnavailable from error
    size = file.seek(0, 2)
    file.seek(0)
    return OpenFile(file, size, mime, name, mime in INLINE, sha256)
