"""Office hours: weekly ranges in a time zone, public holidays, exceptions. Pure: the moment is an argument.

Ranges are wall-clock times of the zone, so that "09:00" stays nine o'clock when the clocks change. A range that ends
at or before its start runs past midnight (`22:00-06:00`); it belongs to the day on which it starts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

#: How far `next_open` looks: beyond a year of closed days the answer is "never".
HORIZON_DAYS = 400

_RANGE = re.compile(r"([0-9]{1,2}):([0-9]{2})\s*-\s*([0-9]{1,2}):([0-9]{2})")


@dataclass(frozen=True, slots=True)
class TimeRange:
    """From `start` (included) to `end` (excluded), in minutes since midnight; `end` may lie beyond midnight."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class OfficeHours:
    """When somebody is there. `week`: ranges by weekday, Monday first. `exceptions`: other ranges on single dates
    (none: closed), also on holidays. `country` and `subdivision` bring the public holidays (`IT`, `BZ`)."""

    zone: str
    week: tuple[tuple[TimeRange, ...], ...]
    exceptions: Mapping[date, tuple[TimeRange, ...]] = field(default_factory=dict)
    country: str | None = None
    subdivision: str | None = None


def read_ranges(written: str) -> tuple[TimeRange, ...] | None:
    """`09:00-13:00, 14:00-18:00` as ranges, `closed` as none at all; None when it cannot be read or overlaps."""
    if written.strip() == "closed":
        return ()
    ranges = [_range(part) for part in written.split(",")]
    known = sorted((r for r in ranges if r), key=lambda r: r.start)
    overlap = any(before.end > after.start for before, after in pairwise(known))
    return tuple(known) if len(known) == len(ranges) and not overlap else None


def _range(written: str) -> TimeRange | None:
    found = _RANGE.fullmatch(written.strip())
    if not found:
        return None
    hour, minute, until_hour, until_minute = (int(part) for part in found.groups())
    start, end = hour * 60 + minute, until_hour * 60 + until_minute
    if minute > 59 or until_minute > 59 or start >= 1440 or end > 1440 or start == end:
        return None
    return TimeRange(start, end if end > start else end + 1440)


def read_days(written: str) -> tuple[int, ...] | None:
    """`monday`, `monday-friday` or `saturday, sunday` as weekday numbers, Monday is 0; None when it cannot be read."""
    days: list[int] = []
    for part in written.lower().split(","):
        first, dash, last = (word.strip() for word in part.partition("-"))
        if first not in WEEKDAYS or (dash and last not in WEEKDAYS):
            return None
        start = WEEKDAYS.index(first)
        end = WEEKDAYS.index(last) if dash else start
        days += [day % 7 for day in range(start, end + (1 if end >= start else 8))]
    return tuple(days) if len(set(days)) == len(days) else None


def is_open(hours: OfficeHours, at: datetime) -> bool:
    """Whether the hours are open at this moment (an aware datetime)."""
    local = at.astimezone(ZoneInfo(hours.zone))
    minute = local.hour * 60 + local.minute
    today = local.date()
    if any(r.start <= minute < r.end for r in ranges_on(hours, today)):
        return True
    yesterday = ranges_on(hours, today - timedelta(days=1))
    return any(minute + 1440 < r.end for r in yesterday)


def next_open(hours: OfficeHours, at: datetime) -> datetime | None:
    """The first moment from `at` on when the hours are open, in UTC; `at` itself when they are; None for never."""
    if is_open(hours, at):
        return at.astimezone(UTC)
    zone = ZoneInfo(hours.zone)
    first = at.astimezone(zone).date()
    moments = (moment for ahead in range(HORIZON_DAYS) for moment in _may_open(hours, first + timedelta(ahead), zone))
    return next((moment for moment in moments if moment >= at and is_open(hours, moment)), None)


def next_closed(hours: OfficeHours, at: datetime) -> datetime | None:
    """The first moment from `at` on when the hours are closed, in UTC; `at` itself when they are; None for never."""
    if not is_open(hours, at):
        return at.astimezone(UTC)
    zone = ZoneInfo(hours.zone)
    first = at.astimezone(zone).date() - timedelta(days=1)  # of yesterday's ranges one may run past midnight
    moments = (moment for ahead in range(HORIZON_DAYS) for moment in _may_close(hours, first + timedelta(ahead), zone))
    return next((moment for moment in moments if moment >= at and not is_open(hours, moment)), None)


def open_for(hours: OfficeHours, since: datetime, seconds: int) -> datetime | None:
    """The moment (UTC) at which the hours have been open for so long since then; None for never."""
    at, left = since, timedelta(seconds=seconds)
    while (opens := next_open(hours, at)) is not None:
        closes = next_closed(hours, opens)
        if closes is None or opens + left <= closes:
            return opens + left
        at, left = closes, left - (closes - opens)
    return None


