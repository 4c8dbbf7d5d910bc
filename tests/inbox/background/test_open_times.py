"""Times that are counted while office hours are open: what rests, what is put aside, what is asked how long ago
something was (docs/managers.md). The desk's hours are Monday to Friday, 9 to 18 in Rome; the tests begin on a Monday at
eleven."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casella.store.tables import messages
from casella_rules import OfficeHours, OpenTime, open_for
from casella_rules.hours import read_days, read_ranges
from tests.house import House
from tests.inbox.rule_texts import rule, the, use

FRIDAY_HALF_PAST_FIVE = {"days": 4, "hours": 6.5}


def notes(house: House) -> list[str]:
    return [row["text"] for row in house.rows(messages, direction="note")]


def test_a_rule_rests_for_open_time(house: House) -> None:
    use(house, rule("note: seen", cooldown="1h of support"))
    house.later(**FRIDAY_HALF_PAST_FIVE)
    house.receive(house.says())
    for _ in range(3):  # in the evening and at the weekend no open time passes
        house.later(hours=14)
        house.receive(house.says())
    assert notes(house) == ["seen"]
    house.later(days=2, hours=15.5 - 42)  # Monday at nine: half an hour has passed on Friday
    house.receive(house.says())
    assert notes(house) == ["seen"]
    house.later(minutes=29)
    house.receive(house.says())
    assert notes(house) == ["seen"]
    house.later(minutes=1)
    house.receive(house.says())
    assert notes(house) == ["seen", "seen"]


def test_a_conversation_is_put_aside_for_open_time(house: House) -> None:
    use(house, rule("snooze: 1h of support"))
    house.later(**FRIDAY_HALF_PAST_FIVE)
    house.receive(house.says())
    assert the(house)["status"] == "snoozed"
    assert the(house)["snoozed_until"] == house.clock.now() + timedelta(days=2, hours=16), "Monday at half past nine"
    house.later(days=2, hours=15, minutes=59)
    assert the(house)["status"] == "snoozed"
    house.later(minutes=1)
    assert the(house)["status"] == "open"


@pytest.mark.parametrize("event", ["conversation_waiting", "conversation_idle"])
def test_how_long_ago_is_asked_in_open_time(house: House, event: str) -> None:
    """The waiting of an hour is over on Friday evening; two open hours are on Monday at half past ten."""
    field = "conversation." + event.removeprefix("conversation_")
    use(house, rule("note: late", when=f"{{{event}: 1h}}", condition=f"{{{field}: {{older_than: 2h of support}}}}"))
    house.later(**FRIDAY_HALF_PAST_FIVE)
    house.receive(house.says())
    house.later(days=2, hours=15.5)
    house.later(hours=1, minutes=30)
    assert notes(house) == []
    house.later(seconds=1)
    assert notes(house) == ["late"], "more than two hours"
    house.later(days=7)
    assert notes(house) == ["late"], "once for each waiting"


def test_age_in_open_time_is_asked_with_every_message(house: House) -> None:
    use(house, rule("note: old", condition="{conversation.age: {older_than: 9h of support}}"))
    house.receive(house.says())
    house.later(hours=23)
    house.receive(house.says())
    assert notes(house) == [], "seven hours of Monday, one of Tuesday"
    house.later(hours=2)
    house.receive(house.says())
    assert notes(house) == ["old"]


def test_who_was_answered_meanwhile_is_not_late(house: House) -> None:
    asked = "{conversation.waiting: {older_than: 2h of support}}"
    use(house, rule("note: late", when="{conversation_waiting: 1h}", condition=asked))
    house.later(**FRIDAY_HALF_PAST_FIVE)
    house.receive(house.says())
    house.later(hours=2)
    house.reply()
    house.later(days=4)
    assert notes(house) == []
    assert the(house)["waiting_since"] is None


_RANGES = st.sampled_from(["09:00-18:00", "22:00-06:00", "00:00-24:00", "01:30-02:30", "08:00-12:00, 14:00-19:00"])
_DAYS = st.sampled_from(["monday-friday", "sunday", "saturday-sunday", "monday-sunday"])
_ZONES = st.sampled_from(["Europe/Rome", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"])


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)),
    st.integers(1, 40 * 3_600), st.timedeltas(timedelta(), timedelta(days=20)), _RANGES, _DAYS, _ZONES,
)  # fmt: skip
def test_a_time_has_passed_just_when_it_is_over(
    since: datetime, seconds: int, later: timedelta, ranges: str, days: str, zone: str
) -> None:
    """Whoever rests and whoever waits agree: so much has been counted from the moment on at which it is over."""
    read = read_ranges(ranges) or ()
    hours = OfficeHours(zone, tuple(read if day in (read_days(days) or ()) else () for day in range(7)))
    over, now = open_for(hours, since, seconds), since + later
    assert (OpenTime(hours).seconds(since, now) >= seconds) is (over is not None and over <= now)
