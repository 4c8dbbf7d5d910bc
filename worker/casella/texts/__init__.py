"""What agents and customers read, in English and Italian. The English sentence is the key: it stands where it is
raised, and a sentence without a translation is shown in English rather than not at all."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Literal

from casella.texts.italian import DID_YOU_MEAN
from casella.texts.italian import ITALIAN as HOUSE
from casella.texts.italian_of_decisions import ITALIAN_OF_DECISIONS
from casella.texts.italian_sign_in import SIGN_IN
from casella.texts.titles import TITLES

ITALIAN = {**HOUSE, **SIGN_IN, **ITALIAN_OF_DECISIONS}
Locale = Literal["en", "it"]
READER: ContextVar[Locale] = ContextVar("reader", default="en")
"""Whose language an answer speaks: set around each request by its Accept-Language."""

__all__ = ["DID_YOU_MEAN", "ITALIAN", "READER", "TITLES", "Locale", "locale_of", "sentence", "title", "to_reader"]


def title(code: str, locale: Locale) -> str | None:
    """The short heading of a problem; None for a code that has none of its own."""
    pair = TITLES.get(code)
    return None if pair is None else pair[1 if locale == "it" else 0]


def sentence(text: str, locale: Locale) -> str:
    """A sentence in the reader's language, as far as it is known."""
    return ITALIAN.get(text, text) if locale == "it" else text


def to_reader(text: str) -> str:
    """A sentence as whoever has asked reads it."""
    return sentence(text, READER.get())


def locale_of(accept_language: str) -> Locale:
    """The better liked of English and Italian, by an Accept-Language header; English when in doubt."""
    liked: dict[str, float] = {}
    for part in accept_language[:500].split(","):
        tag, _, weight = part.strip().partition(";q=")
        language = tag.split("-")[0].lower()
        if language in ("en", "it", "*"):
            liked.setdefault(language, _weight(weight))
    italian = liked.get("it", 0.0)
    return "it" if italian > 0 and italian > liked.get("en", 0.0) else "en"


def _weight(text: str) -> float:
    try:
        return float(text) if text else 1.0
    except ValueError:
        return 0.0
