"""Timers, whatever dies: workers are killed while they fire, and everything that was armed happens, once."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from casella.inbox.state.timers import Timer, arm
from casella.store.tables import conversations, messages, timers
from tests.house import House, until
from tests.laws.worker import RealTime, WorkerProcess

DESK = """
desk: Laws
timezone: Europe/Rome
locales: [en, it]
tags: [yearly]
inboxes:
  support: {name: Support, teams: [front, nobody]}
connections:
  acme: {type: acme, settings: {secret: "${ACME_SECRET}"}}
channels:
  main: {connection: acme, inbox: support, address: "+15550001", name: Main number}
teams:
  front: {name: Front desk, strategy: manual}
  slow: {name: Slow, reassign_after: 1s}
  nobody: {name: Nobody}
agents:
  ann: {name: Ann, email: ann@desk.example, teams: [slow], inboxes: [support]}
"""
RULES = """
rules:
  - {name: Delayed, when: message_received, after: 1s, if: {text: delayed}, then: [{note: delayed}]}
  - {name: Sleeps, when: message_received, if: {text: sleeps}, then: [{snooze: 1s}]}
  - {name: Awake, when: conversation_reopened, if: always, then: [{note: awake}]}
  - name: Waits
    when: message_received
    if: {text: waits}
    then: [{assign: {team: nobody, else: {team: front, after: 1s}}}]
  - {name: Goes on, when: conversation_assigned, if: {conversation.team: front}, then: [{note: goes on}]}
  - {name: Given, when: message_received, if: {text: given}, then: [{assign: {team: slow}}]}
  - {name: Yearly, when: {schedule: "0 0 1 1 *"}, if: {conversation.messages: {gte: 1}}, then: [{tag: yearly}]}
  - {name: Told, when: conversation_tagged, if: always, then: [{note: yearly}]}
"""
EACH = 12
KINDS = ("delayed", "sleeps", "waits", "given")
_SLOW = """
CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.01); RETURN NULL; END $$;
CREATE TRIGGER slow AFTER INSERT ON decisions FOR EACH ROW EXECUTE FUNCTION slow();
"""


@pytest.fixture
def real(database_url: str, tmp_path: Path) -> Iterator[House]:
    """On a database of its own, because it gets a trigger."""
    with House(database_url, tmp_path, desk=None, clock=RealTime()) as house:
        house.apply(desk=DESK, rules=RULES)
        house.available("ann")
        yield house


@pytest.mark.slow
def test_killed_in_between_everything_happens_and_once(real: House, tmp_path: Path) -> None:
    url = real.settings.database_url
    if url.startswith("postgresql"):
        with real.rooms.store.write() as db:
            db.exec_driver_sql(_SLOW)
    senders = iter(range(1000))
    for text in KINDS:
        real.receive(*(real.says(text, sender=f"+3909{next(senders):08}") for _ in range(EACH)))
    slot = Timer("schedule", "0 0 1 1 *|Europe/Rome", "by hand", real.clock.now(),
                 {"cron": "0 0 1 1 *", "zone": "Europe/Rome", "behind": ""})  # fmt: skip
    with real.rooms.store.write() as db:
        arm(db, [slot])
    dice = random.Random(5)
    for number in range(6):
        with WorkerProcess(url, tmp_path / f"killed-{number}") as worker:
            until(worker.ready, "it is at work")
            time.sleep(dice.uniform(0.02, 0.25))  # whatever it does then
            worker.kill()
    with WorkerProcess(url, tmp_path / "last") as worker:
        until(lambda: not real.rows(timers, state="waiting"), "nothing waits any more")
        worker.finish()
    assert Counter(row["text"] for row in real.rows(messages, direction="note")) == {
        "delayed": EACH, "awake": EACH, "goes on": EACH, "Ann did not answer within 1s; back to the queue.": EACH,
        "yearly": len(real.rows(conversations)),
    }  # fmt: skip
    assert {row["state"] for row in real.rows(timers)} == {"fired"}
