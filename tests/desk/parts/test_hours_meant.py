"""Hours and days as people write them elsewhere: what the check proposes is the very same time, and right."""

from __future__ import annotations

from pathlib import Path

import pytest

from casella.desk import check_desk
from casella.desk.parts.hours_meant import days_written, hours_written
from casella_rules.hours import read_days, read_ranges
from tests.desk.desks import SOUND, catalogue, write_desk

HOURS = {
    "9-18": "09:00-18:00", "8-17": "08:00-17:00", "9:30-18": "09:30-18:00", "9am-6pm": "09:00-18:00",
    "8.30-12.15": "08:30-12:15", "09:00–18:00": "09:00-18:00", "9 to 17": "09:00-17:00", "0900-1800": "09:00-18:00",
    "9-13 and 14-18": "09:00-13:00, 14:00-18:00", "9-13/14-18": "09:00-13:00, 14:00-18:00", "10pm-6am": "22:00-06:00",
    "22-6": "22:00-06:00", "24h": "00:00-24:00", "open": "00:00-24:00", "not open": "closed", "none": "closed",
    "12pm-12am": "12:00-00:00", "9h30-18h": "09:30-18:00",
}  # fmt: skip
NOT_PLAIN = ["9-5", "25-26", "13am-2pm", "morning", "9-", "9-12, 11-14", "9:75-10", "8 - 8", "", "by appointment"]
DAYS = {
    "mon-fri": "monday-friday", "Mon - Fri": "monday-friday", "monday to friday": "monday-friday",
    "monday–friday": "monday-friday", "weekdays": "monday-friday", "weekend": "saturday-sunday",
    "fri-mon": "friday-monday", "every day": "monday-sunday", "tue": "tuesday", "mon, wed": "monday, wednesday",
    "sat & sun": "saturday-sunday",
}  # fmt: skip


@pytest.mark.parametrize(("written", "meant"), HOURS.items())
def test_hours(written: str, meant: str) -> None:
    assert hours_written(written) == meant
    assert read_ranges(meant) is not None


@pytest.mark.parametrize("written", [*NOT_PLAIN, 9, None, ["09:00"]])
def test_nothing_is_proposed_where_it_is_not_plain(written: object) -> None:
    assert hours_written(written) == ""


@pytest.mark.parametrize("written", [{"from": "8:00", "to": "17:30"}, {"open": "8am", "close": "5:30pm"}])
def test_two_ends_with_names(written: object) -> None:
    assert hours_written(written) == "08:00-17:30"


@pytest.mark.parametrize(("written", "meant"), DAYS.items())
def test_days(written: str, meant: str) -> None:
    assert days_written(written) == meant
    assert read_days(meant) is not None


@pytest.mark.parametrize(
    ("part", "written", "hint"),
    [("monday-friday: 09:00-18:00", "mon-fri: 09:00-18:00", "Write 'monday-friday'"),
     ("09:00-18:00", "8.30-17", "Write '08:30-17:00'"),
     ("timezone: Europe/Rome", "timezone: rome", "Write Europe/Rome"),
     ("timezone: Europe/Rome", "timezone: america/new_york", "Write America/New_York"),
     ("timezone: Europe/Rome", "timezone: CEST", "Write a name such as Europe/Rome")],
)  # fmt: skip
def test_the_check_says_it(tmp_path: Path, part: str, written: str, hint: str) -> None:
    files = {"desk.yaml": SOUND["desk.yaml"].replace(part, written)}
    assert [problem.hint for problem in check_desk(write_desk(tmp_path, files), catalogue())] == [hint]


def test_a_key_beside_its_entry_is_not_made_an_entry(tmp_path: Path) -> None:
    """`name` below a team, in the team's own column, would become a team of that name."""
    billing = "billing:\n  name: Billing"
    files = {"desk.yaml": SOUND["desk.yaml"].replace("billing: {name: Billing}", billing)}
    [_, problem] = check_desk(write_desk(tmp_path, files), catalogue())
    assert problem.hint == "Move 'name' two columns to the right, below the key above it"
