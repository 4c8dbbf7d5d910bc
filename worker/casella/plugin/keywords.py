"""Opt-out words: the whole message must be one, however it is dressed (channels.md §2.1).

"stop.", " Stop! " and "ARRÊT" are; "stop by at 5" is not.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

Keyword = Literal["stop", "start", "help"]

_ASCII = {code: " " if chr(code).isspace() else chr(code) if chr(code).isalnum() else None for code in range(128)}


def normalise_keyword(text: str) -> str:
    """NFKC, casefold, accents, zero-width marks, punctuation and emoji taken off, spaces collapsed."""
    if text.isascii():  # the same, ten times faster: every message passes here
        return " ".join(text.lower().translate(_ASCII).split())
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    kept = (" " if character.isspace() else character for character in folded if _is_word(character))
    return " ".join("".join(kept).split())


def _is_word(character: str) -> bool:
    return character.isalnum() or character.isspace()


@dataclass(frozen=True, slots=True)
class KeywordList:
    """The words of one sender. Build it with `of`; `match` answers which list a whole message is on."""

    words: dict[str, Keyword] = field(default_factory=dict)

    @classmethod
    def of(cls, *, stop: Iterable[str], start: Iterable[str], help: Iterable[str]) -> KeywordList:
        words: dict[str, Keyword] = {}
        for word in help:
            words[normalise_keyword(word)] = "help"
        for word in start:
            words[normalise_keyword(word)] = "start"
        for word in stop:
            words[normalise_keyword(word)] = "stop"
        return cls(words)

    def match(self, text: str) -> Keyword | None:
        """The list the whole text is on, or None. Texts over 64 characters are never keywords."""
        return self.words.get(normalise_keyword(text)) if 0 < len(text) <= 64 else None
