"""Time is an argument: a clock that tests move, and the machine's own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from casella.clock import ManualClock, SteadyClock, SystemClock


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


class Machine:
    """Its clock can be set; the other one goes on."""

    def __init__(self) -> None:
        self.wrong_by, self.elapsed = timedelta(), 1000.0
        self.clock = SteadyClock(self.now, lambda: self.elapsed)
        self.began = self.clock.now()

    def now(self) -> datetime:
        return datetime(2026, 11, 23, 10, 0, tzinfo=UTC) + timedelta(seconds=self.elapsed) + self.wrong_by

    def wait(self, seconds: int) -> list[datetime]:
        """What the clock says each second, as the house follows it."""
        said = []
        for _ in range(seconds):
            self.elapsed += 1
            self.clock.follow()
            said.append(self.clock.now())
        return said

    def passed(self) -> float:
        return (self.clock.now() - self.began).total_seconds()


def test_a_step_that_is_taken_back_moves_a_steady_clock_nowhere() -> None:
    for seconds in (300, -300):
        one = Machine()
        one.wrong_by = timedelta(seconds=seconds)
        one.wait(30)
        assert one.passed() == 30
        assert "set 300 s" in one.clock.problem()
        one.wrong_by = timedelta()
        one.wait(90)
        assert one.passed() == 120
        assert one.clock.problem() == ""


def test_a_machine_that_was_behind_is_believed_after_a_minute() -> None:
    one = Machine()
    one.wrong_by = timedelta(hours=1)
    one.wait(59)
    assert one.passed() == 59
    one.wait(10)
    assert one.passed() == 3600 + 69
    assert one.clock.problem() == ""


def test_a_machine_that_was_ahead_is_waited_for_and_the_clock_never_goes_back() -> None:
    one = Machine()
    one.wrong_by = timedelta(seconds=-100)
    said = one.wait(300)
    assert said == sorted(said)
    assert one.passed() < 205
    one.wait(60)
    assert abs((one.now() - one.clock.now()).total_seconds()) <= 2


def test_small_differences_are_followed_without_a_word() -> None:
    one = Machine()
    one.wrong_by = timedelta(seconds=1)
    one.wait(1)
    assert one.passed() == 2
    one.wrong_by = timedelta(seconds=0)
    said = one.wait(10)
    assert said == sorted(said)
    assert abs((one.now() - one.clock.now()).total_seconds()) < 0.5
    assert one.clock.problem() == ""
