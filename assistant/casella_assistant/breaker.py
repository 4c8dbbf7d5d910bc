"""A provider that keeps failing is left alone for a while, so that nobody waits for it again and again."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

FAILURES = 5
REST = timedelta(seconds=30)


class Breaker:
    """Closed while all is well. After `failures` in a row it opens for `rest`; then one request may try, and its
    outcome decides. Shared by all requests of a process."""

    def __init__(self, now: Callable[[], datetime], *, failures: int = FAILURES, rest: timedelta = REST) -> None:
        self._now, self._most, self._rest = now, failures, rest
        self._lock = threading.Lock()
        self._failed = 0
        self._until: datetime | None = None
        self._trying = False

    def enter(self) -> bool:
        """Whether a request may go. True must be followed by `succeeded`, `failed` or `left`."""
        with self._lock:
            if self._until is None:
                return True
            if self._now() < self._until or self._trying:
                return False
            self._trying = True
            return True

    def succeeded(self) -> None:
        with self._lock:
            self._failed, self._until, self._trying = 0, None, False

    def failed(self, retry_after: float | None = None) -> None:
        """`retry_after`: the provider itself said how many seconds to leave it alone; that is believed at once."""
        with self._lock:
            self._failed += 1
            self._trying = False
            if retry_after is not None:
                self._until = self._now() + timedelta(seconds=retry_after)
            elif self._failed >= self._most or self._until is not None:
                self._until = self._now() + self._rest

    def left(self) -> None:
        """The request ended without saying anything about the provider: it was canceled."""
        with self._lock:
            self._trying = False

    @property
    def rests(self) -> float | None:
        """Seconds until it may be tried again; None when it may be now."""
        with self._lock:
            left = (self._until - self._now()).total_seconds() if self._until is not None else 0.0
            return max(left, 1.0) if left > 0 or self._trying else None
