"""The bell's two sounds: within this process, or through Redis to any worker.

A bell that has been rung and not yet heard is not rung again: one coalesced bell per lane, however many messages.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable

import redis
import structlog
from dramatiq import DramatiqError

from casella.jobs.actors import Actors

_log = structlog.get_logger("casella.bell")
FEED_CHANNEL = "casella:feed"
_RUNG_MILLISECONDS = 1500
"""How long a bell counts as rung: if it was lost, the sweep rings a second later."""


class _Ringing:
    """What both bells share: which actor belongs to which name."""

    actors: Actors | None = None

    def _send(self, name: str) -> None:
        if self.actors is None:
            return
        kind, _, number = name.partition(":")
        if kind == "lane":
            self.actors.lane.send(int(number))
        elif kind == "deliveries":
            self.actors.deliveries.send()
        elif kind == "media":
            self.actors.media.send()
        else:
            self.actors.search.send()


class EmbeddedBell(_Ringing):
    """Rings the workers of this process."""

    def __init__(self, *, rung_seconds: float = _RUNG_MILLISECONDS / 1000) -> None:
        """`rung_seconds`: how long a bell that nobody hears counts as rung."""
        self._rung_seconds = rung_seconds
        self._lock = threading.Lock()
        self._rung: dict[str, float] = {}
        self.wake_feed: Callable[[], None] = lambda: None

    def lanes(self, lanes: Iterable[int]) -> None:
        for lane in lanes:
            self._ring(f"lane:{lane}")

    def deliveries(self) -> None:
        self._ring("deliveries")

    def media(self) -> None:
        self._ring("media")

    def search(self) -> None:
        self._ring("search")

    def feed(self) -> None:
        self.wake_feed()

    def heard(self, name: str) -> None:
        with self._lock:
            self._rung.pop(name, None)

    def _ring(self, name: str) -> None:
        now = time.monotonic()
        with self._lock:
            if name in self._rung and now - self._rung[name] < self._rung_seconds:
                return
            self._rung[name] = now
        try:
            self._send(name)
        except DramatiqError as error:
            _log.warning("bell not rung; the sweep will", bell=name, error=type(error).__name__)


class RedisBell(_Ringing):
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
            pipeline.set(_key(name), b"1", px=_RUNG_MILLISECONDS, nx=True)
        for name, fresh in zip(names, pipeline.execute(), strict=True):
            if fresh:
                self._send(name)

    def _quietly(self, act: Callable[[], object]) -> None:
        try:
            act()
            self._warned = False
        except (redis.RedisError, DramatiqError, OSError) as error:
            if not self._warned:
                _log.warning("Redis is away; work goes on by the sweep", error=type(error).__name__)
            self._warned = True


def _key(name: str) -> str:
    return f"casella:rung:{name}"
