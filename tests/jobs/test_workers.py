"""Workers as they run: every bell may be lost, Redis may die, and everything is done all the same."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest
import redis

from casella.inbox.house.bell import SilentBell
from casella.jobs.workers import Pump, Turns
from casella.plugin import MediaRequest
from casella.store.tables import attachments, journal, messages
from tests.house import ANNA, House, until
from tests.inbox.web import Page, web
from tests.services import RedisServer


def everything_is_done(house: House) -> bool:
    return {row["state"] for row in house.rows(journal)} == {"done"} and {
        row["state"] for row in house.rows(messages, direction="out")
    } <= {"sent"}


def greet(house: House) -> None:
    house.apply(
        rules="rules:\n  - {name: Greet, when: message_received, if: always, then: [{reply: {text: Hello.}}]}\n"
    )


def test_bells_ring_and_the_work_is_done(house: House) -> None:
    greet(house)
    house.start_workers()
    house.post(*[house.webhook(house.says(sender=f"+39055{number:04}")) for number in range(30)])

    until(lambda: len(house.acme.provider.arrived) == 30, "every message is answered")
    until(lambda: everything_is_done(house))
    until(house.workers.alive)


def test_with_every_bell_lost_the_sweep_finds_lanes_deliveries_and_pictures(migrated_url: str, tmp_path: Path) -> None:
    with web() as server, House(migrated_url, tmp_path, private_hosts=server.host) as house:
        server.pages["/file"] = Page(b"%PDF-1.7 and so on")
        house.acme.provider.media["r1"] = MediaRequest(server.url("/file"), allowed_hosts=("127.0.0.1",))
        greet(house)
        object.__setattr__(house.rooms, "bell", SilentBell())
        house.app.bell.actors = None
        house.start_workers()
        house.post(*[house.webhook(house.says(sender=f"+39055{number:04}")) for number in range(5)])
        house.post(house.webhook(house.says("", attachments=[{"ref": "r1"}])))
        house.drain()  # lanes are rung through the broker; that one is lost is the next test
        until(lambda: len(house.acme.provider.arrived) == 6, "the sweep sends")
        until(lambda: house.one(attachments)["state"] == "stored", "the sweep fetches")


def test_a_bell_lost_in_the_broker_is_rung_again_by_the_sweep(house: House) -> None:
    house.post(house.webhook(house.says("first")))
    queue = house.app.broker.queues["bells"]
    until(lambda: not queue.empty())
    while not queue.empty():
        queue.get()
        queue.task_done()
    house.start_workers()

    until(lambda: everything_is_done(house), "the sweep rings")


@pytest.mark.slow
def test_redis_emptied_and_killed_in_mid_load_loses_nothing_and_doubles_nothing(
    migrated_pg_url: str, private_redis_server: RedisServer, tmp_path: Path
) -> None:
    server = private_redis_server
    with House(migrated_pg_url, tmp_path / "a", redis_url=server.url) as first:
        greet(first)
        with House(migrated_pg_url, tmp_path / "b", redis_url=server.url, desk=None, clock=first.clock) as second:
            second.acme.provider = provider = first.acme.provider  # one and the same, whose ids are unique
            first.start_workers()
            second.start_workers()
            posted = 0
            for wave in range(6):
                people = [f"+39055{number:04}" for number in range(10)]
                first.post(*[first.webhook(first.says(f"{wave}", sender=person)) for person in people])
                posted += 10
                if wave == 1:
                    with redis.Redis.from_url(server.url) as client:
                        client.flushall()
                if wave == 3:
                    server.restart("kill")
            until(lambda: everything_is_done(first), "everything is applied and sent", 60)
            until(lambda: len(provider.arrived) == posted)
            arrived = list(provider.arrived)

    assert len({item.message.id for item in arrived}) == len(arrived) == posted


@pytest.mark.slow
def test_without_redis_from_the_beginning_work_is_done_by_the_sweep(
    migrated_pg_url: str, private_redis_server: RedisServer, tmp_path: Path
) -> None:
    with House(migrated_pg_url, tmp_path, redis_url=private_redis_server.url) as house:
        greet(house)
        house.start_workers()
        private_redis_server.stop()
        house.post(house.webhook(house.says()))
        time.sleep(0.2)
        private_redis_server.start()

        until(lambda: house.acme.provider.texts(ANNA) == ["Hello."], "the sweep's bells are heard again", 60)


# --- parts ----------------------------------------------------------------------------------------------------------


def test_a_pump_works_while_there_is_work_and_outlives_a_stumble() -> None:
    left = [3]
    calls: list[int] = []
    stumbled = threading.Event()

    def step() -> int:
        calls.append(left[0])
        if not stumbled.is_set():
            stumbled.set()
            raise ZeroDivisionError
        left[0] -= 1
        return max(0, left[0])

    pump = Pump("test", 1, step)
    pump.start()
    pump.wake()
    assert stumbled.wait(20)
    pump.wake()
    until(lambda: left[0] == 0)
    pump.stop(5)
    count = len(calls)
    pump.wake()
    assert len(calls) == count


def test_a_turn_is_taken_once_at_a_time_and_no_ring_falls_between() -> None:
    turns = Turns()
    inside, most, rung, served = [0], [0], [0], [0]
    lock = threading.Lock()

    def act(_: int) -> None:
        with lock:
            inside[0] += 1
            most[0] = max(most[0], inside[0])
            wanted = rung[0]
        served[0] = max(served[0], wanted)
        with lock:
            inside[0] -= 1

    def ring() -> None:
        for _ in range(500):
            with lock:
                rung[0] += 1
            turns.take(7, act)

    threads = [threading.Thread(target=ring) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert most[0] == 1
    assert served[0] == 4000, "whoever rang last was served"


def test_a_turn_that_fails_is_free_for_the_next() -> None:
    turns = Turns()

    def fail(_: int) -> None:
        raise ZeroDivisionError

    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            turns.take(1, fail)
