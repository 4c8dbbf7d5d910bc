"""Making an answer to one customer a source for others: what could be somebody's is taken out for good.

Patterns know e-mail addresses, telephone numbers, cards, streets and the like (`masking`). What no pattern knows is
taken by what it looks like: numbers of four digits and more, dates with a year, codes, and words that begin with a
capital where no sentence begins, or where one begins and the word is neither usual nor the business's own. Better a
hole too many, which agents see flagged, than a name of somebody else.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from casella_assistant.findings import Span, emails, places, secrets, without_overlaps
from casella_assistant.masking import generic
from casella_assistant.plain_text import plain

_MONTH = (
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}"
    r"|(?:gen|feb|mar|apr|mag|giu|lug|ago|set|ott|nov|dic)[a-z]{0,6}"
)
_DATES = (
    re.compile(r"(?<!\d)\d{1,4}[./-]\d{1,2}[./-]\d{1,4}(?!\d)"),
    re.compile(rf"(?i)(?<!\d)\d{{1,2}}(?:st|nd|rd|th|º|°)?\.? (?:of )?(?:{_MONTH}),? \d{{2,4}}(?!\d)"),
    re.compile(rf"(?i)\b(?:{_MONTH}) \d{{1,2}}(?:st|nd|rd|th)?,? \d{{2,4}}(?!\d)"),
)
_DIGITS = re.compile(r"\d(?:[ .,:/_-]?\d){3,60}")
_TIMES = re.compile(r"\d{1,2}[:.]\d{2}(?: ?- ?\d{1,2}[:.]\d{2})?")
_CODE = re.compile(r"\b(?=[A-Za-z-]{0,39}\d)(?=\d{0,39}[A-Za-z])[A-Za-z\d][A-Za-z\d-]{4,39}\b")
_WORD = re.compile(r"[^\W\d_]+(?:['.-][^\W\d_]+)*")
_BEGINS = frozenset(".!?:;\n•*-–—(\"'«“")
_HOLE = re.compile(r"\[[a-z]{1,12}\]")
_KINDS = {"EMAIL": "email", "TAXCODE": "number", "STREET": "street", "SECRET": "secret"}


@dataclass(frozen=True, slots=True)
class Cleaned:
    """`taken`: what stood where there are holes now."""

    text: str
    taken: tuple[str, ...]


def words_of(texts: Iterable[str]) -> frozenset[str]:
    """Words and numbers that are the business's own, and nobody's."""
    return frozenset(one for text in texts for one in (*_words(text), *_numbers(text)))


def impersonal(
    text: str, own: Collection[str], region: str | None = None, sensitive: Iterable[tuple[str, str]] = ()
) -> str:
    """An approved answer as it may be shown to others. `sensitive`: what is known of the people it was written for, and
    is found however it is written; `own` as `words_of` gives it."""
    known = [(kind, form) for kind, value in sensitive for form in _forms(value)]
    return cleaned(generic(text, region, known), own).text


def cleaned(text: str, own: Collection[str]) -> Cleaned:
    """The text with holes for what may be somebody's, also in a text that was kept by an older version."""
    parts, taken, end = [], [], 0
    normal = plain(text)
    found = ((*normal.span(start, stop), kind) for start, stop, kind in _found(normal.text, own))
    for start, stop, kind in without_overlaps(found, len(text)):
        parts += [text[end:start], f"[{_KINDS.get(kind, kind)}]"]
        taken.append(text[start:stop])
        end = stop
    return Cleaned("".join([*parts, text[end:]]), tuple(dict.fromkeys(taken)))


def _found(text: str, own: Collection[str]) -> Iterator[Span]:
    yield from emails(text)
    yield from secrets(text)
    yield from places(text)
    for pattern in _DATES:
        yield from ((found.start(), found.end(), "date") for found in pattern.finditer(text))
    for found in _DIGITS.finditer(text):
        if not _TIMES.fullmatch(found[0]) and re.sub(r"\D", "", found[0]) not in own:
            yield *_whole(text, found.start(), found.end()), "number"
    yield from ((found.start(), found.end(), "number") for found in _CODE.finditer(text))
    yield from _names(text, own)


def _whole(text: str, start: int, stop: int) -> tuple[int, int]:
    """With the letters that are glued to it: AB-1234x."""
    first, last = start, stop
    while first > max(0, start - 12) and (text[first - 1].isalnum() or text[first - 1] in "-/#"):
        first -= 1
    while last < min(len(text), stop + 12) and text[last].isalnum():
        last += 1
    return first, last


def _names(text: str, own: Collection[str]) -> Iterator[Span]:
    holes = {place for found in _HOLE.finditer(text) for place in range(found.start(), found.end())}
    lower = {found[0] for found in _WORD.finditer(text) if found[0].islower()}
    for found in _WORD.finditer(text):
        word = found[0]
        if not word[0].isupper() or found.start() in holes or len(word) < 2 or word.lower() in own:
            continue
        stem = word.split("'")[0].lower()
        if (stem in usual() or word.lower() in usual() or word.lower() in lower) and _begins(text, found.start()):
            continue
        if word.lower() in always() or (word.isupper() and len(word) <= 4):
            continue
        yield found.start(), found.end(), "name"


def _begins(text: str, at: int) -> bool:
    before = text[:at].rstrip(" \t")
    return not before or before[-1] in _BEGINS or before[-1] in ",]"


def _words(text: str) -> Iterator[str]:
    yield from (found[0].lower() for found in _WORD.finditer(plain(text).text))


def _numbers(text: str) -> Iterator[str]:
    yield from (re.sub(r"\D", "", found[0]) for found in _DIGITS.finditer(plain(text).text))


def _forms(value: str) -> Iterator[str]:
    yield from dict.fromkeys((value, value.lower(), value.upper(), value.title(), value.capitalize()))


def repeats(text: str, taken: Iterable[str], material: Iterable[str]) -> bool:
    """Whether a proposal says something that was taken out of an answer to somebody else, and that nobody has said
    here."""
    said = plain(text).text.casefold()
    here = "\n".join(plain(one).text.casefold() for one in material)
    return any(_stands(said, one) and not _stands(here, one) for one in map(_folded, taken) if len(one) >= 2)


def _folded(text: str) -> str:
    return plain(text).text.casefold()


def _stands(text: str, value: str) -> bool:
    start = text.find(value)
    while start >= 0:
        around = text[max(start - 1, 0) : start] + text[start + len(value) : start + len(value) + 1]
        if not any(character.isalnum() for character in around):
            return True
        start = text.find(value, start + 1)
    return False


@cache
def usual() -> frozenset[str]:
    """Words with which sentences begin, in English and Italian."""
    return _listed("usual_words.txt") | always()


@cache
def always() -> frozenset[str]:
    """Words that are written with a capital and are nobody's name."""
    return _listed("no_names.txt")


def _listed(name: str) -> frozenset[str]:
    return frozenset((Path(__file__).parent / name).read_text("utf-8").split())
