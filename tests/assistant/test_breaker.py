"""Whoever keeps failing is left alone for a while."""

from __future__ import annotations

from casella.clock import ManualClock
from casella_assistant.breaker import FAILURES, Breaker


def tripped(clock: ManualClock) -> Breaker:
    breaker = Breaker(clock.now)
    for _ in range(FAILURES):
        assert breaker.enter()
        breaker.failed()
    return breaker


def test_it_opens_after_some_failures_in_a_row() -> None:
    breaker = tripped(ManualClock())
    assert not breaker.enter()
    assert breaker.rests == 30.0


def test_a_success_in_between_forgives() -> None:
    breaker = Breaker(ManualClock().now)
    for _ in range(3 * FAILURES):
        breaker.failed()
        breaker.succeeded()
    assert breaker.enter()


def test_after_its_rest_one_request_may_try_and_decides() -> None:
    clock = ManualClock()
    breaker = tripped(clock)
    clock.move(seconds=31)
    assert [breaker.enter() for _ in range(3)] == [True, False, False]
    breaker.failed()
    assert not breaker.enter()
    clock.move(seconds=31)
    assert breaker.enter()
    breaker.succeeded()
    assert all(breaker.enter() for _ in range(3))


def test_a_canceled_trial_lets_the_next_one_try() -> None:
    clock = ManualClock()
    breaker = tripped(clock)
    clock.move(seconds=31)
    assert breaker.enter()
    breaker.left()
    assert breaker.enter()


def test_a_provider_that_says_how_long_is_believed_at_once() -> None:
    clock = ManualClock()
    breaker = Breaker(clock.now)
    breaker.failed(retry_after=7)
    assert breaker.rests == 7.0
    clock.move(seconds=8)
    assert breaker.rests is None