def open_spans(hours: OfficeHours, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
    """When the hours are open between two moments, in order, in UTC, cut at both ends."""
    at: datetime = start
    while (opens := next_open(hours, at)) is not None and opens < end:
        closes = next_closed(hours, opens)
        until = end if closes is None else min(closes, end)
        yield opens, until.astimezone(UTC)
        if closes is None or closes >= end:
            return
        at = closes


def _may_close(hours: OfficeHours, day: date, zone: ZoneInfo) -> list[datetime]:
    """The moments at which the hours of a day may end, in order; the clocks may change out of a range, too."""
    ends = {(day + timedelta(days=r.end // 1440), r.end % 1440) for r in ranges_on(hours, day)}
    moments = {_moment(on, minute, zone, fold) for on, minute in ends for fold in (0, 1)}
    change = _clock_change(day, zone)
    return sorted(moments | {change}) if change else sorted(moments)


def _may_open(hours: OfficeHours, day: date, zone: ZoneInfo) -> list[datetime]:
    """The moments of a day at which the hours may begin, in order: where a range starts (twice, in a night that has
    the time twice), and where the clocks change, into a range or back into one."""
    moments = {_moment(day, opening.start, zone, fold) for opening in ranges_on(hours, day) for fold in (0, 1)}
    change = _clock_change(day, zone)
    return sorted(moments | {change}) if change else sorted(moments)


def _moment(day: date, minute: int, zone: ZoneInfo, fold: int) -> datetime:
    """The wall-clock time as a moment. A time that the clocks jump over is some other time, and then not open."""
    return datetime.combine(day, time(minute // 60, minute % 60, fold=fold), zone).astimezone(UTC)


def _clock_change(day: date, zone: ZoneInfo) -> datetime | None:
    """The moment on this day when the clocks go forward or back."""
    before, after = (datetime.combine(day + timedelta(days), time(), zone).astimezone(UTC) for days in (0, 1))
    before -= timedelta(minutes=1)  # some zones change at midnight
    old = before.astimezone(zone).utcoffset()
    if after.astimezone(zone).utcoffset() == old:
        return None
    while after - before > timedelta(minutes=1):
        middle = before + (after - before) / 2
        before, after = (middle, after) if middle.astimezone(zone).utcoffset() == old else (before, middle)
    return after.replace(second=0, microsecond=0)


def ranges_on(hours: OfficeHours, day: date) -> tuple[TimeRange, ...]:
    """The open ranges of one date: its exception, else nothing on a holiday, else its weekday's."""
    exception = hours.exceptions.get(day)
    if exception is not None:
        return exception
    if hours.country and day in _holidays(hours.country, hours.subdivision, day.year):
        return ()
    return hours.week[day.weekday()]


def holidays_between(hours: OfficeHours, first: date, last: date) -> list[date]:
    """The public holidays of these hours in a time of years, in order."""
    if not hours.country:
        return []
    years = range(first.year, last.year + 1)
    found = {day for year in years for day in _holidays(hours.country, hours.subdivision, year)}
    return sorted(day for day in found if first <= day <= last)


@lru_cache(maxsize=64)
def _holidays(country: str, subdivision: str | None, year: int) -> frozenset[date]:
    import holidays  # takes long to load; most desks name no country

    return frozenset(holidays.country_holidays(country, subdiv=subdivision, years=year))


class _Countries(Mapping[str, tuple[str, ...]]):
    """Loads the countries that are looked up: all 250 take a second."""

    def __init__(self) -> None:
        from holidays.registry import EntityLoader

        self._codes = tuple(EntityLoader.get_country_codes())

    def __getitem__(self, code: str) -> tuple[str, ...]:
        import holidays

        if code not in self._codes:
            raise KeyError(code)
        return tuple(getattr(holidays, code).subdivisions)

    def __iter__(self) -> Iterator[str]:
        return iter(self._codes)

    def __len__(self) -> int:
        return len(self._codes)


@cache
def known_countries() -> Mapping[str, tuple[str, ...]]:
    """Countries whose public holidays are known, each with its subdivisions."""
    return _Countries()


def time_facts(at: datetime, zone: str) -> dict[str, str | int | date]:
    """The fields `time.weekday`, `time.date` and `time.hour` for a moment in a zone."""
    local = at.astimezone(ZoneInfo(zone))
    return {"time.weekday": WEEKDAYS[local.weekday()], "time.date": local.date(), "time.hour": local.hour}


def hours_facts(hours: Mapping[str, OfficeHours], at: datetime) -> dict[str, str]:
    """The fields `hours.<name>` for a moment."""
    return {f"hours.{name}": "open" if is_open(one, at) else "closed" for name, one in hours.items()}
