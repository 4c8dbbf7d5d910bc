"""A process that dies with SIGKILL in the middle of firing timers: each still happens, and happens once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from casella.inbox.background.timers_due import fire_due
from casella.store.tables import effects, messages, timers
from tests.house import House, until
from tests.inbox.rule_texts import rule, use

COUNT = 40
FIRING = """
import sys
from datetime import timedelta
from pathlib import Path
from casella.clock import ManualClock
from casella.inbox.background.timers_due import fire_due
from tests.house import House
house = House(sys.argv[1], Path(sys.argv[2]), desk=None, clock=ManualClock(ManualClock().now() + timedelta(minutes=11)))
print("ready", flush=True)
while True:
    fire_due(house.rooms, 1)
    print("fired", flush=True)
"""


@pytest.mark.slow
def test_killed_while_firing(house: House, tmp_path: Path) -> None:
    use(house, rule("note: Later.", "reply: {text: Still there.}", after="10m"))
    house.receive(*(house.says(sender=f"+39055{number:04}") for number in range(COUNT)))
    url = house.settings.database_url
    command = [sys.executable, "-c", FIRING, url, str(tmp_path / "other")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path(__file__).parents[2], text=True) as process:
        assert process.stdout is not None
        for _ in range(8):
            assert process.stdout.readline()
        os.kill(process.pid, signal.SIGKILL)
        process.wait(30)
    fired = [row for row in house.rows(timers) if row["state"] == "fired"]
    assert 0 < len(fired) < COUNT
    house.clock.move(minutes=11)
    until(lambda: fire_due(house.rooms) == 0, "every timer fired")
    assert {row["state"] for row in house.rows(timers)} == {"fired"}
    assert len(house.rows(messages, direction="note")) == len(house.rows(messages, direction="out")) == COUNT
    assert len(house.rows(effects)) == 2 * COUNT
