"""A worker in a process of its own: applies what comes in, fires what is due and serves the queues, until its standard
input ends. It is at work when FOLDER/ready is there.

python -m tests.laws.worker DATABASE_URL FOLDER
"""

from __future__ import annotations

import random
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

from casella.clock import ManualClock
from casella.inbox.background.queues import serve_queues
from casella.inbox.background.timers_due import fire_due
from casella.inbox.receiving.lanes import drain_lane
from tests.house import House


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


def main(url: str, folder: str) -> None:
    over = threading.Event()

    def wait_for_the_end() -> None:
        sys.stdin.read()
        over.set()

    with House(url, Path(folder), desk=None, clock=RealTime()) as house:
        (Path(folder) / "ready").touch()
        threading.Thread(target=wait_for_the_end, daemon=True).start()
        while not over.wait(0.002):
            drain_apart(house)
            fire_due(house.rooms)
            serve_queues(house.rooms)


if __name__ == "__main__":
    main(*sys.argv[1:])
