"""How many parts a text message is cut into on the air (3GPP 23.038)."""

from __future__ import annotations

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_ESCAPED = frozenset("^{}\\[~]|€\f")


def segments(text: str) -> int:
    """The number of SMS parts; an empty text (media only) still travels as one."""
    if all(char in _BASIC or char in _ESCAPED for char in text):
        return _parts([2 if char in _ESCAPED else 1 for char in text], single=160, part=153)
    return _parts([2 if ord(char) > 0xFFFF else 1 for char in text], single=70, part=67)


def _parts(widths: list[int], single: int, part: int) -> int:
    if sum(widths) <= single:
        return 1
    parts, room = 1, part
    for width in widths:
        # An escape pair or a surrogate pair is never split over two parts.
        if width > room:
            parts, room = parts + 1, part
        room -= width
    return parts
