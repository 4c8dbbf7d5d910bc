"""The time that a report is about, and how it counts time: all of it, or only while office hours are open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from casella.errors import Invalid, NotFound
from casella.inbox.house import Deskbook
from casella_rules import OfficeHours, OpenTime

LONGEST_DAYS = 366


@dataclass(frozen=True, slots=True)
class Period:
    """From the beginning of the `first` day to the end of the `last` in the zone. `hours`: the desk's name of them."""

    first: date
    last: date
    zone: ZoneInfo
    hours: str | None
    counting: Counting

    @property
    def start(self) -> datetime:
        return datetime.combine(self.first, time(), self.zone).astimezone(UTC)

    @property
    def end(self) -> datetime:
        """Excluded."""
        return datetime.combine(self.last + timedelta(days=1), time(), self.zone).astimezone(UTC)

    def holds(self, at: datetime) -> bool:
        return self.start <= at < self.end


class Counting:
    """How many seconds lie between two moments."""

    def seconds(self, since: datetime, until: datetime) -> float:
        return max((until - since).total_seconds(), 0.0)


class CountingOpenTime(Counting):
    """Only those in which the hours are open."""

    def __init__(self, hours: OfficeHours) -> None:
        self._open = OpenTime(hours)

    def seconds(self, since: datetime, until: datetime) -> float:
        return self._open.seconds(since, until)


def period_of(book: Deskbook, first: date, last: date, zone: str | None, hours: str | None) -> Period:
    """Raises Invalid for days that make no period, and NotFound for office hours that the desk does not have."""
    if not first <= last:
        raise Invalid("The last day lies before the first.")
    if (last - first).days >= LONGEST_DAYS:
        raise Invalid("A report is about 366 days at most.")
    if not date(1971, 1, 1) <= first <= last <= date(9000, 1, 1):
        raise Invalid("There is nothing to tell of these days.")
    counting = Counting()
    if hours is not None:
        known = book.hours(hours)
        if known is None:
            raise NotFound("The desk has no such office hours.")
        counting = CountingOpenTime(known)
    return Period(first, last, ZoneInfo(zone or book.timezone), hours, counting)
