"""The sweep goes round whatever its duties do."""

from __future__ import annotations

import threading

from casella.errors import StoreUnavailable
from casella.jobs.sweep import Duty, Sweep


def counting(after: int, error: Exception | None = None) -> tuple[threading.Event, list[int], Duty]:
    done, calls = threading.Event(), []

    def act() -> None:
        calls.append(1)
        if len(calls) >= after:
            done.set()
        if error:
            raise error

    return done, calls, Duty("counting", 0.01, act)


def test_every_duty_has_its_turn_again_and_again_though_others_fail() -> None:
    broken, _, first = counting(3, ZeroDivisionError("oops"))
    away, _, second = counting(3, StoreUnavailable())
    well, _, third = counting(3)
    sweep = Sweep([first, second, third], tick=0.005)
    sweep.start()

    assert broken.wait(20)
    assert away.wait(20)
    assert well.wait(20)
    sweep.stop()
    assert sweep.last_round > 0


def test_a_duty_is_not_done_more_often_than_it_wants() -> None:
    done, _, often = counting(20)
    _, rare_calls, rare = counting(1)
    rare.seconds = 3600.0
    sweep = Sweep([often, rare], tick=0.001)
    sweep.start()
    assert done.wait(20)
    sweep.stop()

    assert len(rare_calls) == 1


def test_after_stopping_nothing_is_done() -> None:
    done, calls, duty = counting(2)
    sweep = Sweep([duty], tick=0.001)
    sweep.start()
    assert done.wait(20)
    sweep.stop()
    count = len(calls)

    assert not sweep._thread.is_alive()
    assert len(calls) == count
