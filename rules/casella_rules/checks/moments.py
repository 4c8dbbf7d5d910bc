"""Moments to try: enough of them that, where at none the questions about time and office hours are answered, at none
they can be.

What is asked changes at full hours, where hours open and close, from weekday to weekday, on holidays and exceptions,
and at the dates that are named. A moment of each kind stands for all the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from casella_rules.hours import OfficeHours, holidays_between, hours_facts, ranges_on, time_facts
from casella_rules.language.facts import FactValue

#: Between these years a holiday that moves falls on every day of the week.
FIRST_DAY, LAST_DAY = date(2024, 1, 1), date(2051, 12, 31)
_WEEK = 7


def moments(hours: Mapping[str, OfficeHours], zone: str, named: Sequence[date]) -> Iterator[Mapping[str, FactValue]]:
    """The fields of `time` and `hours` at moments that stand for all. `hours`: those that are asked about, all of this
    zone; `named`: the dates that are, none of them outside the years from `FIRST_DAY` to `LAST_DAY`."""
    place = ZoneInfo(zone)
    for day in _days(list(hours.values()), sorted(set(named))):
        for minute in _minutes(hours.values(), day):
            at = datetime(day.year, day.month, day.day, minute // 60, minute % 60, tzinfo=place)
            if at.astimezone(ZoneInfo("UTC")).astimezone(place).replace(tzinfo=None) == at.replace(tzinfo=None):
                yield {**time_facts(at, zone), **hours_facts(hours, at)}


def is_ever(hours: OfficeHours, state: str) -> bool:
    """Whether these hours are ever `open`, or ever `closed`."""
    return any(row["hours.asked"] == state for row in moments({"asked": hours}, hours.zone, ()))


def _days(hours: Sequence[OfficeHours], named: Sequence[date]) -> Iterator[date]:
    """Plain days first, for most questions are answered on one of them."""
    starts = [FIRST_DAY, *(one + timedelta(days) for one in named for days in (0, 1))]
    seen: set[date] = set()
    for days in (_plain(hours, starts, named), _special(hours)):
        for day in days:
            if day not in seen:
                seen.add(day)
                yield day


def _plain(hours: Sequence[OfficeHours], starts: Sequence[date], named: Sequence[date]) -> Iterator[date]:
    """From each start on, until each weekday was there without a holiday, or the next named date comes."""
    for start in starts:
        missing = set(range(_WEEK))
        day = start
        while missing and day.year <= LAST_DAY.year + 1:
            if not any(_is_special(one, day) for one in hours):
                missing.discard(day.weekday())
            yield day
            day += timedelta(1)
            if day in named:
                break


def _special(hours: Iterable[OfficeHours]) -> Iterator[date]:
    """Holidays and exceptions, and the days behind them, into which a night may reach."""
    for one in hours:
        for day in (*one.exceptions, *holidays_between(one, FIRST_DAY, LAST_DAY)):
            yield day
            yield day + timedelta(1)


def _is_special(hours: OfficeHours, day: date) -> bool:
    return any(ranges_on(hours, near) is not hours.week[near.weekday()] for near in (day, day - timedelta(1)))


def _minutes(hours: Iterable[OfficeHours], day: date) -> list[int]:
    found = set(range(0, 1440, 60))
    for one in hours:
        for near in (day, day - timedelta(1)):
            found.update(edge % 1440 for part in ranges_on(one, near) for edge in (part.start, part.end))
    return sorted(found)
