"""Plain values of events: text fit for every database, moments, and ids of our own making."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

MAX_TEXT = 65_536
"""Stored text is capped at 64 Ki characters (channels.md §0)."""


def clean_text(text: str) -> str:
    """Text fit for every database: no U+0000 (PostgreSQL refuses it), no lone surrogates, at most MAX_TEXT
    characters. Never trimmed or folded otherwise."""
    return text.replace("\x00", "")[:MAX_TEXT].encode("utf-8", "replace").decode("utf-8")


def utc_from_timestamp(seconds: float) -> datetime:
    """An aware UTC datetime. Values of 1e12 and more are milliseconds (channels.md §5.1)."""
    return datetime.fromtimestamp(seconds / 1000 if seconds >= 1e12 else seconds, UTC)


def made_id(kind: str, *parts: str) -> str:
    """An id, or an address, for what the provider gives none: "kind:" and a digest, the same for the same parts."""
    return f"{kind}:{digest(chr(31).join(parts))}"


def digest(text: str) -> str:
    """32 hexadecimal digits that stand for the text."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]
