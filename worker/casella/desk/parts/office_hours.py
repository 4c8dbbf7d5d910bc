"""Office hours as desk.yaml writes them -> as the rules ask them."""

from __future__ import annotations

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
