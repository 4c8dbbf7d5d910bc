"""Calling code that is not ours, from a thread of its own, and not waiting for it for ever."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from functools import partial

import pytest

from casella.host.guests import Guests, TookTooLong

_who: ContextVar[str] = ContextVar("who", default="nobody")


def test_the_answer_comes_back() -> None:
    assert Guests().call(lambda: 6 * 7, 5) == 42


def test_what_it_raises_is_raised_here_even_an_exit() -> None:
    def leave() -> None:
        raise SystemExit(3)

    guests = Guests()
    with pytest.raises(SystemExit):
        guests.call(leave, 5)
    assert guests.call(lambda: "still here", 5) == "still here"


def test_it_sees_the_callers_context() -> None:
    guests = Guests()
    assert guests.call(_who.get, 5) == "nobody"
    token = _who.set("ann")
    try:
        assert guests.call(_who.get, 5) == "ann"
    finally:
        _who.reset(token)


def test_a_call_that_hangs_is_left_behind_and_the_next_one_is_served() -> None:
    guests, never = Guests(), threading.Event()
    with pytest.raises(TookTooLong):
        guests.call(never.wait, 0.05)
    assert guests.call(lambda: "next", 5) == "next"
    never.set()


def test_an_endless_loop_is_ended() -> None:
    guests, turns = Guests(), [0]

    def loop() -> None:
        while True:
            turns[0] += 1

    with pytest.raises(TookTooLong):
        guests.call(loop, 0.05)
    deadline = time.monotonic() + 30
    while _turning(turns):  # this loop only: what other tests have left behind in their threads is not asked
        assert time.monotonic() < deadline, "it still turns"


def _turning(turns: list[int]) -> bool:
    before = turns[0]
    time.sleep(0.05)
    return turns[0] != before


def test_an_answer_that_comes_too_late_is_nobodys() -> None:
    guests, go = Guests(), threading.Event()

    def late() -> str:
        go.wait()
        return "late"

    with pytest.raises(TookTooLong):
        guests.call(late, 0.05)
    go.set()
    assert [guests.call(partial(int, number), 5) for number in range(50)] == list(range(50))


def test_many_callers_get_their_own_answers() -> None:
    guests = Guests()
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda number: guests.call(lambda: number * number, 20), range(500)))
    assert answers == [number * number for number in range(500)]
