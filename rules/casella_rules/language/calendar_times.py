"""Times of the calendar, as cron writes them: `0 9 * * mon-fri` is nine o'clock on working days."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError


def cron_problem(written: str) -> str:
    """Why this is no time of the calendar; empty when it is one."""
    if len(written) > _MAX_LENGTH:
        return f"it is longer than {_MAX_LENGTH} characters"
    if len(written.split()) != _FIELDS:
        return "it needs five parts: minute, hour, day of the month, month, day of the week"
    try:
        CronSim(written, datetime(2026, 1, 1, tzinfo=UTC))
        next(CronSim(written, datetime(2026, 1, 1, tzinfo=UTC)))
    except CronSimError as error:
        return str(error)[:1].lower() + str(error)[1:]
    except StopIteration:
        return "such a day never comes"
    return ""


def next_time(cron: str, after: datetime, zone: str) -> datetime | None:
    """The first moment after `after` (aware) that the expression names on the wall clock of the zone, in UTC; None
    for never. A time that the clocks jump over comes with the jump; one that comes twice, comes once."""
    try:
        return next(CronSim(cron, after.astimezone(ZoneInfo(zone)))).astimezone(UTC)
    except StopIteration:
        return None


_FIELDS = 5
_MAX_LENGTH = 100
