"""Files: how attachments are kept, what type they really are, and the links they are given out by.

They lie in a `casella.inbox.files.storage`, under random names; nothing a sender says becomes part of a path. The type
is found in the content (magic bytes). What a provider says counts where the content tells nothing, for types that
nobody opens by looking at them.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, Final

import puremagic
import structlog
from itsdangerous import BadSignature, SignatureExpired, URLSafeTimedSerializer

from casella.disk import naming_full_disk
from casella.errors import DiskFull, Invalid
from casella.inbox.files.signatures import by_signature
from casella.inbox.files.storage import MediaStoreUnavailable, Storage
from casella.plugin.events import AttachmentKind
from casella.store.sealing import derive

_log = structlog.get_logger("casella.media")
LINK_SECONDS = 4 * 3600
THUMBNAIL_MIME: Final = "image/webp"
NEARLY_FULL: Final = "The server's disk is nearly full; no more files are taken until the operator makes room."
_IN_MEMORY = 1024 * 1024
_UNKNOWN: Final = "application/octet-stream"
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
RECEIVED: dict[str, AttachmentKind] = {
    **ALLOWED,
    "image/heic": "image",
    "image/heif": "image",
    "image/avif": "image",
    "image/tiff": "image",
    "audio/3gpp": "audio",
    "application/rtf": "document",
    "application/vnd.ms-excel": "document",
    "application/vnd.ms-powerpoint": "document",
}
"""What may come in besides: kept as what it is, and given out for downloading only."""
_ON_TRUST = frozenset(
    {
        *("image/heic", "image/heif", "image/tiff", "audio/amr", "audio/3gpp", "audio/mp4", "audio/mpeg", "audio/aac"),
        *("application/msword", "application/rtf", "application/vnd.ms-excel", "application/vnd.ms-powerpoint"),
    }
)
"""What a provider may say of content that nothing recognises."""
_PROGRAMS = (b"<", b"MZ", b"\x7fELF", b"#!", b"\xca\xfe\xba\xbe")
_ZIP = b"PK\x03\x04"
_OOXML = "application/vnd.openxmlformats-officedocument"
_OFFICE = {
    b"word/": f"{_OOXML}.wordprocessingml.document",
    b"xl/": f"{_OOXML}.spreadsheetml.sheet",
}
_SAME = {
    "image/jpg": "image/jpeg",
    "audio/x-wav": "audio/wav",
    "audio/mp3": "audio/mpeg",
    "video/x-m4v": "video/mp4",
    "text/x-vcard": "text/vcard",
    "text/directory": "text/vcard",
    "audio/x-m4a": "audio/mp4",
    "audio/m4a": "audio/mp4",
    "audio/amr-wb": "audio/amr",
    "audio/x-amr": "audio/amr",
    "text/x-vcalendar": "text/calendar",
    "image/heic-sequence": "image/heic",
    "image/heif-sequence": "image/heif",
    "text/rtf": "application/rtf",
}
_OGG_SOUND = (b"OpusHead", b"\x01vorbis")  # Ogg holds film too; the first page names the codec


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
    """Files under random names, in whatever storage the house has."""

    def __init__(self, storage: Storage, floor: int = 0) -> None:
        """`floor`: bytes that stay free for what is more than files, the database first."""
        self._storage = storage
        self._floor = floor

    def lacks_room(self) -> bool:
        """Whether files are to wait until somebody makes room."""
        free = self.free()
        return free is not None and free < self._floor

    def free(self) -> int | None:
        """Bytes for which there is room; None where nobody can say."""
        return self._storage.free()

    def require_room(self) -> None:
        """Raises DiskFull."""
        if self.lacks_room():
            raise DiskFull(NEARLY_FULL)

    def put(self, chunks: Iterable[bytes], *, most: int, claimed: str = "", by_provider: bool = False) -> StoredFile:
        """Write a stream, at most `most` bytes. `by_provider`: it is a provider that claims the type. Raises
        FileTooBig, MediaStoreUnavailable, DiskFull; nothing is left behind then."""
        self.require_room()
        key = secrets.token_hex(20)
        digest, size, head = hashlib.sha256(), 0, b""
        with naming_full_disk(), SpooledTemporaryFile(_IN_MEMORY) as file:
            for chunk in chunks:
                size += len(chunk)
                if size > most:
                    raise FileTooBig(f"The file has more than {most:,} bytes; send a smaller one.", most=most)
                if len(head) < _HEAD:
                    head += chunk[: _HEAD - len(head)]
                digest.update(chunk)
                file.write(chunk)
            self._storage.keep(key, file)
        mime = mime_of(head, claimed, by_provider=by_provider)
        return StoredFile(key, size, digest.hexdigest(), mime, kind_of(mime, claimed))

    def open(self, key: str) -> BinaryIO:
        """A reader that can seek. Raises FileNotFoundError, MediaStoreUnavailable."""
        return self._storage.open(key)

    def has(self, key: str) -> bool:
        """Whether there is such a file. Raises MediaStoreUnavailable."""
        try:
            self._storage.open(key).close()
        except FileNotFoundError:
            return False
        return True

    def delete(self, key: str) -> None:
        """Whether or not it is there. What cannot be deleted now is logged and left: nobody can reach it."""
        try:
            self._storage.delete(key)
        except MediaStoreUnavailable as error:
            _log.warning("file not deleted", key=key, reason=error.text)


def mime_of(head: bytes, claimed: str = "", *, by_provider: bool = False) -> str:
    """The type of a file by its first bytes; plain text only if it is text and was said to be. Where they tell nothing,
    what a provider says of it counts, if it is no type that a browser shows."""
    given = claimed.partition(";")[0].strip().lower()
    said = _SAME.get(given, given)
    if own := by_signature(head, said):
        return own if by_provider or own in ALLOWED else _UNKNOWN
    try:
        found = puremagic.from_string(head, mime=True) if head else ""
    except (puremagic.PureError, ValueError):
        found = ""
    found = _packed(head) if head.startswith(_ZIP) else _SAME.get(found, found)
    if found == "application/ogg" and any(codec in head[:128] for codec in _OGG_SOUND):
        found = "audio/ogg"
    if found in ALLOWED and found not in _TEXT_MIMES:
        return found
    if said in _TEXT_MIMES and _is_text(head):
        return said
    if by_provider and said in _ON_TRUST and not _is_text(head) and not head.lstrip()[:4].startswith(_PROGRAMS):
        return said
    return _UNKNOWN


def _packed(head: bytes) -> str:
    """What a zip archive is: an office's document has its relations among its first files, and its own folder;
    puremagic takes every archive for one."""
    if b"[Content_Types].xml" not in head and b"_rels/.rels" not in head:
        return "application/zip"
    return next((mime for name, mime in _OFFICE.items() if name in head), "application/zip")


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
    return RECEIVED.get(mime, "document")


@dataclass(frozen=True, slots=True)
class Linked:
    """What a link leads to: an attachment, or its thumbnail."""

    attachment_id: str
    is_thumbnail: bool = False


class FileLinks:
    """Links by which a file is fetched without signing in: unguessable, expiring, for that one file. For providers,
    and for programs that show pictures by address alone."""

    def __init__(self, key: str, public_url: str) -> None:
        secret = derive(key, "file-links")
        self._files = URLSafeTimedSerializer(secret, salt="file")
        self._thumbnails = URLSafeTimedSerializer(secret, salt="thumbnail")
        self._public_url = public_url

    def link(self, attachment_id: str) -> str:
        return f"{self._public_url}/files/{self._files.dumps(attachment_id)}"

    def thumbnail(self, attachment_id: str) -> str:
        return f"{self._public_url}/files/{self._thumbnails.dumps(attachment_id)}"

    def linked(self, signed: str) -> Linked | None:
        """What a link is for, None if it is forged or too old."""
        for serializer, is_thumbnail in ((self._files, False), (self._thumbnails, True)):
            try:
                value = serializer.loads(signed, max_age=LINK_SECONDS)
            except (BadSignature, SignatureExpired):
                continue
            return Linked(value, is_thumbnail) if isinstance(value, str) else None
        return None
