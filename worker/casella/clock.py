"""Time is an argument (law 10): whatever waits is given a clock, and tests move it."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the time, aware and in UTC."""

    def now(self) -> datetime: ...  # pragma: no cover - a protocol


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class ManualClock:
    """A clock that stands until it is moved. For tests, replays and rule tests."""

    def __init__(self, at: datetime | None = None) -> None:
        self._at = at or datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
        self._lock = threading.Lock()

    def now(self) -> datetime:
        with self._lock:
            return self._at

    def move(self, **by: float) -> datetime:
        """Forward by a timedelta's arguments: `clock.move(minutes=5)`."""
        with self._lock:
            self._at += timedelta(**by)
            return self._at
