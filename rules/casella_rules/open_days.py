"""How much time has passed while office hours were open, asked again and again: each day is looked up once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

from casella_rules.hours import OfficeHours, open_spans
from casella_rules.language.durations import MAX_SECONDS


@dataclass(slots=True)
class OpenTime:
    """Counts the time in which these hours are open."""

    hours: OfficeHours
    _days: dict[date, Sequence[tuple[datetime, datetime]]] = field(default_factory=dict)

    def seconds(self, since: datetime, until: datetime) -> float:
        """Between two moments; of more than ten years, the last ten."""
        until = until.astimezone(UTC)
        since = max(since.astimezone(UTC), until - timedelta(seconds=MAX_SECONDS))
        total, day = timedelta(), since.date()
        while day <= until.date():
            for opens, closes in self._spans(day):
                total += max(min(closes, until) - max(opens, since), timedelta())
            day += timedelta(days=1)
        return total.total_seconds()

    def _spans(self, day: date) -> Sequence[tuple[datetime, datetime]]:
        found = self._days.get(day)
        if found is None:
            midnight = datetime.combine(day, time(), UTC)
            found = self._days[day] = list(open_spans(self.hours, midnight, midnight + timedelta(days=1)))
        return found
