"""The bell: one sound however often it is rung, never an error, and nothing is lost with it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import pytest
import redis
from dramatiq import Broker
from dramatiq.brokers.stub import StubBroker
from dramatiq.errors import ConnectionClosed

from casella.jobs.actors import Actors, declare_silent
from casella.jobs.bells import EmbeddedBell
from casella.jobs.redis_bell import FEED_CHANNEL, RedisBell
from tests.services import RedisServer


class Recorder:
    """Stands where the actors stand, and remembers who was sent."""

    def __init__(self, error: Exception | None = None) -> None:
        self.heard: list[str] = []
        self.error = error
        self.lane = self.deliveries = self.media = self.search = self

    def send(self, *number: int) -> None:
        self.heard.append(f"lane:{number[0]}" if number else "other")
        if self.error:
            raise self.error

    def as_actors(self) -> Actors:
        return cast(Actors, self)


@pytest.fixture
def client(redis_url: str) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(redis_url) as opened:
        yield opened


def test_a_bell_that_was_rung_and_not_heard_is_not_rung_again() -> None:
    bell, actors = EmbeddedBell(), Recorder()
    bell.actors = actors.as_actors()
    bell.lanes([1, 2, 1])
    bell.lanes([2])
    assert actors.heard == ["lane:1", "lane:2"]

    bell.heard("lane:1")
    bell.lanes([1, 2])
    assert actors.heard == ["lane:1", "lane:2", "lane:1"]


def test_a_bell_that_was_lost_is_rung_again_after_a_while() -> None:
    bell, actors = EmbeddedBell(rung_seconds=0.0), Recorder()
    bell.actors = actors.as_actors()
    for _ in range(3):
        bell.deliveries()

    assert len(actors.heard) == 3


def test_ringing_never_raises() -> None:
    bell = EmbeddedBell()
    bell.media()  # nobody is there yet
    gone = ConnectionClosed("gone")  # type: ignore[no-untyped-call]  # dramatiq leaves it without types
    bell.actors = Recorder(gone).as_actors()
    bell.search()
    bell.lanes([1])
    bell.feed()


def test_each_sound_reaches_its_actor() -> None:
    broker = StubBroker(middleware=[])
    bell = EmbeddedBell()
    bell.actors = declare_silent(cast(Broker, broker))
    bell.lanes([5])
    bell.deliveries()
    bell.media()
    bell.search()

    names = []
    queue = broker.queues["bells"]
    while not queue.empty():
        names.append(broker_message_name(queue.get()))
    assert names == ["lane", "deliveries", "media", "search"]
    woken: list[int] = []
    bell.wake_feed = lambda: woken.append(1)
    bell.feed()
    assert woken == [1]


def broker_message_name(encoded: bytes) -> str:
    from dramatiq import Message

    return str(Message.decode(encoded).actor_name)


def test_on_redis_one_ring_is_enough_for_all_processes(client: redis.Redis) -> None:
    actors = Recorder()
    first, second = RedisBell(client), RedisBell(client)
    first.actors = second.actors = actors.as_actors()
    first.lanes([1, 2])
    second.lanes([1, 2, 3])
    assert actors.heard == ["lane:1", "lane:2", "lane:3"]

    second.heard("lane:2")
    first.lanes([1, 2])
    assert actors.heard[3:] == ["lane:2"]


def test_what_redis_forgets_is_rung_again(client: redis.Redis) -> None:
    actors = Recorder()
    bell = RedisBell(client)
    bell.actors = actors.as_actors()
    bell.lanes([1])
    client.flushall()
    bell.lanes([1])

    assert actors.heard == ["lane:1", "lane:1"]


def test_redis_away_is_no_error(private_redis_server: RedisServer) -> None:
    with redis.Redis.from_url(private_redis_server.url) as client:
        actors = Recorder()
        bell = RedisBell(client)
        bell.actors = actors.as_actors()
        private_redis_server.stop()
        for _ in range(3):
            bell.lanes([1])
            bell.deliveries()
            bell.feed()
            bell.heard("lane:1")
        assert actors.heard == []

        private_redis_server.start()
        bell.lanes([1])
        assert actors.heard == ["lane:1"]


def test_following_the_feed_wakes_whoever_streams(client: redis.Redis) -> None:
    class Enough(Exception):
        pass

    bell = RedisBell(client)
    woken: list[int] = []

    def wake() -> None:
        woken.append(1)
        if len(woken) == 3:
            raise Enough
        bell.feed()

    with pytest.raises(Enough):
        bell.follow(FEED_CHANNEL, wake)
