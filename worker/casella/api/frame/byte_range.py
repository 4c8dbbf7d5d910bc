"""The one form of Range that players and downloaders send: a single span of bytes (RFC 9110 §14)."""

from __future__ import annotations

import re
from dataclasses import dataclass

_SPAN = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


@dataclass(frozen=True, slots=True)
class ByteRange:
    start: int
    length: int
    is_partial: bool


def parse_range(header: str | None, size: int) -> ByteRange | None:
    """The part asked for; the whole for no header, or one that is not understood (as the RFC wishes); None for a part
    that does not exist."""
    whole = ByteRange(0, size, is_partial=False)
    match = _SPAN.fullmatch(header.strip()) if header else None
    if match is None or match.groups() == ("", ""):
        return whole
    first, last = match.groups()
    if not first:
        length = min(int(last), size)
        return ByteRange(size - length, length, is_partial=True) if length else None
    start = int(first)
    end = min(int(last), size - 1) if last else size - 1
    if last and int(last) < start:
        return whole
    return ByteRange(start, end - start + 1, is_partial=True) if start < size else None
