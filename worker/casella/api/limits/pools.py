"""Threads of its own for everything slow: what one kind of request takes long for keeps no other kind waiting."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import ClassVar, TypeVar

from casella.errors import CasellaError

T = TypeVar("T")


class Busy(CasellaError):
    """Too much of this is being done right now; try again in a moment."""

    code: ClassVar[str] = "busy"
    status: ClassVar[int] = 503


class Pool:
    """`threads` at once, so many more `waiting`, of whom one caller has at most `each`. A full one refuses at once:
    whoever is refused costs nothing, and whoever got in is served in time."""

    def __init__(self, name: str, *, threads: int, waiting: int, each: int) -> None:
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix=name)
        self._places = threads + waiting
        self._each = each
        self._taken: Counter[str] = Counter()
        self._lock = threading.Lock()

    async def run(self, caller: str, deed: Callable[[], T]) -> T:
        """Raises Busy."""
        with self._lock:
            if self._taken.total() >= self._places or self._taken[caller] >= self._each:
                raise Busy
            self._taken[caller] += 1
        future: Future[T] = self._executor.submit(contextvars.copy_context().run, deed)
        future.add_done_callback(lambda _: self._free(caller))
        return await asyncio.wrap_future(future)

    def _free(self, caller: str) -> None:
        with self._lock:
            self._taken[caller] -= 1
            if not self._taken[caller]:
                del self._taken[caller]

    def close(self) -> None:
        self._executor.shutdown(wait=False, cancel_futures=True)


class Pools:
    """The pools of a serving process. A browser that is known here signs in past all strangers."""

    def __init__(self) -> None:
        self.strangers = Pool("sign-in", threads=2, waiting=16, each=4)
        self.known = Pool("sign-in-known", threads=1, waiting=16, each=4)
        self.sign_on = Pool("sign-on", threads=4, waiting=64, each=16)
        self.providers = Pool("providers", threads=16, waiting=16, each=4)

    def close(self) -> None:
        for pool in (self.strangers, self.known, self.sign_on, self.providers):
            pool.close()
