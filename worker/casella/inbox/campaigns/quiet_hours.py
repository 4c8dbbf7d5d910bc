"""When somebody may be written to without being woken: by the clocks of his country, by all of them.

A number says its country, not where its owner is (decision 0041). So a moment is quiet as long as it is quiet in any of
the country's time zones. Where that leaves no moment of a day, nobody there is written to.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import cache, lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo

_STEP = timedelta(minutes=15)
"""Clocks differ by quarters of an hour; quiet hours begin and end at such."""
_FAR = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From this time of day until that one, over midnight if that is the earlier."""

    start: time
    end: time

    def holds(self, at: time) -> bool:
        if self.start <= self.end:
            return self.start <= at < self.end
        return at >= self.start or at < self.end

    def is_quiet(self, country: str, otherwise: str, now: datetime) -> bool:
        """`otherwise`: the time zone for who is of no country."""
        return any(self.holds(now.astimezone(zone).time()) for zone in zones_of(country, otherwise))

    def opens_at(self, country: str, otherwise: str, now: datetime) -> datetime | None:
        """The first moment from now on that is not quiet; None where there is none."""
        if not self.is_quiet(country, otherwise, now):
            return now
        return self._first(country, otherwise, now, quiet=False)

    def closes_at(self, country: str, otherwise: str, now: datetime) -> datetime:
        """The first moment from now on that is quiet, as far as one has to look ahead."""
        return self._first(country, otherwise, now, quiet=True) or now + _FAR

    def _first(self, country: str, otherwise: str, now: datetime, *, quiet: bool) -> datetime | None:
        moment = now.astimezone(UTC).replace(second=0, microsecond=0)
        moment -= timedelta(minutes=moment.minute % 15)
        for _ in range(_FAR // _STEP):
            moment += _STEP
            if self.is_quiet(country, otherwise, moment) is quiet:
                return moment
        return None


def quiet_hours(start: str | None, end: str | None) -> QuietHours | None:
    """As they are kept: "20:00". None: no hour is quiet."""
    if start is None or end is None or start == end:
        return None
    return QuietHours(time.fromisoformat(start), time.fromisoformat(end))


@lru_cache(maxsize=1024)
def zones_of(country: str, otherwise: str) -> Sequence[ZoneInfo]:
    """Every time zone of a country; of none that is known: the other one."""
    return [ZoneInfo(name) for name in _zones().get(country, [otherwise])]


@cache
def _zones() -> Mapping[str, Sequence[str]]:
    """By country, as the time zone database lists them."""
    found: dict[str, list[str]] = {}
    listed = (files("tzdata") / "zoneinfo" / "zone.tab").read_text(encoding="utf-8")
    for line in listed.splitlines():
        if line and not line.startswith("#"):
            country, _, zone, *_ = line.split("\t")
            found.setdefault(country, []).append(zone)
    return found
