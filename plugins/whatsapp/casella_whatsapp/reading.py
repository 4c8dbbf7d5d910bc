"""Reading JSON that may be anything: every question has an answer, of the type that was asked for."""

from __future__ import annotations

from datetime import datetime

from casella.plugin import clean_text
from casella.plugin.events import MAX_TEXT, utc_from_timestamp

Document = dict[str, object]
_NOTHING: Document = {}
_LATEST = 253_402_300_800.0  # the year 10000, in seconds: no datetime goes further


def mapping(value: object) -> Document:
    return value if isinstance(value, dict) else _NOTHING


def items(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def word(value: object) -> str:
    """Text, or an id that came as a number; empty for anything else."""
    if isinstance(value, str):
        fits = len(value) <= MAX_TEXT and value.isascii() and "\x00" not in value
        return value if fits else clean_text(value)
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) and value == value else None


def moment(value: object) -> datetime | None:
    """Seconds or milliseconds since 1970, as a number or as text."""
    if isinstance(value, str):
        if not (value.isascii() and value.isdigit() and len(value) < 16):
            return None
        value = int(value)
    seconds = number(value)
    if seconds is None or not 0 < seconds < _LATEST * 1000 or (_LATEST <= seconds < 1e12):
        return None
    return utc_from_timestamp(seconds)


_TECHNICAL = frozenset({"id", "sha256", "mime_type", "type", "timestamp", "flow_token", "wa_id", "catalog_id"})


def whole(value: object) -> str:
    """Text of any length, fit for every database: `word` ends at what a message's own text may have."""
    return value.replace("\x00", "").encode("utf-8", "replace").decode("utf-8") if isinstance(value, str) else ""


def lines(value: object, name: str = "") -> list[str]:
    """Everything people could read in a piece of JSON, as "name: value", without ids and digests."""
    if isinstance(value, dict):
        inner = ((f"{name}.{key}" if name else str(key), one) for key, one in value.items() if key not in _TECHNICAL)
        return [line for path, one in inner for line in lines(one, path)]
    if isinstance(value, list):
        return [line for one in value for line in lines(one, name)]
    if isinstance(value, float):
        text = f"{value:.10g}"
    else:
        text = word(value) if not isinstance(value, bool) else "yes" if value else "no"
    return [f"{name}: {text}" if name else text] if text.strip() else []
