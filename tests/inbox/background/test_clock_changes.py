"""The nights in which the clocks go forward or back: what was to happen at a time on the wall happens then, once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from casella.inbox.background.schedules import arm_schedules
from casella.store.tables import conversations, messages
from tests.house import DESK, House
from tests.inbox.background.test_timers_due import notes
from tests.inbox.rule_texts import rule, the, use

#: Sundays, and an hour that does not exist in spring (its half comes with the jump, its quarter a week later), and that
#: exists twice in autumn (the first time counts).
NIGHTS = [
    ("Europe/Rome", "2027-03-28", 2, "03:00+02:00", None),
    ("Europe/Rome", "2027-10-31", 2, "02:30+02:00", "02:15+02:00"),
    ("America/New_York", "2027-03-14", 2, "03:00-04:00", None),
    ("America/New_York", "2027-11-07", 1, "01:30-04:00", "01:15-04:00"),
]


@pytest.fixture
def lite(migrated_sqlite_url: str, tmp_path: Path) -> Iterator[House]:
    """None of this depends on the database."""
    with House(migrated_sqlite_url, tmp_path) as built:
        yield built


def at(day: str, clock: str) -> datetime:
    return datetime.fromisoformat(f"{day}T{clock}")


def before_the_night(house: House, zone: str, day: str, hour: int, *rules: str) -> None:
    """Saturday, eleven in the evening."""
    evening = datetime.fromisoformat(f"{day}T00:00").replace(tzinfo=ZoneInfo(zone)) - timedelta(hours=1)
    house.clock.move(seconds=(evening - house.clock.now()).total_seconds())
    night = f'hours:\n  night: {{week: {{sunday: "0{hour}:15-0{hour}:45"}}}}\n'
    use(house, *rules, desk=DESK.replace("hours:\n", night).replace("Europe/Rome", zone))
    house.receive(house.says())


def through(house: House, hours: int) -> list[tuple[datetime, int]]:
    """Five minutes at a time; after which of them there were more notes, and how many."""
    seen: list[tuple[datetime, int]] = []
    for _ in range(hours * 12):
        arm_schedules(house.rooms)
        house.later(minutes=5)
        if len(notes(house)) != (seen[-1][1] if seen else 0):
            seen.append((house.clock.now(), len(notes(house))))
    return seen


@pytest.mark.parametrize(("zone", "day", "hour", "slot", "opens"), NIGHTS)
def test_a_schedule_comes_once_each_night(
    lite: House, zone: str, day: str, hour: int, slot: str, opens: str | None
) -> None:
    before_the_night(lite, zone, day, hour, rule("note: now", when=f'{{schedule: "30 {hour} * * *"}}'))
    following = datetime.fromisoformat(day).replace(hour=hour, minute=30, tzinfo=ZoneInfo(zone)) + timedelta(days=1)
    assert through(lite, 30) == [(at(day, slot), 1), (following, 2)]


@pytest.mark.parametrize(("zone", "day", "hour", "slot", "opens"), NIGHTS)
def test_what_waits_until_hours_open_waits_for_hours_there_are(
    lite: House, zone: str, day: str, hour: int, slot: str, opens: str | None
) -> None:
    sleeps = rule("reply: {text: Open, when_open: night}", "snooze: {until_open: night}")
    before_the_night(lite, zone, day, hour, sleeps)
    week_after = datetime.fromisoformat(day).replace(hour=hour, minute=15, tzinfo=ZoneInfo(zone)) + timedelta(days=7)
    moment = at(day, opens) if opens else week_after
    assert the(lite)["snoozed_until"] == moment
    lite.later(seconds=(moment - lite.clock.now()).total_seconds() - 1)
    assert (the(lite)["status"], lite.rows(messages, direction="out")) == ("snoozed", [])
    lite.later(seconds=1)
    lite.later(days=8)
    assert [row["status"] for row in lite.rows(conversations)] == ["open"]
    assert [row["text"] for row in lite.rows(messages, direction="out")] == ["Open"]
