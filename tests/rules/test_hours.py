"""Office hours are wall-clock times: through changes of the clock, holidays, exceptions and nights."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from casella_rules import OfficeHours, TimeRange, hours_facts, is_open, next_open, open_for, time_facts
from casella_rules.hours import known_countries, next_closed, read_days, read_ranges

ROME = "Europe/Rome"


def office(ranges: str = "09:00-18:00", days: str = "monday-friday", zone: str = ROME, **more: Any) -> OfficeHours:
    week: list[tuple[TimeRange, ...]] = [()] * 7
    for day in read_days(days) or ():
        week[day] = read_ranges(ranges) or ()
    return OfficeHours(zone, tuple(week), **more)


def rome(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(ROME))


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-11-23T08:59:59", False),
        ("2026-11-23T09:00", True),
        ("2026-11-23T17:59:59", True),
        ("2026-11-23T18:00", False),
        ("2026-11-22T10:00", False),
        ("2026-07-20T09:00", True),
    ],
)
def test_open_from_the_first_minute_until_before_the_last(at: str, expected: bool) -> None:
    assert is_open(office(), rome(at)) is expected


def test_any_zone_of_the_moment_gives_the_same_answer() -> None:
    moment = rome("2026-11-23T09:00")
    assert is_open(office(), moment.astimezone(UTC))
    assert is_open(office(), moment.astimezone(ZoneInfo("Asia/Tokyo")))


def test_a_lunch_break_is_closed() -> None:
    hours = office("09:00-13:00, 14:00-18:00")
    assert not is_open(hours, rome("2026-11-23T13:30"))
    assert next_open(hours, rome("2026-11-23T13:30")) == rome("2026-11-23T14:00")


def test_a_night_belongs_to_the_day_on_which_it_starts() -> None:
    hours = office("22:00-06:00", "friday")
    assert is_open(hours, rome("2026-11-27T23:00"))
    assert is_open(hours, rome("2026-11-28T05:59"))
    assert not is_open(hours, rome("2026-11-28T06:00"))
    assert not is_open(hours, rome("2026-11-27T05:00"))


def test_around_the_clock() -> None:
    hours = office("00:00-24:00", "monday-sunday")
    assert is_open(hours, rome("2026-11-28T00:00"))
    assert is_open(hours, rome("2026-11-28T23:59"))


def test_nine_o_clock_stays_nine_when_the_clocks_change() -> None:
    hours = office(days="monday-sunday")
    # Rome leaves summer time on 25 October 2026 and enters it on 28 March 2027.
    for day, utc_hour in (("2026-10-24", 7), ("2026-10-25", 8), ("2027-03-27", 8), ("2027-03-28", 7)):
        opening = datetime.fromisoformat(f"{day}T{utc_hour:02}:00").replace(tzinfo=UTC)
        assert is_open(hours, opening)
        assert not is_open(hours, opening - timedelta(minutes=1))
        assert next_open(hours, opening - timedelta(hours=3)) == opening


def test_an_hour_that_the_clocks_skip_opens_when_they_have_skipped_it() -> None:
    hours = office("02:30-04:00", "sunday")
    skipped = next_open(hours, rome("2027-03-28T01:00"))
    assert skipped == datetime(2027, 3, 28, 1, 0, tzinfo=UTC)
    assert is_open(hours, skipped)
    assert not is_open(hours, skipped - timedelta(minutes=1))


def test_an_hour_that_comes_twice_is_open_twice() -> None:
    hours = office("02:00-03:00", "sunday")
    first, second = datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert is_open(hours, first)
    assert is_open(hours, second)
    assert not is_open(hours, datetime(2026, 10, 25, 2, 0, tzinfo=UTC))


def test_holidays_are_closed_and_exceptions_decide_alone() -> None:
    hours = office(
        country="IT",
        exceptions={date(2026, 12, 8): read_ranges("10:00-12:00") or (), date(2026, 12, 9): ()},
    )
    assert is_open(hours, rome("2026-12-07T11:00"))
    assert is_open(hours, rome("2026-12-08T11:00"))
    assert not is_open(hours, rome("2026-12-08T13:00"))
    assert not is_open(hours, rome("2026-12-09T11:00"))
    assert not is_open(hours, rome("2026-12-25T11:00"))
    assert not is_open(hours, rome("2030-12-25T11:00"))


def test_holidays_of_a_part_of_a_country() -> None:
    saint_ambrose = rome("2027-12-07T11:00")
    assert is_open(office(country="IT"), saint_ambrose)
    assert not is_open(office(country="IT", subdivision="MI"), saint_ambrose)


def test_next_open_skips_the_weekend_and_the_holidays() -> None:
    hours = office(country="IT")
    assert next_open(hours, rome("2026-12-24T19:00")) == rome("2026-12-28T09:00")


def test_while_open_the_next_opening_is_now() -> None:
    now = rome("2026-11-23T10:00")
    assert next_open(office(), now) == now


def test_hours_that_never_open_say_never() -> None:
    assert next_open(OfficeHours(ROME, ((),) * 7), rome("2026-11-23T10:00")) is None


MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))  # bounds
ZONES = st.sampled_from([ROME, "UTC", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Africa/Casablanca",
                         "Asia/Beirut"])  # fmt: skip
RANGES = st.sampled_from(["09:00-18:00", "22:00-06:00", "00:00-24:00", "01:30-02:30", "02:15-02:45, 23:00-01:00"])


@example(datetime(2026, 3, 28, 12, tzinfo=UTC), ROME, "02:15-02:45, 23:00-01:00", "sunday")  # never 02:15 that night
@example(datetime(2026, 10, 25, 0, 50, tzinfo=UTC), ROME, "02:15-02:45", "sunday")  # 02:50, and 02:15 comes again
@example(datetime(2026, 10, 25, 0, 50, tzinfo=UTC), ROME, "01:30-02:30", "sunday")  # goes back into the range
@example(datetime(2026, 3, 28, 12, tzinfo=UTC), "Asia/Beirut", "00:30-02:00", "sunday")  # jumps at midnight
@given(MOMENTS, ZONES, RANGES, st.sampled_from(["monday-friday", "sunday", "saturday-sunday"]))
def test_the_next_opening_is_open_and_nothing_before_it_is(at: datetime, zone: str, ranges: str, days: str) -> None:
    hours = office(ranges, days, zone)
    opening = next_open(hours, at)
    assert opening is not None
    assert opening >= at
    assert is_open(hours, opening)
    for step in range(1, 6):
        between = at + (opening - at) * step / 6
        assert between >= opening or not is_open(hours, between)


@example(datetime(2026, 10, 25, 0, 10, tzinfo=UTC), ROME, "02:15-02:45", "sunday")  # closes twice that night
@example(datetime(2026, 3, 29, 0, 40, tzinfo=UTC), ROME, "01:30-02:30", "sunday")  # jumps out of the range
@given(MOMENTS, ZONES, RANGES, st.sampled_from(["monday-friday", "sunday", "saturday-sunday"]))
def test_the_next_closing_is_closed_and_nothing_before_it_is(at: datetime, zone: str, ranges: str, days: str) -> None:
    hours = office(ranges, days, zone)
    closing = next_closed(hours, at)
    assert closing is not None
    assert closing >= at
    assert not is_open(hours, closing)
    for step in range(1, 6):
        between = at + (closing - at) * step / 6
        assert between >= closing or is_open(hours, between)


def test_hours_that_never_close_say_never() -> None:
    assert next_closed(office("00:00-24:00", "monday-sunday"), rome("2026-11-23T10:00")) is None


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("09:00-18:00", (TimeRange(540, 1080),)),
        ("9:00 - 13:00,14:00-18:30", (TimeRange(540, 780), TimeRange(840, 1110))),
        ("14:00-18:00, 09:00-13:00", (TimeRange(540, 780), TimeRange(840, 1080))),
        ("22:00-06:00", (TimeRange(1320, 1800),)),
        ("00:00-24:00", (TimeRange(0, 1440),)),
        ("closed", ()),
        *[(bad, None) for bad in ("", "9-18", "09:00", "09:60-10:00", "24:00-25:00", "10:00-10:00", "a-b")],
        ("٠٩:00-18:00", None),
        ("09:00-12:00, 11:00-13:00", None),
        ("22:00-02:00, 23:00-24:00", None),
    ],
)  # fmt: skip
def test_ranges_as_people_write_them(written: str, expected: tuple[TimeRange, ...] | None) -> None:
    assert read_ranges(written) == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("monday", (0,)),
        ("Monday-Friday", (0, 1, 2, 3, 4)),
        ("saturday, sunday", (5, 6)),
        ("friday-monday", (4, 5, 6, 0)),
        *[(bad, None) for bad in ("", "mon", "monday-", "monday, monday", "monday-wednesday, tuesday", "1")],
    ],
)
def test_days_as_people_write_them(written: str, expected: tuple[int, ...] | None) -> None:
    assert read_days(written) == expected


def test_facts_of_a_moment() -> None:
    moment = rome("2026-11-23T10:30")
    assert time_facts(moment, ROME) == {
        "time.weekday": "monday",
        "time.date": date(2026, 11, 23),
        "time.hour": 10,
    }
    assert time_facts(moment, "Asia/Tokyo")["time.hour"] == 18
    assert hours_facts({"a": office(), "b": office("20:00-21:00")}, moment) == {"hours.a": "open", "hours.b": "closed"}


def test_countries_are_known_with_their_parts() -> None:
    assert "BZ" in known_countries()["IT"]


@pytest.mark.parametrize(
    ("since", "seconds", "over"),
    [
        ("2026-11-27T17:30", 7_200, "2026-11-30T10:30"),
        ("2026-11-28T12:00", 1, "2026-11-30T09:00:01"),
        ("2026-11-27T09:00", 32_400, "2026-11-27T18:00"),
        ("2026-11-27T09:00", 32_401, "2026-11-30T09:00:01"),
        ("2026-03-27T17:00", 7_200, "2026-03-30T10:00"),  # the clocks go forward in between
    ],
)
def test_open_time_is_counted_while_the_office_is_open(since: str, seconds: int, over: str) -> None:
    assert open_for(office(), rome(since), seconds) == rome(over)


@given(
    since=st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)),
    minutes=st.integers(1, 5_000),
    more=st.integers(1, 500),
)
def test_open_time_adds_up(since: datetime, minutes: int, more: int) -> None:
    """Minute by minute, it is as much as was open; and longer is later."""
    hours = office("22:00-06:00", "monday-friday")
    begun = since.replace(second=0, microsecond=0, tzinfo=UTC)
    over = open_for(hours, begun, minutes * 60)
    assert over is not None
    passed = int((over - begun) / timedelta(minutes=1))
    assert sum(is_open(hours, begun + timedelta(minutes=at)) for at in range(passed)) == minutes
    later = open_for(hours, begun, (minutes + more) * 60)
    assert later is not None
    assert later > over


def test_open_time_of_an_office_that_never_opens_is_never_over() -> None:
    assert open_for(OfficeHours(ROME, ((),) * 7), rome("2026-11-27T17:30"), 60) is None
