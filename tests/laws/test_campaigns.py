"""A campaign, whatever dies: processes are killed while they plan, write and send; nobody is lost or gets it twice."""

from __future__ import annotations

import os
import random
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from casella.clock import ManualClock
from casella.ids import new_id
from casella.inbox.campaigns import feed_some
from casella.inbox.sending import settle_expired
from casella.plugin import Sent
from casella.store.tables import campaign_recipients, messages
from tests.house import House, until
from tests.inbox.campaigns.rig import NIGHTLESS, number, people, reported, run, scheduled, shown
from tests.laws.worker import WorkerProcess, ending

COUNT = 60
BEGIN = datetime(2026, 11, 23, 10, tzinfo=UTC)


def feeds_and_sends(url: str, folder: Path, leash: Connection) -> None:
    """A process whose clock runs away; what has reached the provider stands in a file that outlives it."""
    turn = int(folder.name.rpartition("-")[2])
    with House(url, folder, desk=None, clock=ManualClock(BEGIN + timedelta(hours=turn))) as house:
        house.acme.instead["send"] = lambda _channel, message, _http: _noted(folder.parent, message.to)
        over = ending(leash)
        (folder / "ready").touch()
        while not over.wait(0.001):
            feed_some(house.rooms)
            house.send_once(3)
            house.clock.move(seconds=1)


def _noted(folder: Path, to: str) -> Sent:
    with open(folder / "reached", "a") as file:
        file.write(f"{to}\n")
        file.flush()
        os.fsync(file.fileno())
    return Sent(new_id())


def reached_in(folder: Path) -> Counter[str]:
    """How often each number has got it."""
    file = folder / "reached"
    return Counter(file.read_text().split()) if file.exists() else Counter()


def _has_sent(folder: Path, many: int) -> bool:
    return reached_in(folder).total() >= many


@pytest.mark.slow
def test_killed_in_between_everybody_is_written_to_once(house: House, tmp_path: Path) -> None:
    """Only what was being sent when its process died is in doubt, and is not sent again by itself (law 5)."""
    url = house.settings.database_url
    people(house, COUNT)
    id = scheduled(house, **NIGHTLESS, per_minute=240)
    dice = random.Random(7)
    for turn in range(1, 4):
        with WorkerProcess(url, tmp_path / f"killed-{turn}", feeds_and_sends) as worker:
            until(worker.ready, "it is at work")
            until(partial(_has_sent, tmp_path, 12 * turn), "it sends")
            time.sleep(dice.uniform(0, 0.02))  # whatever it does then
            worker.kill()
    assert reached_in(tmp_path).total() < COUNT, "they were killed in between"
    house.clock.move(hours=8)
    settle_expired(house.rooms, every=True)
    house.acme.instead["send"] = lambda _channel, message, _http: _noted(tmp_path, message.to)
    for _ in range(20):
        if shown(house, id).state == "done":
            break
        run(house, 20)
    found = reported(house, id)
    reached = reached_in(tmp_path)
    rows = house.rows(messages, sender_kind="campaign")
    assert set(reached.values()) == {1}, "somebody got it twice"
    assert len(rows) == len({row["conversation_id"] for row in rows}) == COUNT
    assert {row["state"] for row in house.rows(campaign_recipients)} == {"queued"}
    assert (found.state, found.sent + found.waiting) == ("done", COUNT)
    doubtful = {row["id"] for row in rows if row["state"] == "unconfirmed"}
    assert len(doubtful) <= 3 * 3
    assert set(reached) <= {number(index) for index in range(COUNT)}
    assert len(reached) >= COUNT - len(doubtful)
