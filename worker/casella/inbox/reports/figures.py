"""What happened, counted: one row for all of it, and one for each agent, team, hour … it is divided by."""

from __future__ import annotations

import math
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

from sqlalchemy import Connection

from casella.inbox.house import Rooms
from casella.inbox.reading import Member
from casella.inbox.reports.gathering import About, cases
from casella.inbox.reports.happenings import Happening, happenings
from casella.inbox.reports.period import Period
from casella.store.queries import activity_queries
from casella.store.queries.oversight import report_queries

By = Literal["agent", "team", "inbox", "channel", "tag", "day", "weekday", "hour"]
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


@dataclass(frozen=True, slots=True)
class Spread:
    """Seconds. `count`: of how many. `p90`: nine of ten took no longer."""

    count: int
    mean: float
    median: float
    p90: float
    longest: float


@dataclass(frozen=True, slots=True)
class Satisfaction:
    """Of surveys. `scores`: how often each was given."""

    sent: int
    answered: int
    mean: float | None
    scores: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Figures:
    """`key`: the id of an agent, team, inbox or channel, a tag, a day, a weekday, an hour; None: of none of them."""

    key: str | None
    name: str | None
    opened: int
    closed: int
    reopened: int
    taken: int
    messages_in: int
    messages_out: int
    messages_automatic: int
    unanswered: int
    first_response: Spread | None
    waiting: Spread | None
    resolution: Spread | None
    surveys: Satisfaction


@dataclass(frozen=True, slots=True)
class Report:
    period: Period
    by: By | None
    total: Figures
    rows: Sequence[Figures]


@dataclass
class _Tally:
    counts: Counter[str] = field(default_factory=Counter)
    values: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def add(self, one: Happening) -> None:
        self.counts[one.measure] += 1
        if one.value is not None:
            self.values[one.measure].append(one.value)

    def figures(self, key: str | None, name: str | None) -> Figures:
        count, scores = self.counts, self.values["survey_answered"]
        return Figures(
            key, name, count["opened"], count["closed"], count["reopened"], count["taken"], count["messages_in"],
            count["messages_out"], count["messages_automatic"], count["unanswered"],
            spread(self.values["first_response"]), spread(self.values["waiting"]), spread(self.values["resolution"]),
            Satisfaction(
                count["survey_sent"], count["survey_answered"], round(statistics.fmean(scores), 2) if scores else None,
                dict(sorted(Counter(int(score) for score in scores).items())),
            ),
        )  # fmt: skip


def spread(seconds: Sequence[float]) -> Spread | None:
    """None of nothing. The ninetieth percentile is one of the values (nearest rank)."""
    if not seconds:
        return None
    ordered = sorted(seconds)
    ninth = ordered[math.ceil(0.9 * len(ordered)) - 1]
    figures = (statistics.fmean(ordered), statistics.median(ordered), ninth, ordered[-1])
    return Spread(len(ordered), *(round(each, 1) for each in figures))


def report(db: Connection, rooms: Rooms, member: Member, period: Period, about: About, by: By | None) -> Report:
    """Raises NotFound, Invalid, ReportTooLarge. Only shared conversations of the member's inboxes are in it."""
    total = _Tally()
    parts: dict[str | None, _Tally] = {key: _Tally() for key in _keys_of_time(by, period)}
    for case in cases(db, member, about, period):
        for one in happenings(case, period):
            total.add(one)
            for key in _keys(by, one, period):
                parts.setdefault(key, _Tally()).add(one)
    names = _names(db, by, [key for key in parts if key is not None])
    rows = [tally.figures(key, names.get(key, key) if key is not None else None) for key, tally in parts.items()]
    if by not in ("day", "weekday", "hour"):
        rows.sort(key=lambda row: (row.key is None, (row.name or "").lower(), row.key or ""))
    return Report(period, by, total.figures(None, None), rows)


def _keys_of_time(by: By | None, period: Period) -> Iterable[str]:
    """Those that there are also where nothing happened."""
    match by:
        case "hour":
            return [f"{hour:02}" for hour in range(24)]
        case "weekday":
            return WEEKDAYS
        case "day":
            days = (period.last - period.first).days + 1
            return [(period.first + timedelta(days=n)).isoformat() for n in range(days)]
    return ()


def _keys(by: By | None, one: Happening, period: Period) -> Iterator[str | None]:
    row, here = one.case.row, one.at.astimezone(period.zone)
    match by:
        case "agent":
            yield one.agent_id
        case "team":
            yield row.team_id
        case "inbox":
            yield row.inbox_id
        case "channel":
            yield row.channel_id
        case "tag":
            yield from one.case.tags or (None,)
        case "hour":
            yield f"{here.hour:02}"
        case "weekday":
            yield WEEKDAYS[here.weekday()]
        case "day":
            yield here.date().isoformat()


def _names(db: Connection, by: By | None, ids: Sequence[str]) -> Mapping[str, str]:
    if by == "channel":
        return report_queries.channel_names(db, ids)
    return activity_queries.names(db, ids) if by in ("agent", "team", "inbox") else {}
