"""The bell within this process; `casella.jobs.redis_bell` has the one that reaches any worker.

A bell that has been rung and not yet heard is not rung again: one coalesced bell per lane, however many messages.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable

import structlog
from dramatiq import DramatiqError

from casella.jobs.actors import Actors

_log = structlog.get_logger("casella.bell")
RUNG_MILLISECONDS = 1500
"""How long a bell counts as rung: if it was lost, the sweep rings a second later."""


class Ringing:
    """What both bells share: which actor belongs to which name."""

    actors: Actors | None = None

    def _send(self, name: str) -> None:
        if self.actors is None:
            return
        kind, _, number = name.partition(":")
        if kind == "lane":
            self.actors.lane.send(int(number))
        elif kind == "deliveries":
            self.actors.deliveries.send()
        elif kind == "media":
            self.actors.media.send()
        elif kind == "timers":
            self.actors.timers.send()
        else:
            self.actors.search.send()


class EmbeddedBell(Ringing):
    """Rings the workers of this process."""

    def __init__(self, *, rung_seconds: float = RUNG_MILLISECONDS / 1000) -> None:
        """`rung_seconds`: how long a bell that nobody hears counts as rung."""
        self._rung_seconds = rung_seconds
        self._lock = threading.Lock()
        self._rung: dict[str, float] = {}
        self.wake_feed: Callable[[], None] = lambda: None

    def lanes(self, lanes: Iterable[int]) -> None:
        for lane in lanes:
            self._ring(f"lane:{lane}")

    def deliveries(self) -> None:
        self._ring("deliveries")

    def media(self) -> None:
        self._ring("media")

    def search(self) -> None:
        self._ring("search")

    def timers(self) -> None:
        self._ring("timers")

    def feed(self) -> None:
        self.wake_feed()

    def heard(self, name: str) -> None:
        with self._lock:
            self._rung.pop(name, None)

    def _ring(self, name: str) -> None:
        now = time.monotonic()
        with self._lock:
            if name in self._rung and now - self._rung[name] < self._rung_seconds:
                return
            self._rung[name] = now
        try:
            self._send(name)
        except DramatiqError as error:
            _log.warning("bell not rung; the sweep will", bell=name, error=type(error).__name__)
