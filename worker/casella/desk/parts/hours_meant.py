"""Days and hours as people write them elsewhere: what is to be written here for the very same ones."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import pairwise

from casella_rules.hours import WEEKDAYS, read_ranges
from casella_rules.parsing.range_hints import days_meant

_ALL_DAY = frozenset({"open", "always", "24h", "24/7", "24 hours", "all day", "h24", "0-24"})
_NONE = frozenset({"none", "no", "not open", "off", "-", "free", "shut", "never", "holiday", "false"})
_DASH = r"\s*(?:-|–|—|−|~|\bto\b|\buntil\b|\btill\b)\s*"
_CLOCK = r"([0-9]{1,2})(?:[:.h]?([0-9]{2})|h)? ?(am|pm|a\.m\.|p\.m\.)?"
_RANGE = re.compile(rf"(?:from +)?{_CLOCK}{_DASH}{_CLOCK}")
_PAIRS = (("from", "to"), ("open", "close"), ("start", "end"), ("opens", "closes"))
_HALF_A_DAY = 12


def hours_written(written: object) -> str:
    """`9am-6pm`, `09.00–18.00` or `{from: 9, to: 18}` as `09:00-18:00`. Empty where it is not plain what is meant."""
    if isinstance(written, Mapping):
        ends = next(((written[a], written[b]) for a, b in _PAIRS if written.keys() == {a, b}), None)
        return hours_written(f"{ends[0]}-{ends[1]}") if ends else ""
    text = str(written).strip().lower() if isinstance(written, str | int | bool) else ""
    if text in _ALL_DAY:
        return "00:00-24:00"
    if text in _NONE:
        return "closed"
    parts = [_range(part.strip()) for part in re.split(r",|;|/|&|\band\b", text)]
    meant = ", ".join(parts) if all(parts) else ""
    return meant if meant and read_ranges(meant) is not None else ""


def _range(text: str) -> str:
    found = _RANGE.fullmatch(text)
    if found is None:
        return ""
    first, last = _clock(*found.groups()[:3]), _clock(*found.groups()[3:])
    if first is None or last is None:
        return ""
    # From nine to five, and nobody has said in which half of the day.
    unsaid = not found[3] and not found[6] and last <= first and first[0] <= _HALF_A_DAY and not found[5]
    return "" if unsaid else f"{first[0]:02}:{first[1]:02}-{last[0]:02}:{last[1]:02}"


def _clock(hour: str, minutes: str | None, half: str | None) -> tuple[int, int] | None:
    at = int(hour)
    if half:
        if not 1 <= at <= _HALF_A_DAY:
            return None
        at = at % _HALF_A_DAY + (_HALF_A_DAY if half.startswith("p") else 0)
    return at, int(minutes or 0)


def days_written(written: str) -> str:
    """`mon-fri`, `Weekend` or `monday to friday` as the desk writes days. Empty where they are no days."""
    days = [WEEKDAYS.index(day) for day in days_meant(written)]
    if len(days) > 1 and all((one + 1) % 7 == other for one, other in pairwise(days)):
        return f"{WEEKDAYS[days[0]]}-{WEEKDAYS[days[-1]]}"
    return ", ".join(WEEKDAYS[day] for day in days)
