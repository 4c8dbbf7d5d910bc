"""Time in which this process really ran: what every limit on a guest is measured by.

A process may stand still (SIGSTOP, a suspended machine, a debugger, a host short of memory). Whoever was being called
then did nothing wrong, yet by any other clock his call has lasted as long as the pause. A thread that ticks cannot
tick meanwhile; so time counts only up to a moment after its last tick, for whoever asks and whenever.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable
from functools import cache

import structlog

from casella import metrics

_log = structlog.get_logger("casella.host")
_TICK = 0.1
_COUNTED = 0.5
"""Seconds counted after a tick at most. Five ticks: threads that wait for a busy interpreter tick late by some tens of
milliseconds, and that is time in which the guest may have run."""
_TOLD = 2.0
"""A pause from which on the log and the metrics tell of it."""


class RunningTime:
    """A clock, in seconds, that stands still while the process does. `now` is for any thread. `read`: for tests."""

    def __init__(self, read: Callable[[], float] = time.monotonic) -> None:
        self._read = read
        self._guard = threading.Lock()
        self._counted = 0.0
        self._ticked = read()

    def now(self) -> float:
        with self._guard:
            return self._counted + min(self._read() - self._ticked, _COUNTED)

    def tick(self) -> float:
        """Go on counting from here. Returns how many seconds the process stood still since the tick before."""
        with self._guard:
            at = self._read()
            passed = at - self._ticked
            self._ticked = at
            self._counted += min(passed, _COUNTED)
        return max(0.0, passed - _COUNTED)

    def tick_for_ever(self) -> None:
        while True:
            time.sleep(_TICK)
            stood_still = self.tick()
            if stood_still >= _TOLD:
                metrics.stalled_seconds.inc(stood_still)
                _log.warning("this process stood still; no plugin is blamed for it", seconds=round(stood_still, 1))


@cache
def running_time() -> RunningTime:
    """This process's own, ticking since it was first asked for."""
    found = RunningTime()
    threading.Thread(target=found.tick_for_ever, name="running-time", daemon=True).start()
    return found


os.register_at_fork(
    after_in_child=running_time.cache_clear
)  # a child has none of its parent's threads: none would tick


def cpu_seconds(thread: threading.Thread) -> float:
    """What a thread has computed so far; 0 where the system does not say. It grows also while a guest keeps the
    interpreter to himself, so that nobody ticks."""
    if sys.platform == "win32" or thread.ident is None or not thread.is_alive():
        return 0.0
    try:
        return time.clock_gettime(time.pthread_getcpuclockid(thread.ident))
    except OSError:  # it has ended in this moment
        return 0.0


class Stopwatch:
    """How long a thread's call has taken of its own: running time, or computing time if that is more."""

    def __init__(self, thread: threading.Thread) -> None:
        self._thread = thread
        self._began, self._computed = running_time().now(), cpu_seconds(thread)

    def seconds(self) -> float:
        return max(running_time().now() - self._began, cpu_seconds(self._thread) - self._computed)
