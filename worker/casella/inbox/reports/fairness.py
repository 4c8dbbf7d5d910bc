"""Whether work is shared out fairly, and who waits longest for somebody to take him."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest

from sqlalchemy import Connection

from casella.inbox.house import Rooms
from casella.inbox.reading import Member
from casella.inbox.reports.gathering import About, cases, narrowed
from casella.inbox.reports.period import Period
from casella.store.queries import activity_queries
from casella.store.queries.oversight import report_queries
from casella.store.rows import TableRow

OLDEST = 20


@dataclass(frozen=True, slots=True)
class AgentShare:
    """`taken`: conversations that came to him in the period, of these `by_hand` by his own or a manager's hand; `share`
    of all that were taken, 0 to 1. `hours`: how long he was there for new work. `per_hour`: taken in one of these;
    None: he was not there. `open_now`: what he has."""

    agent_id: str
    name: str
    taken: int
    by_hand: int
    share: float
    hours: float
    per_hour: float | None
    open_now: int


@dataclass(frozen=True, slots=True)
class Unassigned:
    """Open and nobody's. `since`: since when the contact waits for an answer, or since it was opened."""

    conversation_id: str
    inbox_id: str
    team_id: str | None
    since: datetime


@dataclass(frozen=True, slots=True)
class Fairness:
    """`unassigned_now`: how many are open and nobody's."""

    agents: Sequence[AgentShare]
    unassigned_now: int
    oldest: Sequence[Unassigned]


def fairness(db: Connection, rooms: Rooms, member: Member, period: Period, about: About) -> Fairness:
    """Of the members of the inboxes, and whoever else has taken something there. Raises NotFound, Invalid."""
    within = narrowed(db, member, about)
    taken, by_hand = Counter[str](), Counter[str]()
    for case in cases(db, member, about, period):
        for turn in case.turns:
            if turn.what == "assigned" and period.holds(turn.at):
                taken[turn.after] += 1
                by_hand[turn.after] += turn.actor_kind == "agent"
    now = {row.assignee_id: row.number for row in report_queries.open_by_assignee(db, within.conditions)}
    people = sorted({*report_queries.members(db, within.inbox_ids), *taken})
    there = _hours(report_queries.comings_and_goings(db, people, period.end), period, rooms.clock.now())
    names, total = activity_queries.names(db, people), taken.total()
    shares = [
        AgentShare(
            id, names.get(id, id), taken[id], by_hand[id], round(taken[id] / total, 4) if total else 0.0,
            round(there[id] / 3600, 2), round(taken[id] * 3600 / there[id], 2) if there[id] else None,
            now.get(id, 0),
        )
        for id in people
    ]  # fmt: skip
    oldest = report_queries.oldest_unassigned(db, within.conditions, OLDEST)
    return Fairness(
        sorted(shares, key=lambda one: (-one.taken, one.name, one.agent_id)),
        now.get(None, 0),
        [Unassigned(row.id, row.inbox_id, row.team_id, row.since) for row in oldest],
    )


def _hours(rows: Sequence[TableRow], period: Period, now: datetime) -> dict[str, float]:
    """For how many seconds of the period each was there for new work."""
    found: dict[str, float] = defaultdict(float)
    until = min(period.end, now)
    for row, following in zip_longest(rows, rows[1:]):
        ends = following.at if following is not None and following.agent_id == row.agent_id else until
        if row.available and not row.do_not_disturb:
            found[row.agent_id] += max((min(ends, until) - max(row.at, period.start)).total_seconds(), 0.0)
    return found
