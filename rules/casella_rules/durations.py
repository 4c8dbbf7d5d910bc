"""Durations as managers write them: `45s`, `10m`, `1h30m`, `2d`, `1w`."""

from __future__ import annotations

import re

_UNITS = {"w": 604_800, "d": 86_400, "h": 3_600, "m": 60, "s": 1}
_WRITTEN = re.compile(r"(?:[0-9]{1,6}[wdhms])+")
_PART = re.compile(r"([0-9]+)([wdhms])")

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


def written(seconds: float) -> str:
    """The shortest way to write a length: 5400 is `1h30m`."""
    rest = int(seconds)
    parts = []
    for unit, size in _UNITS.items():
        amount, rest = divmod(rest, size)
        if amount:
            parts.append(f"{amount}{unit}")
    return "".join(parts) or "0s"
