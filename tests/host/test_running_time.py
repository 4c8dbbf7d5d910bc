"""Time counts while the process runs, and stands still while it does."""

from __future__ import annotations

import subprocess
import sys
import threading

from hypothesis import given
from hypothesis import strategies as st

from casella.host.running_time import RunningTime, Stopwatch, cpu_seconds
from tests.house import until


class Hands:
    """A clock that is turned by hand."""

    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at


def test_a_pause_of_any_length_counts_for_half_a_second() -> None:
    hands = Hands()
    clock = RunningTime(hands)
    began = clock.now()
    hands.at += 34

    assert clock.now() - began == 0.5  # asked before the first tick after the pause
    assert clock.tick() == 33.5
    assert clock.now() - began == 0.5
    hands.at += 0.2
    assert round(clock.now() - began, 6) == 0.7


@given(st.lists(st.tuples(st.sampled_from(["tick", "ask"]), st.floats(0, 100)), max_size=50))
def test_it_never_goes_back_and_never_runs_faster_than_the_clock(steps: list[tuple[str, float]]) -> None:
    hands = Hands()
    clock = RunningTime(hands)
    last, began = clock.now(), hands.at
    for what, seconds in steps:
        hands.at += seconds
        if what == "tick":
            clock.tick()
        now = clock.now()
        assert last <= now <= hands.at - began + 1e-6
        last = now


_FORKED = """
import os, time
from casella.host.running_time import running_time
running_time()
child = os.fork()
if child:
    os._exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
began, deadline = running_time().now(), time.monotonic() + 20
while running_time().now() - began < 0.7 and time.monotonic() < deadline:
    time.sleep(0.05)
os._exit(0 if running_time().now() - began >= 0.7 else 1)
"""


def test_a_forked_process_ticks_by_itself() -> None:
    assert subprocess.run([sys.executable, "-W", "ignore", "-c", _FORKED]).returncode == 0


def test_a_thread_that_computes_is_measured_by_what_it_computes() -> None:
    stop = threading.Event()

    def compute() -> None:
        while not stop.is_set():
            pass

    thread = threading.Thread(target=compute)
    thread.start()
    watch = Stopwatch(thread)
    until(lambda: watch.seconds() > 0.05 and cpu_seconds(thread) > 0.01, "it computes")
    stop.set()
    thread.join()
    assert cpu_seconds(thread) == 0.0
