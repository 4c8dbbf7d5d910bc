"""A worker in a process of its own: applies what comes in, fires what is due and serves the queues, until it is told
that it is over, or is killed. It is at work when FOLDER/ready is there.

    with WorkerProcess(database_url, folder) as worker:
        until(worker.ready, "it is at work")
        worker.finish()

Each is forked from one process that has loaded the house already: loading it takes longer than most of them live.
"""

from __future__ import annotations

import os
import random
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType
from typing import Self

from casella.clock import ManualClock
from casella.inbox.background.queues import serve_queues
from casella.inbox.background.timers_due import fire_due
from casella.inbox.receiving.lanes import drain_lane
from tests.house import House

FORKS = get_context("forkserver")
FORKS.set_forkserver_preload([__name__])


class WorkerProcess:
    """Started when it is made. Leaving the context kills it, unless it has ended."""

    def __init__(self, url: str, folder: Path, does: Callable[[str, Path, Connection], None] | None = None) -> None:
        """`does`: something else than `work`, as a function of a module."""
        folder.mkdir()
        self._folder = folder
        theirs, self._leash = FORKS.Pipe(duplex=False)
        self._process = FORKS.Process(target=does or work, args=(url, folder, theirs), daemon=True)
        self._process.start()
        theirs.close()

    def ready(self) -> bool:
        assert self._process.is_alive(), "it ended before it was at work"
        return (self._folder / "ready").exists()

    def kill(self) -> None:
        self._process.kill()

    def finish(self) -> None:
        """Let it end by itself. Fails when it does not, or not well."""
        self._leash.close()
        self._process.join(60)
        assert self._process.exitcode == 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()
        self._process.join()
        self._process.close()
        self._leash.close()


class RealTime(ManualClock):
    """The machine's clock, where a test's is expected."""

    def now(self) -> datetime:
        return datetime.now(UTC)


def drain_apart(house: House) -> None:
    """Whatever waits, lane by lane in an order of its own: workers who all begin with the first lane take turns at each
    and never meet."""
    while lanes := list(house.waiting_lanes()):
        random.shuffle(lanes)
        for lane in lanes:
            drain_lane(house.rooms, lane)


def work(url: str, folder: Path, leash: Connection) -> None:
    """The process. It is over when the other end of the leash is closed, also by the death of who holds it."""
    with open(os.devnull, "w") as nowhere:
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)
    with House(url, folder, desk=None, clock=RealTime()) as house:
        over = ending(leash)
        (folder / "ready").touch()
        while not over.wait(0.002):
            drain_apart(house)
            fire_due(house.rooms)
            serve_queues(house.rooms)


def ending(leash: Connection) -> threading.Event:
    """Set when the other end of the leash is closed."""
    over = threading.Event()

    def wait_for_end() -> None:
        with suppress(EOFError):
            leash.recv_bytes()
        over.set()

    threading.Thread(target=wait_for_end, daemon=True).start()
    return over
