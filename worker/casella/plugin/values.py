"""What events are made of: text fit for every database, moments, ids of our own making, media, parts of a long
message, why a delivery failed."""

from __future__ import annotations

import hashlib
import unicodedata
from datetime import UTC, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

MAX_TEXT = 65_536
"""Stored text is capped at 64 Ki characters (channels.md §0)."""


def clean_text(text: str) -> str:
    """Text fit for every database: no U+0000 (PostgreSQL refuses it), no lone surrogates, at most MAX_TEXT
    characters. Never trimmed or folded otherwise."""
    return text.replace("\x00", "")[:MAX_TEXT].encode("utf-8", "replace").decode("utf-8")


def clean_name(text: str | None) -> str | None:
    """A name on one line: no control characters, and none of those that turn round what stands beside them, by which a
    name could look like another one. None for what leaves nothing."""
    if text is None:
        return None
    plain = "".join(" " if one in "\n\r\t\v\f\u2028\u2029\x85" else one for one in clean_text(text))
    kept = (one for one in plain if one not in TURNING and unicodedata.category(one) != "Cc")
    return " ".join("".join(kept).split()) or None


TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""Characters that turn round what stands beside them."""


def utc_from_timestamp(seconds: float) -> datetime:
    """An aware UTC datetime. Values of 1e12 and more are milliseconds (channels.md §5.1)."""
    return datetime.fromtimestamp(seconds / 1000 if seconds >= 1e12 else seconds, UTC)


def made_id(kind: str, *parts: str) -> str:
    """An id, or an address, for what the provider gives none: "kind:" and a digest, the same for the same parts."""
    return f"{kind}:{digest(chr(31).join(parts))}"


def digest(text: str) -> str:
    """32 hexadecimal digits that stand for the text."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


AttachmentKind = Literal["image", "audio", "voice", "video", "document", "sticker"]


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class MediaRef(Frozen):
    """An attachment the provider holds. `ref` is whatever `locate_media` needs (a URL, an id): it is never fetched
    by anybody else, and never shown. `upload`: the id of a file the house keeps already (`ChannelHouse.keep_upload`);
    nothing is fetched then."""

    ref: str = ""
    upload: str | None = None
    kind: AttachmentKind = "document"
    mime: str = "application/octet-stream"
    name: str | None = None
    size: int | None = None
    sha256: str | None = None


class MessagePart(Frozen):
    """Which part of a long message this is, of a provider that does not join them: `number`, from 1, of `total`.
    `group`: the same for all its parts; it may be used again later for another message."""

    group: str
    number: int
    total: int


class DeliveryProblem(Frozen):
    """Why a message failed after the provider had taken it. `code`: the provider's own, as text. `text`: one sentence
    for people. `retryable`: worth sending again by hand. `stops_contact`: the recipient has opted out.
    `pauses_channel`: nothing will leave through this channel until somebody repairs it. `outside_window`: the provider
    says that the reply window is over, whatever we have counted (since 1.3)."""

    code: str
    text: str
    retryable: bool = False
    stops_contact: bool = False
    pauses_channel: bool = False
    outside_window: bool = False
