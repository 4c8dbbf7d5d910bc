"""What is said the same way of every provider's incoming messages: consent, reactions written as text, kinds of media,
who else reads it, safe values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from mimetypes import guess_type
from urllib.parse import urlsplit

import orjson

from casella.plugin import ConsentChanged, Event, MediaRef, MessageReceived, Unsupported, clean_text, made_id
from casella.plugin.events import AttachmentKind, ConsentState
from casella.plugin.keywords import Keyword
from casella_sms.tapbacks import tapback

_MIME = re.compile(r"[a-z0-9][a-z0-9.+-]*/[a-z0-9][a-z0-9.+_-]*")
_KINDS: dict[str, AttachmentKind] = {"image": "image", "audio": "audio", "video": "video"}
_CONSENT: dict[Keyword, ConsentState] = {"stop": "opted_out", "start": "opted_in"}
_UNKNOWN = "application/octet-stream"
MAX_ID = 128
_RAW = 4000


def with_consent(message: MessageReceived, keyword: Keyword | None, pool: str = "") -> list[Event]:
    """The message. If it opts out or in, that comes first, so that no rule ever answers a STOP. A reaction written as
    text is one: the words it quotes are ours, and wake nobody."""
    if not keyword and not message.attachments and (found := tapback(message.text)):
        facts = {**message.metadata, "emoji": found.emoji, "quoted": found.quoted}
        shown = {"message_kind": "reaction", "provider_replies": True, "metadata": facts}
        return [message.model_copy(update=shown)]
    if message.message_kind == "text" and not message.text and not message.attachments:
        return [message.model_copy(update={"message_kind": "unsupported"})]  # never an empty bubble
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


def unreadable(request: bytes | object) -> Unsupported:
    """An authentic request, or a part of one, of which nothing can be made: it names no number of ours, so it is kept
    as it came."""
    body = request if isinstance(request, bytes) else orjson.dumps(request)
    raw = body.decode("utf-8", "replace").replace("\x00", "")[:_RAW]
    return Unsupported(channel_address="", contact_address="", what="A request that cannot be read.", raw=raw)


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


def any_id_of(value: object) -> str:
    """The id of a message that came, whatever it looks like; empty for nothing. One that is no such id is replaced by
    its digest, so that it stays the same."""
    return id_of(value) or (made_id("id", text) if (text := text_of(value).strip()) else "")


def address_of(value: object) -> str:
    """A number or name as written; empty for nothing."""
    text = text_of(value).strip()
    return text if len(text) <= MAX_ID else made_id("address", text)


def sender_of(address: str, ours: str, message_id: str) -> str:
    """The sender, or a name for nobody: a message that names none is shown all the same, by itself."""
    return address or made_id("unknown", ours, message_id)


def also_to(others: Iterable[str], *known: str) -> dict[str, str]:
    """Who else reads a message to a group, for agents to see before they answer one of them."""
    found = dict.fromkeys(other for other in others if other and other not in known)
    return {"also_to": ", ".join(found)} if found else {}


def with_subject(subject: str, text: str) -> str:
    """An MMS may carry a subject, which phones show above the text."""
    return f"{subject}\n{text}" if subject.strip() and text else subject or text


def iso_time(value: object) -> datetime | None:
    """An ISO 8601 moment, in UTC if it names no zone."""
    if not isinstance(value, str) or len(value) > 40:
        return None
    try:
        found = datetime.fromisoformat(value)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
