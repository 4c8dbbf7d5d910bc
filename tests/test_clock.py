"""Time is an argument: a clock that tests move, and the machine's own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from casella.clock import ManualClock, SystemClock


def test_a_manual_clock_stands_until_it_is_moved() -> None:
    clock = ManualClock()
    began = clock.now()

    assert clock.now() == began
    assert clock.move(minutes=5, seconds=1) == began + timedelta(seconds=301)
    assert clock.now() == began + timedelta(seconds=301)
    assert ManualClock(datetime(2030, 1, 1, tzinfo=UTC)).now().year == 2030


def test_both_clocks_tell_aware_utc() -> None:
    for clock in (ManualClock(), SystemClock()):
        assert clock.now().utcoffset() == timedelta(0)
    assert abs((SystemClock().now() - datetime.now(UTC)).total_seconds()) < 5
