"""Nobody is woken: by the clocks of his country, all of them where it has several (decision 0041)."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casella.inbox.campaigns.quiet_hours import QuietHours, quiet_hours, zones_of
from casella.inbox.contacts import editing
from casella.inbox.contacts.editing import Details
from casella.store.tables import outbox
from tests.budget import tries
from tests.house import House
from tests.inbox.campaigns.rig import act, made, people, previewed, reported, run, shown, states, step

NIGHT = QuietHours(time(20), time(8))
SERVICE = {"purpose": "service", "reason": "x"}


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 7, 1, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("country", "now", "quiet"),
    [
        ("IT", at(5, 59), True), ("IT", at(6), False), ("IT", at(17, 59), False), ("IT", at(18), True),
        ("US", at(13), True),  # eight in the morning in Chicago, three in Honolulu
        ("US", at(18), False),  # eight in Honolulu, fourteen in New York
        ("IN", at(2, 29), True), ("IN", at(2, 30), False),  # half an hour beside the others
        ("ZZ", at(6), False), ("", at(5), True),  # no country: the inbox's clock
    ],
)  # fmt: skip
def test_it_is_quiet_as_long_as_it_is_quiet_anywhere_in_the_country(country: str, now: datetime, quiet: bool) -> None:
    assert NIGHT.is_quiet(country, "Europe/Rome", now) is quiet


@settings(max_examples=tries(60), deadline=None)
@given(
    country=st.sampled_from(["IT", "US", "RU", "BR", "AU", "NP", "FR", ""]), minutes=st.integers(0, 60 * 24 * 400),
    start=st.integers(0, 95), length=st.integers(1, 60),
)  # fmt: skip
def test_when_it_opens_it_is_quiet_nowhere_and_before_it_is_somewhere(
    country: str, minutes: int, start: int, length: int
) -> None:
    """And where it closes, it was open until then: whatever the season."""
    first, last = (f"{quarter % 96 // 4:02}:{quarter % 4 * 15:02}" for quarter in (start, start + length))
    quiet = quiet_hours(first, last)
    assert quiet is not None
    now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    opens = quiet.opens_at(country, "Europe/Rome", now)
    if opens is None:
        assert len(zones_of(country, "Europe/Rome")) > 1
        return
    zones: list[ZoneInfo] = list(zones_of(country, "Europe/Rome"))
    assert not any(quiet.holds(opens.astimezone(zone).time()) for zone in zones)
    if opens > now:
        before = opens - timedelta(minutes=1)
        assert any(quiet.holds(before.astimezone(zone).time()) for zone in zones)
    closes = quiet.closes_at(country, "Europe/Rome", opens)
    assert not quiet.is_quiet(country, "Europe/Rome", closes - timedelta(minutes=1))


def test_whose_night_it_is_waits_for_his_morning(house: House) -> None:
    """The others are not held up by him."""
    house.clock.move(seconds=(at(8) - house.clock.now()).total_seconds() % 86400)  # eight UTC: night in America
    people(house, 2)
    with house.rooms.store.write() as db:
        editing.add(db, house.rooms, Details("Bob", None, ["+12125550123"]), house.clock.now())
    view = made(house, **SERVICE)
    act(house, "schedule", view.id, None)
    run(house, 5)
    assert states(house, view.id) == {"queued": 2, "planned": 1}
    found = shown(house, view.id)
    assert found.state == "sending"
    assert found.waits_until is not None
    house.clock.move(hours=11)
    run(house, 5)
    assert (shown(house, view.id).state, reported(house, view.id).sent) == ("done", 3)


def test_what_waited_in_the_outbox_until_night_waits_for_morning(house: House) -> None:
    """The channel stood still for hours: nobody is written to in the middle of the night when it goes on."""
    house.clock.move(seconds=(at(10) - house.clock.now()).total_seconds() % 86400)
    people(house, 2)
    view = made(house, **SERVICE)
    act(house, "schedule", view.id, None)
    step(house)
    assert len(house.rows(outbox)) == 2
    house.clock.move(hours=13)
    run(house, 3)
    assert house.acme.provider.arrived == []
    house.clock.move(hours=11)
    run(house, 3)
    assert len(house.acme.provider.arrived) == 2
    assert shown(house, view.id).state == "done"


def test_where_every_hour_is_quiet_somewhere_nobody_is_written_to(house: House) -> None:
    with house.rooms.store.write() as db:
        editing.add(db, house.rooms, Details("Ivan", None, ["+79161234567"]), house.clock.now())
    view = made(house, **SERVICE, quiet=("18:00", "10:00"))
    assert previewed(house, view.id).left_out == {"always_quiet": 1}
