"""What to write instead of something that is no date."""

from __future__ import annotations

import re
from datetime import date

_NUMBERS = re.compile(r"\s*([0-9]{1,4})\s*[-/. ]\s*([0-9]{1,2})\s*[-/. ]\s*([0-9]{1,4})\.?\s*")
_ORDER = "Write year-month-day, such as 2026-12-24"


def date_mistake(written: str) -> tuple[str, str]:
    """What is wrong with a date that cannot be read (behind the date itself), and what to write. Where it is not plain
    which number is the day, the order is named and nothing guessed: 06/01 is a day in June to half of the world."""
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


def _of(year: int, month: int, day: int) -> tuple[str, str]:
    try:
        return "is not a date", f"Write {date(year, month, day).isoformat()}"
    except ValueError:
        return "is not a date: there is no such day", _ORDER


_YEAR = 4
_MONTHS = 12
