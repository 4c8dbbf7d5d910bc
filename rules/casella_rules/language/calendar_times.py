"""Times of the calendar, as cron writes them: `0 9 * * mon-fri` is nine o'clock on working days."""

from __future__ import annotations

import re
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


def cron_meant(written: str) -> str:
    """The five parts that a time of day, a word of cron's (`@daily`) or six parts with seconds stand for; of a right
    one, itself. Empty for anything else."""
    if not cron_problem(written):
        return " ".join(written.split())
    if word := _WORDS.get(written.strip().lower()):
        return word
    parts = written.split()
    if len(parts) == _FIELDS + 1 and parts[0] == "0" and not cron_problem(" ".join(parts[1:])):
        return " ".join(parts[1:])
    clock = re.fullmatch(r"(?:(?:every day|daily) *(?:at)? *)?([0-9]{1,2})[:.]([0-9]{2})", written.strip().lower())
    meant = f"{int(clock[2])} {int(clock[1])} * * *" if clock else ""
    return meant if meant and not cron_problem(meant) else ""


def next_time(cron: str, after: datetime, zone: str) -> datetime | None:
    """The first moment after `after` (aware) that the expression names on the wall clock of the zone, in UTC; None
    for never. A time that the clocks jump over comes with the jump; one that comes twice, comes once."""
    try:
        return next(CronSim(cron, after.astimezone(ZoneInfo(zone)))).astimezone(UTC)
    except StopIteration:
        return None


_FIELDS = 5
_WORDS = {
    "@hourly": "0 * * * *", "hourly": "0 * * * *", "@daily": "0 0 * * *", "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0", "@monthly": "0 0 1 * *", "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *",
}  # fmt: skip
_MAX_LENGTH = 100
