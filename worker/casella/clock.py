"""Time is an argument (law 10): whatever waits is given a clock, and tests move it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol

TOLERATED = timedelta(seconds=2)
"""How far a machine's clock may be from the one that counts until people are told: NTP keeps within milliseconds."""


class Clock(Protocol):
    """Tells the time, aware and in UTC."""

    def now(self) -> datetime: ...  # pragma: no cover - a protocol


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


def elapsed() -> float:
    """Seconds, by a clock that nobody sets; counted also while the machine is suspended, where the system can."""
    boot = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boot is None else time.clock_gettime(boot)


def machine() -> datetime:
    """What the machine's own clock says, right or wrong."""
    return datetime.now(UTC)


class SteadyClock:
    """A Clock for any thread of a house that has no server's clock to ask: begins with the machine's, counts on by one
    that nobody sets, and never goes back. `machine`, `elapsed`: for tests.

    A machine's clock that is set is believed when it has stood by it for a minute: what sets clocks takes back what was
    wrong within seconds. One that is ahead is then followed at once; one that is behind is waited for, at half speed.
    """

    BELIEVED = 60.0
    _WAITING = 0.5

    def __init__(self, machine: Callable[[], datetime] = machine, elapsed: Callable[[], float] = elapsed) -> None:
        self._machine, self._elapsed = machine, elapsed
        self._known = (machine(), elapsed(), 1.0)
        self._differs_since: float | None = None

    def now(self) -> datetime:
        at, since, speed = self._known
        return at + timedelta(seconds=(self._elapsed() - since) * speed)

    def follow(self) -> None:
        """Compare with the machine's clock; every few seconds."""
        now, at, skew = self.now(), self._elapsed(), self.skew()
        if abs(skew) <= TOLERATED:
            self._differs_since = None
        elif self._differs_since is None:
            self._differs_since = at
        believed = self._differs_since is None or at - self._differs_since >= self.BELIEVED
        if believed and skew > timedelta():
            self._known, self._differs_since = (now + skew, at, 1.0), None
        else:
            self._known = (now, at, self._WAITING if believed and skew < timedelta() else 1.0)

    def skew(self) -> timedelta:
        """How far the machine's clock is ahead."""
        return self._machine() - self.now()

    def problem(self) -> str:
        """For people; empty when the machine's clock has not been set of late."""
        skew = self.skew()
        if abs(skew) <= TOLERATED:
            return ""
        which = "ahead" if skew > timedelta() else "back"
        return f"this machine's clock was set {abs(skew.total_seconds()):.0f} s {which}"


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
