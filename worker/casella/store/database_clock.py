"""The database's clock: what processes share (leases, tokens, pauses, timers, windows) is timed by it alone.

Machines' clocks differ, and are set while they run. So each process asks the database now and then what time it is,
and counts on from there by a clock that nobody sets: a machine whose clock is five minutes ahead does nothing wrong.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select

from casella.clock import TOLERATED, elapsed, machine
from casella.store.engine import Store

_SURE = 0.5
"""Seconds an answer may take to be believed: nobody knows when in this time it was made. The first always is."""


class DatabaseClock:
    """A Clock for any thread. Raises StoreUnavailable when it is made or told to `follow` and the database is away.
    `machine`, `elapsed`: for tests."""

    def __init__(
        self, store: Store, machine: Callable[[], datetime] = machine, elapsed: Callable[[], float] = elapsed
    ) -> None:
        self._store, self._machine, self._elapsed = store, machine, elapsed
        self._known = self._ask()[:2]

    def now(self) -> datetime:
        at, since = self._known
        return at + timedelta(seconds=self._elapsed() - since)

    def follow(self) -> None:
        """Ask again; every few seconds."""
        at, since, took = self._ask()
        if took <= _SURE:
            self._known = (at, since)

    def skew(self) -> timedelta:
        """How far this machine's own clock is ahead."""
        return self._machine() - self.now()

    def problem(self) -> str:
        """For people; empty when the machine's clock is right."""
        skew = self.skew()
        if abs(skew) <= TOLERATED:
            return ""
        which = "ahead of" if skew > timedelta() else "behind"
        return f"this machine's clock is {abs(skew.total_seconds()):.0f} s {which} the database's"

    def _ask(self) -> tuple[datetime, float, float]:
        with self._store.read() as db:
            db.execute(select(1))  # the connection is there, and what follows takes one round trip
            before = self._elapsed()
            at: datetime = db.execute(select(func.clock_timestamp())).scalar_one()
            took = self._elapsed() - before
        return at.astimezone(UTC), before + took / 2, took
