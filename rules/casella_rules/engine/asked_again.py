"""Rules of waiting and of silence whose office hours or weekdays say no just then, or of whose times, counted in office
hours, not enough has passed. The time is over once, so they would never be heard again: the next moment at which they
may act is found here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from casella_rules.engine.reference import holds
from casella_rules.hours import OfficeHours, hours_facts, next_closed, next_open, open_for, time_facts
from casella_rules.language.facts import Facts, FactValue
from casella_rules.language.model import Condition, Rule, conditions_of
from casella_rules.language.open_time import measured_in
from casella_rules.open_days import OpenTime

#: A question about the hour comes true within a week or never; one about a date, within the year that hours look ahead.
_DAYS, _DAYS_OF_DATES = 8, 400
_EDGES = 30


def asked_again(
    rules: Sequence[Rule], facts: Facts, hours: Mapping[str, OfficeHours], zone: str, now: datetime
) -> Iterator[tuple[str, datetime]]:
    """The rules that wait for this very event and do not match it now, and would at another time, each with the first
    moment (UTC) at which it does, everything else being as it is. None behind a rule that ends the run. `hours`: the
    desk's, by key; `zone`: of the conversation's inbox."""
    for rule in rules:
        if not rule.enabled or facts.trigger not in rule.when:
            continue
        if holds(rule.scoped_test, facts):
            if rule.stops:
                return
            continue
        conditions = list(conditions_of(rule.test))
        asked = {one.field for one in conditions if one.field.partition(".")[0] in ("hours", "time")}
        counted = [one for one in conditions if measured_in(one.field)[1]]
        if rule.after or not (asked or counted):
            continue
        keys = {*(one.partition(".")[2] for one in asked), *(measured_in(one.field)[1] for one in counted)}
        named = {key: hours[key] for key in keys if key in hours}
        passes = {at for one in counted for at in _passes(one, named, facts, now)}
        counting = {key: OpenTime(hours[key]) for key in named}  # each day is looked up once
        for at in sorted(passes | set(_moments(asked, named, zone, now))):
            if holds(rule.scoped_test, _at(facts, counting, zone, now, at)):
                yield rule.name, at
                break


def _passes(condition: Condition, hours: Mapping[str, OfficeHours], facts: Facts, now: datetime) -> Iterator[datetime]:
    """When a time that is counted in office hours reaches and passes what is asked of it."""
    counting, so_far = hours.get(measured_in(condition.field)[1]), facts.get(condition.field)
    if counting is None or not isinstance(so_far, int | float):
        return
    for length in condition.operand:
        if not isinstance(length, int | float) or length < so_far:
            continue
        for left in (length - so_far, length - so_far + 1):
            if left and (at := open_for(counting, now, int(left))):
                yield at


def _at(facts: Facts, counting: Mapping[str, OpenTime], zone: str, now: datetime, at: datetime) -> Facts:
    """The facts of another moment, when nothing but time has passed."""
    open_then = hours_facts({key: one.hours for key, one in counting.items()}, at)
    later: dict[str, FactValue] = {**facts, **time_facts(at, zone), **open_then}
    for name, so_far in facts.items():
        counted = counting.get(measured_in(name)[1])
        if counted is not None and isinstance(so_far, int | float):
            later[name] = so_far + int(counted.seconds(now, at))
    return Facts(facts.trigger, later)


def _moments(asked: set[str], hours: Mapping[str, OfficeHours], zone: str, now: datetime) -> Iterator[datetime]:
    """Every moment at which an answer may change: edges of the office hours, full hours, midnights."""
    for one in hours.values():
        edge: datetime | None = now
        for _ in range(_EDGES):
            edge = edge and next_closed(one, edge)
            if edge and edge > now:
                yield edge
            edge = edge and next_open(one, edge)
            if edge is None:
                break
            if edge > now:
                yield edge
    if asked & {"time.hour", "time.weekday", "time.date"}:
        full = now.replace(minute=0, second=0, microsecond=0)
        yield from (full + timedelta(hours=ahead) for ahead in range(1, _DAYS * 24))
    if "time.date" in asked:
        today = now.astimezone(ZoneInfo(zone)).date()
        for ahead in range(1, _DAYS_OF_DATES):
            yield datetime.combine(today + timedelta(ahead), time(), ZoneInfo(zone)).astimezone(now.tzinfo)
