"""The bell through Redis: rung here, heard by whichever worker is free, on any machine.

A module of its own because the Redis client takes long to load, and whoever runs one process needs none.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from contextlib import suppress

import redis
import structlog
from dramatiq import DramatiqError

from casella.jobs.bells import RUNG_MILLISECONDS, Ringing
from casella.jobs.redis_broker import RUNG_CHANNEL

_log = structlog.get_logger("casella.bell")
FEED_CHANNEL = "casella:feed"


class RedisBell(Ringing):
    """Rings whichever worker is free, on any machine. Redis away: nobody hears, the sweep does the rest."""

    def __init__(self, client: redis.Redis) -> None:
        self._client = client
        self._warned = False

    def lanes(self, lanes: Iterable[int]) -> None:
        self._ring([f"lane:{lane}" for lane in lanes])

    def deliveries(self) -> None:
        self._ring(["deliveries"])

    def media(self) -> None:
        self._ring(["media"])

    def search(self) -> None:
        self._ring(["search"])

    def timers(self) -> None:
        self._ring(["timers"])

    def feed(self) -> None:
        self._quietly(lambda: self._client.publish(FEED_CHANNEL, b"1"))

    def follow(self, channel: str, wake: Callable[[], None]) -> None:
        """Call `wake` whenever any process rings the channel. Returns, by raising, when Redis goes away."""
        with self._client.pubsub(ignore_subscribe_messages=True) as listening:  # type: ignore[no-untyped-call]  # redis-py leaves pubsub() unannotated
            listening.subscribe(channel)
            wake()
            for _ in listening.listen():
                wake()

    def heard(self, name: str) -> None:
        self._quietly(lambda: self._client.delete(_key(name)))

    def _ring(self, names: list[str]) -> None:
        if names:
            self._quietly(lambda: self._ring_fresh(names))

    def _ring_fresh(self, names: list[str]) -> None:
        pipeline = self._client.pipeline(transaction=False)
        for name in names:
            pipeline.set(_key(name), b"1", px=RUNG_MILLISECONDS, nx=True)
        fresh = [name for name, rung in zip(names, pipeline.execute(), strict=True) if rung]
        for name in fresh:
            self._send(name)
        if fresh:
            self._client.publish(RUNG_CHANNEL, b"1")  # whoever waits for a bell asks now

    def _quietly(self, act: Callable[[], object]) -> None:
        try:
            act()
            if self._warned:
                _log.warning("Redis is back")
            self._warned = False
        except (redis.RedisError, DramatiqError, OSError) as error:
            if not self._warned:
                _log.warning("Redis is away; work goes on by the sweep", error=type(error).__name__)
            self._warned = True


def _key(name: str) -> str:
    return f"casella:rung:{name}"


def follow_feed(bell: RedisBell, wake: Callable[[], None]) -> None:
    """Wake the streams when any process rings; never returns. Redis away: they look once a second anyway."""
    while True:
        with suppress(redis.RedisError, OSError):
            bell.follow(FEED_CHANNEL, wake)
        time.sleep(0.5)


def redis_bell(url: str) -> RedisBell:
    return RedisBell(redis.Redis.from_url(url))
