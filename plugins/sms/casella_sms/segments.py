"""How many SMS a text takes (channels.md §2.3).

GSM-7 if every character is in its alphabet, otherwise UCS-2 for the whole text. A long text is cut into parts; a part
never ends inside an escape pair or a surrogate pair, so it may stay one unit short.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

GSM_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_EXTENSION = frozenset("^{}\\[~]|€\f")
GSM = GSM_BASIC | GSM_EXTENSION

_SINGLE = {"gsm7": 160, "ucs2": 70}
_PART = {"gsm7": 153, "ucs2": 67}


@dataclass(frozen=True, slots=True)
class Segments:
    """`units`: septets of GSM-7, or UTF-16 units. `parts`: how many SMS are sent and paid."""

    encoding: Literal["gsm7", "ucs2"]
    units: int
    parts: int

    @property
    def part_size(self) -> int:
        """The units one part of several holds."""
        return _PART[self.encoding]


def segments_of(text: str) -> Segments:
    """The encoding, units and parts of a text. An empty text takes one part."""
    encoding: Literal["gsm7", "ucs2"] = "gsm7" if GSM.issuperset(text) else "ucs2"
    widths = [_width(character, encoding) for character in text]
    units = sum(widths)
    return Segments(encoding, units, 1 if units <= _SINGLE[encoding] else _parts(widths, _PART[encoding]))


def utf16_length(text: str) -> int:
    """Length as Twilio counts it for its limit: characters beyond U+FFFF are two."""
    return len(text) + sum(character > "\uffff" for character in text)


def _width(character: str, encoding: str) -> int:
    double = character in GSM_EXTENSION if encoding == "gsm7" else character > "\uffff"
    return 2 if double else 1


def _parts(widths: list[int], size: int) -> int:
    parts, used = 1, 0
    for width in widths:
        if used + width > size:
            parts, used = parts + 1, 0
        used += width
    return parts
