"""What is said the same way of every provider's incoming messages: consent, kinds of media, safe values."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from mimetypes import guess_type
from urllib.parse import urlsplit

from casella.plugin import ConsentChanged, Event, MediaRef, MessageReceived, clean_text
from casella.plugin.events import AttachmentKind, ConsentState
from casella.plugin.keywords import Keyword

_MIME = re.compile(r"[a-z0-9][a-z0-9.+-]*/[a-z0-9][a-z0-9.+_-]*")
_KINDS: dict[str, AttachmentKind] = {"image": "image", "audio": "audio", "video": "video"}
_CONSENT: dict[Keyword, ConsentState] = {"stop": "opted_out", "start": "opted_in"}
_UNKNOWN = "application/octet-stream"
MAX_ID = 128


def with_consent(message: MessageReceived, keyword: Keyword | None, pool: str = "") -> list[Event]:
    """The message. If it opts out or in, that comes first, so that no rule ever answers a STOP."""
    state = _CONSENT.get(keyword) if keyword else None
    if state is None:
        return [message]
    consent = ConsentChanged(
        channel_address=message.channel_address,
        contact_address=message.contact_address,
        state=state,
        source="keyword",
        evidence=message.text[:200],
        pool=pool,
        external_id=message.external_id,
    )
    return [consent, message]


def media_ref(url: str, content_type: str = "", size: object = None) -> MediaRef:
    """An attachment; without a type, the address's ending tells."""
    mime = content_type.partition(";")[0].strip().lower()
    if not _MIME.fullmatch(mime):
        mime = _guessed(url)
    bytes_ = size if isinstance(size, int) and 0 <= size < 2**53 else None
    return MediaRef(ref=url, kind=_KINDS.get(mime.partition("/")[0], "document"), mime=mime[:127], size=bytes_)


def _guessed(url: str) -> str:
    try:
        return guess_type(urlsplit(url).path)[0] or _UNKNOWN
    except ValueError:
        return _UNKNOWN


def kind_of(attachments: Sequence[MediaRef]) -> AttachmentKind | None:
    return attachments[0].kind if attachments else None


def text_of(value: object, most: int = 65_536) -> str:
    """A JSON value as text that every database takes; empty for anything else."""
    return clean_text(value)[:most] if isinstance(value, str) else ""


def id_of(value: object) -> str:
    """A provider's id: printable ASCII without spaces, not too long; empty for anything else."""
    text = value if isinstance(value, str) else ""
    return text if len(text) <= MAX_ID and text.isascii() and text.isprintable() and " " not in text else ""


def address_of(value: object) -> str:
    """A number or name as written; empty for what cannot be one."""
    text = text_of(value).strip()
    return text if len(text) <= 64 else ""


def iso_time(value: object) -> datetime | None:
    """An ISO 8601 moment, in UTC if it names no zone."""
    if not isinstance(value, str) or len(value) > 40:
        return None
    try:
        found = datetime.fromisoformat(value)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
