"""Which language a text is in. py3langid knows 97 languages; short texts are guesses, so a certainty comes with it."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass
from typing import Protocol

_LETTERS = re.compile(r"[^\W\d_]+")
#: Languages that short European texts are really in; told apart among 97, "Ciao" is Croatian.
COMMON = ("en", "it", "de", "fr", "es", "pt", "nl", "pl", "ro", "sv", "da", "cs", "hu", "tr",
          "ru", "uk", "el", "ar", "he", "hi", "zh", "ja", "ko")  # fmt: skip
NON_LATIN = frozenset({"ru", "uk", "el", "ar", "he", "hi", "zh", "ja", "ko", "bg", "sr", "th", "fa", "ur"})


@dataclass(frozen=True, slots=True)
class Guess:
    """`certainty` from 0 to 1."""

    language: str
    certainty: float


class _Identifier(Protocol):
    def set_languages(self, langs: list[str]) -> None: ...  # pragma: no cover - a protocol
    def classify(self, text: str) -> tuple[str, float]: ...  # pragma: no cover - a protocol


class Languages:
    """Loads its model (a fifth of a second) at first use, once."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._identifier: _Identifier | None = None

    def guess(self, text: str) -> Guess | None:
        """None for a text without enough letters to say anything."""
        letters = " ".join(_LETTERS.findall(text))
        if len(letters) < 6:
            return None
        with self._lock:
            if self._identifier is None:
                self._identifier = _load()
            language, certainty = self._identifier.classify(letters[:2_000].lower())
        return Guess(str(language), float(certainty))


def _load() -> _Identifier:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # type: ignore[import-untyped]  # it has no types

    identifier: _Identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(list(COMMON))
    return identifier


def primary(language: str) -> str:
    """`pt` of `pt-BR`."""
    return language.replace("_", "-").partition("-")[0].lower()
