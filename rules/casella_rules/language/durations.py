"""Durations as managers write them: `45s`, `10m`, `1h30m`, `2d`, `1w`."""

from __future__ import annotations

import re
from dataclasses import dataclass

_UNITS = {"w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1}
_WRITTEN = re.compile(r"(?:[0-9]{1,6}[wdhms])+")
_PART = re.compile(r"([0-9]+)([wdhms])")
#: `10 minutes`, `1 h 30 min`, `2 ore`: what people write in other places, and in Italian.
_UNIT = "w|weeks?|settiman[ae]|d|days?|giorn[oi]|h|hrs?|hours?|or[ae]"
_UNIT += "|m|mins?|minutes?|minut[oi]|s|secs?|seconds?|second[oi]"
_SPELT = re.compile(rf"(?:[0-9]{{1,6}} ?(?:{_UNIT})[ ,]*)+")
_SPELT_PART = re.compile(rf"([0-9]+) ?({_UNIT})")
_IN_ENGLISH = {"settimana": "w", "settimane": "w", "giorno": "d", "giorni": "d", "ora": "h", "ore": "h"}
#: `1.5h`, `1,5 hours`, `PT1H30M`, `half an hour`.
_DECIMAL = re.compile(rf"([0-9]{{1,4}})[.,]([0-9]{{1,2}}) ?({_UNIT})")
_ISO = re.compile(r"p(?:([0-9]+)w)?(?:([0-9]+)d)?(?:t(?:([0-9]+)h)?(?:([0-9]+)m)?(?:([0-9]+)s)?)?")
_HALF = {"half an hour": "30m", "half hour": "30m", "mezz'ora": "30m", "an hour": "1h", "a day": "1d", "a week": "1w"}

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
    """`2 hours`, `1.5h`, `PT2H` or `2 ore` as it is written here. Anything else stays as it is."""
    lower = text.lower()
    if seconds_of(text) is not None:
        return text
    if _SPELT.fullmatch(lower):
        return "".join(f"{amount}{_unit(unit)}" for amount, unit in _SPELT_PART.findall(lower))
    if decimal := _DECIMAL.fullmatch(lower):
        seconds = float(f"{decimal[1]}.{decimal[2]}") * _UNITS[_unit(decimal[3])]
        return written(seconds) if seconds.is_integer() else text
    if (iso := _ISO.fullmatch(lower)) and any(iso.groups()):
        return "".join(f"{amount}{unit}" for amount, unit in zip(iso.groups(), _UNITS, strict=True) if amount)
    return _HALF.get(lower, text)


def _unit(word: str) -> str:
    return _IN_ENGLISH.get(word, word[0])


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
