"""A text as machines compare it, and from where each of its characters comes: people write numbers with narrow spaces,
in other digits, with signs that nobody sees."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

_INVISIBLE = frozenset("\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u3164\uffa0\u2800")
_DOTS = frozenset("\u00b7\u2024\u2027\u2219\u22c5\u30fb\u3002\uff0e\uff61")
_QUOTES = {"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u02bc": "'", "\u201a": "'", "\u201e": '"'}


@dataclass(frozen=True, slots=True)
class Plain:
    """`text`: normalised. `origin`: for each of its characters, the place in what was written."""

    text: str
    origin: list[int]

    def span(self, start: int, stop: int) -> tuple[int, int]:
        """Where a part of it stands in what was written, with what is invisible in between."""
        return self.origin[start], self.origin[stop - 1] + 1


def plain(written: str) -> Plain:
    """NFKC, character by character; invisible ones gone; digits of every script, spaces, dashes, dots as in ASCII."""
    characters: list[str] = []
    origin: list[int] = []
    for place, one in enumerate(written):
        kept = one if one.isascii() else _plain(one)
        characters.append(kept)
        origin.extend([place] * len(kept))
    return Plain("".join(characters), origin)


def _plain(one: str) -> str:
    category = unicodedata.category(one)
    if category == "Cf" or one in _INVISIBLE or "\ufe00" <= one <= "\ufe0f":
        return ""
    if category == "Nd":
        return str(unicodedata.digit(one))
    if category in ("Zs", "Zl", "Zp"):
        return " " if category == "Zs" else "\n"
    if category == "Pd" or one in "\u2212\u2043\u02d7":
        return "-"
    return "." if one in _DOTS else _QUOTES.get(one) or unicodedata.normalize("NFKC", one)
