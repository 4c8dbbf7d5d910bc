"""Files: where attachments are kept, what type they really are, and the links providers fetch them by.

The local folder of the data directory keeps them under random names; nothing a sender says becomes part of a path.
The type is found in the content (magic bytes), never taken from the payload.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast, get_args

import puremagic
from itsdangerous import BadSignature, SignatureExpired, URLSafeTimedSerializer
from sqlalchemy import Connection, select

from casella.errors import Invalid
from casella.plugin import OutgoingAttachment
from casella.plugin.events import AttachmentKind
from casella.store.sealing import derive
from casella.store.tables import attachments

if TYPE_CHECKING:
    from casella.inbox.rooms import Rooms

LINK_SECONDS = 4 * 3600
_CHUNK = 65_536
_HEAD = 8192
_TEXT_MIMES = ("text/plain", "text/csv", "text/vcard", "text/calendar")
ALLOWED: dict[str, AttachmentKind] = {
    "image/jpeg": "image",
    "image/png": "image",
    "image/gif": "image",
    "image/webp": "image",
    "audio/mpeg": "audio",
    "audio/ogg": "audio",
    "audio/amr": "audio",
    "audio/aac": "audio",
    "audio/mp4": "audio",
    "audio/wav": "audio",
    "video/mp4": "video",
    "video/3gpp": "video",
    "video/quicktime": "video",
    "application/pdf": "document",
    "application/zip": "document",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "document",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "document",
    "application/msword": "document",
    "text/plain": "document",
    "text/csv": "document",
    "text/vcard": "document",
    "text/calendar": "document",
}
"""Types that are stored and served as what they are. Everything else is kept as application/octet-stream, and HTML and
SVG among it can never be shown inline."""
_SAME = {"image/jpg": "image/jpeg", "audio/x-wav": "audio/wav", "audio/mp3": "audio/mpeg", "video/x-m4v": "video/mp4"}


class FileTooBig(Invalid):
    """The file is larger than allowed; send a smaller one."""

    code = "file_too_big"
    status = 413


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file in the store. `key` is its random name; `mime` what its content is."""

    key: str
    size: int
    sha256: str
    mime: str
    kind: AttachmentKind


class MediaStore:
    """Files in a local folder, two levels of random names deep."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, chunks: Iterable[bytes], *, most: int, claimed: str = "") -> StoredFile:
        """Write a stream, at most `most` bytes. Raises FileTooBig; nothing is left behind then."""
        key = secrets.token_hex(20)
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        digest, size, head = hashlib.sha256(), 0, b""
        try:
            with path.open("xb") as file:
                for chunk in chunks:
                    size += len(chunk)
                    if size > most:
                        raise FileTooBig(f"The file has more than {most:,} bytes; send a smaller one.", most=most)
                    if len(head) < _HEAD:
                        head += chunk[: _HEAD - len(head)]
                    digest.update(chunk)
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        mime = mime_of(head, claimed)
        return StoredFile(key, size, digest.hexdigest(), mime, kind_of(mime, claimed))

    def open(self, key: str) -> BinaryIO:
        """Raises FileNotFoundError."""
        return self._path(key).open("rb")

    def path(self, key: str) -> Path:
        """Where the file lies, for servers that send files themselves."""
        return self._path(key)

    def delete(self, key: str) -> None:
        self._path(key).unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        if len(key) != 40 or not all(character in "0123456789abcdef" for character in key):
            raise FileNotFoundError(key)
        return self._folder / key[:2] / key


def mime_of(head: bytes, claimed: str = "") -> str:
    """The type of a file by its first bytes; plain text only if it is text and was said to be."""
    try:
        found = puremagic.from_string(head, mime=True) if head else ""
    except (puremagic.PureError, ValueError):
        found = ""
    found = _SAME.get(found, found)
    if found in ALLOWED and found not in _TEXT_MIMES:
        return found
    said = claimed.partition(";")[0].strip().lower()
    if said in _TEXT_MIMES and _is_text(head):
        return said
    return "application/octet-stream"


def _is_text(head: bytes) -> bool:
    if b"\x00" in head or b"<" in head[:256].lstrip()[:1]:
        return False
    try:
        head[: _HEAD - 4].decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start > len(head) - 4
    return True


def kind_of(mime: str, claimed: str = "") -> AttachmentKind:
    """The kind of attachment of a type; a claimed kind such as "voice" is kept if it is a refinement of it."""
    return ALLOWED.get(mime, "document")


class FileLinks:
    """Links by which a provider fetches a file: unguessable, expiring, for that one file."""

    def __init__(self, key: str, public_url: str) -> None:
        self._serializer = URLSafeTimedSerializer(derive(key, "file-links"), salt="file")
        self._public_url = public_url

    def link(self, attachment_id: str) -> str:
        return f"{self._public_url}/files/{self._serializer.dumps(attachment_id)}"

    def attachment_of(self, signed: str) -> str | None:
        """The attachment a link is for, None if it is forged or too old."""
        try:
            value = self._serializer.loads(signed, max_age=LINK_SECONDS)
        except (BadSignature, SignatureExpired):
            return None
        return value if isinstance(value, str) else None


def outgoing_files(rooms: Rooms, db: Connection, message_id: str) -> Sequence[OutgoingAttachment]:
    """The files of a message, with links for the provider."""
    query = select(attachments).where(attachments.c.message_id == message_id).order_by(attachments.c.position)
    return [
        OutgoingAttachment(
            rooms.links.link(row.id),
            cast(AttachmentKind, row.kind if row.kind in get_args(AttachmentKind) else "document"),
            row.mime,
            row.size or 0,
            row.name or f"file-{row.position + 1}",
            partial(rooms.media.open, row.storage_key) if row.storage_key else None,
        )
        for row in db.execute(query)
    ]
