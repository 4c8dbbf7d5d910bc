"""Connections of which webhooks are kept and will be tried again by themselves: later ones wait behind them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable

_NOT_YET_SEEN = 2.0
"""Seconds in which what was kept here may not be in the database yet: its commit is under way."""


_COMMIT = 0.02
"""Seconds from keeping a webhook until a look into the database finds it, as a rule."""


class HeldConnections:
    """One per process. `hold` is for whoever keeps a webhook, `follow` and `let_go` for whoever has looked into the
    database. `read`: a monotonic clock, for tests."""

    def __init__(self, read: Callable[[], float] = time.monotonic) -> None:
        self._read = read
        self._guard = threading.Lock()
        self._held: dict[str, float] = {}

    def hold(self, connection_key: str, *, behind: bool = False) -> None:
        """`behind`: it is kept only because of others. That alone does not go on for ever."""
        with self._guard:
            if not (behind and connection_key in self._held):
                self._held[connection_key] = self._read()

    def holds(self, connection_key: str) -> bool:
        return connection_key in self._held

    def keys(self) -> frozenset[str]:
        return frozenset(self._held)

    def follow(self, waiting: Iterable[str], asked: float) -> None:
        """`waiting`: the connections of which something waits, by the database; `asked`: when it was asked, on the same
        clock as `read`."""
        with self._guard:
            still = {key: at for key, at in self._held.items() if at > asked - _NOT_YET_SEEN}
            self._held = still | {key: self._held.get(key, 0.0) for key in waiting}

    def let_go(self, connection_key: str, asked: float) -> None:
        """Nothing of this connection waits, by a look into the database at `asked`."""
        with self._guard:
            if self._held.get(connection_key, asked) < asked - _COMMIT:
                del self._held[connection_key]
