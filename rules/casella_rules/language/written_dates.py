"""What to write instead of something that is no date."""

from __future__ import annotations

import re
from datetime import date

_NUMBERS = re.compile(r"\s*([0-9]{1,4})\s*[-/. ]\s*([0-9]{1,2})\s*[-/. ]\s*([0-9]{1,4})\.?\s*")
_ORDER = "Write year-month-day, such as 2026-12-24"


def date_mistake(written: str) -> tuple[str, str]:
    """What is wrong with a date that cannot be read (behind the date itself), and what to write. Where it is not plain
    which number is the day, the order is named and nothing guessed: 06/01 is a day in June to half of the world."""
    if named := _NAMED.fullmatch(written):
        day, month = named["day"] or named["behind"], _month(named["month"].lower())
        both = named["day"] and named["behind"]
        return _of(int(named["year"]), month, int(day)) if month and day and not both else ("is not a date", _ORDER)
    found = _NUMBERS.fullmatch(written)
    if found is None:
        return "is not a date", _ORDER
    first, middle, last = (int(number) for number in found.groups())
    if len(found[1]) == _YEAR:
        return _of(first, middle, last)
    if len(found[3]) != _YEAR:
        return "is not a date", _ORDER
    if first > _MONTHS:
        return _of(last, middle, first)
    if middle > _MONTHS:
        return _of(last, first, middle)
    return ("is not a date", f"Write {last}-{first:02}-{middle:02}") if first == middle else ("is not a date", _ORDER)


def _month(word: str) -> int:
    """The number of a month by its name in English or Italian, or the first letters of it, three at least; 0: none."""
    found = (number for number, names in enumerate(_NAMES, 1) if any(name.startswith(word) for name in names))
    return next(found, 0) if len(word) > 2 else 0


#: `24 December 2026`, `Dec 24, 2026`, `24 dicembre 2026`.
_NAMED = re.compile(
    r"\s*(?:(?P<day>[0-9]{1,2})(?:st|nd|rd|th|º|\.)? )?(?P<month>[A-Za-z]{3,9})\.?,?"
    r"(?: (?P<behind>[0-9]{1,2})(?:st|nd|rd|th)?,?)? (?P<year>[0-9]{4})\s*"
)
_NAMES = (
    ("january", "gennaio"), ("february", "febbraio"), ("march", "marzo"), ("april", "aprile"), ("may", "maggio"),
    ("june", "giugno"), ("july", "luglio"), ("august", "agosto"), ("september", "settembre"), ("october", "ottobre"),
    ("november", "novembre"), ("december", "dicembre"),
)  # fmt: skip


def _of(year: int, month: int, day: int) -> tuple[str, str]:
    try:
        return "is not a date", f"Write {date(year, month, day).isoformat()}"
    except ValueError:
        return "is not a date: there is no such day", _ORDER


_YEAR = 4
_MONTHS = 12
