"""Office hours as desk.yaml writes them -> as the rules ask them, and back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from casella.desk.parts.desk_file import Hours
from casella_rules import OfficeHours
from casella_rules.hours import TimeRange, read_days


def office_hours(hours: Hours, zone: str) -> OfficeHours:
    """Office hours as the rules ask them."""
    week: list[tuple[TimeRange, ...]] = [()] * 7
    for days, ranges in hours.week.items():
        for day in read_days(days) or ():
            week[day] = ranges
    country, _, part = (hours.holidays or "").partition("-")
    exceptions: dict[date, tuple[TimeRange, ...]] = dict(hours.exceptions)
    return OfficeHours(hours.timezone or zone, tuple(week), exceptions, country or None, part or None)


def written_ranges(ranges: Iterable[TimeRange]) -> str:
    """`09:00-13:00, 14:00-18:00`, or `closed`."""
    return ", ".join(f"{_clock(one.start)}-{_clock(one.end)}" for one in ranges) or "closed"


def _clock(minutes: int) -> str:
    minutes = minutes if minutes == 1440 else minutes % 1440
    return f"{minutes // 60:02}:{minutes % 60:02}"
