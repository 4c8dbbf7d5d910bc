"""Durations as managers write them: `45s`, `10m`, `1h30m`, `2d`, `1w`."""

from __future__ import annotations

import re
from dataclasses import dataclass

_UNITS = {"w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1}
_WRITTEN = re.compile(r"(?:[0-9]{1,6}[wdhms])+")
_PART = re.compile(r"([0-9]+)([wdhms])")
#: `10 minutes`, `1 h 30 min`: what people write in other places.
_SPELT = re.compile(r"(?:[0-9]{1,6} ?(?:w|weeks?|d|days?|h|hours?|m|mins?|minutes?|s|secs?|seconds?)[ ,]*)+")
_SPELT_PART = re.compile(r"([0-9]+) ?([wdhms])")

#: Ten years: nothing in an inbox waits longer.
MAX_SECONDS = 10 * 366 * 86_400


def seconds_of(written: str) -> int | None:
    """The length in seconds, or None when this is not a duration (or one of more than ten years)."""
    if not _WRITTEN.fullmatch(written):
        return None
    units = [unit for _, unit in _PART.findall(written)]
    if sorted(set(units), key="wdhms".index) != units:
        return None  # 5m5m and 5m1h are slips of the pen
    seconds = sum(int(amount) * _UNITS[unit] for amount, unit in _PART.findall(written))
    return seconds if seconds <= MAX_SECONDS else None


@dataclass(frozen=True, slots=True)
class Span:
    """A length of time: `2h`, or counted while office hours are open, `2h of support`."""

    seconds: int
    hours: str = ""

    def __str__(self) -> str:
        return f"{written(self.seconds)} of {self.hours}" if self.hours else written(self.seconds)


def span_of(text: str) -> Span | None:
    """A length of time as a trigger or a stored rule has it."""
    length, _, hours = text.partition(" of ")
    seconds = seconds_of(length)
    return Span(seconds, hours) if seconds else None


def short_form(text: str) -> str:
    """`2 hours` as it is written here: `2h`. Anything else stays as it is."""
    if seconds_of(text) is not None or not _SPELT.fullmatch(text.lower()):
        return text
    return "".join(f"{amount}{unit}" for amount, unit in _SPELT_PART.findall(text.lower()))


def how_written(wrong: str) -> str:
    """What to write instead of something that is no duration."""
    if seconds_of(wrong.partition(" of ")[0]) and " of " in wrong:
        return "This time is counted day and night: write it without office hours"
    if wrong.isdecimal() and wrong.isascii() and 0 < int(wrong) < 1_000_000:
        number = int(wrong)
        return f"Write {number}m for minutes, {number}h for hours or {number}s for seconds"
    if seconds_of(short := short_form(wrong)):
        return f"Write {short}"
    return "Write 45s, 10m, 1h30m or 2d"


def written(seconds: float) -> str:
    """The shortest way to write a length: 5400 is `1h30m`."""
    rest = int(seconds)
    parts = []
    for unit, size in _UNITS.items():
        amount, rest = divmod(rest, size)
        if amount:
            parts.append(f"{amount}{unit}")
    return "".join(parts) or "0s"
