"""A database that is away is one line when it goes and one when it is back; in between it is counted."""

from __future__ import annotations

import threading
import time

import structlog

from casella import metrics

_log = structlog.get_logger("casella.store")


class Outage:
    """One per store, for any thread."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._since: float | None = None
        self._met = 0

    def met(self, error: BaseException) -> None:
        """Somebody has found the database away."""
        metrics.database_away.inc()
        with self._guard:
            self._met += 1
            if self._since is not None:
                return
            self._since = time.monotonic()
        _log.warning("the database is away; nothing acknowledged is lost", error=type(error).__name__)

    def over(self) -> None:
        """Somebody has found it there."""
        if self._since is None:
            return
        with self._guard:
            since, met = self._since, self._met
            self._since, self._met = None, 0
        if since is not None:
            _log.warning("the database is back", seconds=round(time.monotonic() - since, 1), tries=met)
