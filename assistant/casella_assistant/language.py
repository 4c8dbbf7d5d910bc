"""Which language a text is in. py3langid knows 97 languages; short texts are guesses, so a certainty comes with it."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
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
    """Guesses by a model that is loaded at first use (a fifth of a second, 80 MB), once for all in the process."""

    def guess(self, text: str) -> Guess | None:
        """None for a text without enough letters to say anything, and where py3langid is not installed (the extra
        `language`)."""
        letters = " ".join(_LETTERS.findall(text))
        if len(letters) < 6 or find_spec("py3langid") is None:
            return None
        with _ONE_AT_A_TIME:
            language, certainty = _model().classify(letters[:2_000].lower())
        return Guess(str(language), float(certainty))


_ONE_AT_A_TIME = threading.Lock()


@cache
def _model() -> _Identifier:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # type: ignore[import-untyped]  # it has no types

    identifier: _Identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(list(COMMON))
    return identifier


def primary(language: str) -> str:
    """`pt` of `pt-BR`."""
    return language.replace("_", "-").partition("-")[0].lower()
