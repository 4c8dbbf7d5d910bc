"""A bell through Redis is heard because it was rung, not because somebody asks every now and then."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import redis
from dramatiq import Worker

from casella.jobs.actors import Actors, Work, declare, declare_silent
from casella.jobs.redis_bell import RedisBell, redis_bell
from casella.jobs.redis_broker import RUNG_CHANNEL, WaitingBroker
from tests.house import until
from tests.services import RedisServer
from tests.services.server_process import RestartKind
from tests.variants import AGAIN

NEVER = 600_000  # milliseconds until a consumer asks by itself: longer than any test


def ringing(url: str) -> RedisBell:
    """As a process that only serves has it."""
    bell = redis_bell(url)
    bell.actors = declare_silent(WaitingBroker(url))
    return bell


class Listening:
    """A process's workers: what they have heard, and whether they may go on."""

    def __init__(self, url: str) -> None:
        self.heard: list[str] = []
        self.open = threading.Event()
        self.open.set()
        self.bell = redis_bell(url)
        self.broker = WaitingBroker(url)
        self.actors: Actors = declare(
            self.broker,
            Work(
                apply_lane=lambda lane: self.hears(f"lane {lane}"),
                deliver=lambda: self.hears("deliveries"),
                fetch_media=lambda: self.hears("media"),
                index=lambda: self.hears("search"),
                fire_timers=lambda: self.hears("timers"),
                heard=self.bell.heard,
            ),
        )

    def hears(self, what: str) -> None:
        self.open.wait()
        self.heard.append(what)


@contextmanager
def listening(url: str, *, threads: int = 1) -> Iterator[Listening]:
    made = Listening(url)
    worker = Worker(made.broker, worker_threads=threads, worker_timeout=NEVER)
    worker.start()
    with redis.Redis.from_url(url) as client:
        until(lambda: client.pubsub_numsub(RUNG_CHANNEL)[0][1], "somebody listens")
    try:
        yield made
    finally:
        made.open.set()
        consumers = list(worker.consumers.values())
        worker.stop(timeout=0)
        until(lambda: not any(thread.is_alive() for thread in consumers), "whoever waits is woken by being closed")


def test_a_bell_is_heard_although_nobody_asks(redis_url: str) -> None:
    with listening(redis_url) as process:
        ringing(redis_url).lanes([3, 4])
        until(lambda: sorted(process.heard) == ["lane 3", "lane 4"], "the lanes' bells")
        ringing(redis_url).deliveries()
        until(lambda: "deliveries" in process.heard, "another bell, later")


def test_what_was_rung_before_anybody_listened_is_heard(redis_url: str) -> None:
    ringing(redis_url).timers()
    with listening(redis_url) as process:
        until(lambda: process.heard == ["timers"], "the bell")


def test_more_than_is_fetched_at_once_is_heard_to_the_end(redis_url: str) -> None:
    with listening(redis_url) as process:
        process.open.clear()
        ringing(redis_url).lanes(range(40))
        process.open.set()
        until(lambda: len(process.heard) == 40, "all forty, two at a time")
        assert len(set(process.heard)) == 40


def test_one_of_several_processes_hears_it(redis_url: str) -> None:
    with listening(redis_url) as one, listening(redis_url) as other:
        ringing(redis_url).lanes(range(20))
        until(lambda: len(one.heard) + len(other.heard) == 20, "all of them")
        assert len({*one.heard, *other.heard}) == 20


@pytest.mark.parametrize("kind", ["fast", pytest.param("kill", marks=AGAIN)])
def test_after_redis_was_away_bells_are_heard_again(private_redis_server: RedisServer, kind: RestartKind) -> None:
    url = private_redis_server.url
    with listening(url) as process:
        private_redis_server.restart(kind)
        with redis.Redis.from_url(url) as client:
            until(lambda: client.pubsub_numsub(RUNG_CHANNEL)[0][1], "it listens again")
        bell = ringing(url)

        def is_heard() -> bool:
            bell.lanes([7])
            return bool(process.heard)

        until(is_heard, "the bell")
        assert set(process.heard) == {"lane 7"}
