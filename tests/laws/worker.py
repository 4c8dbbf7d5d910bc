"""A worker in a process of its own: applies what comes in and serves the queues, until its standard input ends. It
is at work when FOLDER/ready is there.

python -m tests.laws.worker DATABASE_URL FOLDER
"""

from __future__ import annotations

import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

from casella.clock import ManualClock
from casella.inbox.queues import serve_queues
from tests.house import House


class RealTime(ManualClock):
    """The machine's clock, where a test's is expected."""

    def now(self) -> datetime:
        return datetime.now(UTC)


def main(url: str, folder: str) -> None:
    over = threading.Event()
    with House(url, Path(folder), desk=None, clock=RealTime()) as house:
        (Path(folder) / "ready").touch()
        threading.Thread(target=lambda: (sys.stdin.read(), over.set()), daemon=True).start()
        while not over.wait(0.002):
            house.drain()
            serve_queues(house.rooms)


if __name__ == "__main__":
    main(*sys.argv[1:])
