"""The threads of one process that carry posts of every kind.

A receiver has one thread at most, and whoever has not been served for longest comes first. Receivers that were slow
lately have half of the threads among them, so that any number of them leaves the others their own.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence

import httpx
import structlog

from casella.errors import StoreUnavailable
from casella.inbox.house import Rooms
from casella.inbox.posting.couriers import Courier, Load, receivers_waiting, take

_log = structlog.get_logger("casella.posting")
THREADS = 16
SLOW = 2.0
"""Seconds for one load after which a receiver counts as slow."""
_LOOK_AGAIN = 0.5
_MOST_KNOWN = 10_000
Key = tuple[str, str]


class Carriers:
    """`step` gives what is due to the threads that are free."""

    def __init__(self, rooms: Rooms, http: httpx.Client, couriers: Sequence[Courier], threads: int = THREADS) -> None:
        self._rooms, self._http, self._couriers, self._threads = rooms, http, couriers, threads
        self._landed = threading.Condition()
        self._busy: set[Key] = set()
        self._slow: set[Key] = set()
        self._served: dict[Key, float] = {}

    def step(self) -> bool:
        """Whether there may be more. While all threads are busy, it waits until one is free."""
        begun = [self._begin(courier) for courier in self._couriers]
        with self._landed:
            if self._busy:
                self._landed.wait(_LOOK_AGAIN)
                return True
        return any(begun)

    def _begin(self, courier: Courier) -> bool:
        if not self._free():
            return False
        waiting = receivers_waiting(self._rooms, courier)
        chosen = self._chosen(courier, waiting) if waiting else []
        loads = take(self._rooms, courier, chosen) if chosen else []
        for load in loads:
            with self._landed:
                self._busy.add((courier.name, load.receiver))
            name = f"post-{courier.name}"
            threading.Thread(target=self._carry, args=(load,), name=name, daemon=True).start()
        return bool(loads)

    def _free(self) -> int:
        with self._landed:
            return self._threads - len(self._busy)

    def _chosen(self, courier: Courier, waiting: Sequence[str]) -> list[str]:
        with self._landed:
            keys = [key for one in waiting if (key := (courier.name, one)) not in self._busy]
            keys.sort(key=lambda key: self._served.get(key, 0.0))
            free = self._threads - len(self._busy)
            free_to_slow = self._threads // 2 - len(self._busy & self._slow)
            chosen: list[str] = []
            for key in keys:
                if len(chosen) == free:
                    break
                if key in self._slow:
                    if free_to_slow <= 0:
                        continue
                    free_to_slow -= 1
                chosen.append(key[1])
            return chosen

    def _carry(self, load: Load) -> None:
        key, began = (load.courier.name, load.receiver), time.monotonic()
        try:
            load.carry(self._rooms, self._http)
        except StoreUnavailable:
            pass  # the store has said so, once; the lease runs out, and it is carried again
        except Exception as error:  # noqa: BLE001 - one post's surprise is no other's; its lease runs out
            _log.warning("a post broke off", kind=key[0], receiver=key[1], error=type(error).__name__, exc_info=True)
        finally:
            self._note(key, time.monotonic() - began)

    def _note(self, key: Key, seconds: float) -> None:
        with self._landed:
            self._busy.discard(key)
            (self._slow.add if seconds >= SLOW else self._slow.discard)(key)
            if len(self._served) >= _MOST_KNOWN:
                self._served.clear()
            self._served[key] = time.monotonic()
            self._landed.notify_all()


def carriers_of(couriers: Sequence[Courier]) -> Callable[[Rooms, httpx.Client], Callable[[], object]]:
    """As a duty makes them, once for each process."""
    return lambda rooms, http: Carriers(rooms, http, couriers).step
