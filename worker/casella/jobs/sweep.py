"""The sweep: once a second it looks for work whose bell was not heard, and for time that has come.

Every worker process sweeps; what a sweep does is safe to do twice. Each duty has its own interval; one that fails is
logged and tried again at its next turn.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog

from casella.errors import StoreUnavailable

_log = structlog.get_logger("casella.sweep")


@dataclass(slots=True)
class Duty:
    """Something to do every `seconds`."""

    name: str
    seconds: float
    act: Callable[[], object]
    next_at: float = 0.0


class Sweep:
    """A thread; `start` and `stop` it."""

    def __init__(self, duties: Sequence[Duty], *, tick: float = 0.25) -> None:
        self._duties = list(duties)
        self._tick = tick
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sweep", daemon=True)
        self.last_round = 0.0

    def start(self) -> None:
        self._thread.start()

    def stop(self, timeout: float = 5.0) -> None:
        self._stopping.set()
        self._thread.join(timeout)

    def _run(self) -> None:
        while not self._stopping.wait(self._tick):
            now = time.monotonic()
            for duty in self._duties:
                if now >= duty.next_at:
                    duty.next_at = now + duty.seconds
                    _do(duty)
            self.last_round = time.monotonic()


def _do(duty: Duty) -> None:
    try:
        duty.act()
    except StoreUnavailable:
        pass  # the store has said so, once
    except Exception:  # noqa: BLE001 - the sweep must outlive any surprise: it is what everything else relies on
        _log.exception("sweep duty failed", duty=duty.name)
