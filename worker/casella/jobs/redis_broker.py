"""dramatiq on Redis, with consumers that wait for the bell instead of asking again and again.

dramatiq's own consumer asks Redis, and sleeps longer each time there was nothing, up to its time limit: with ten
messages a second a bell was heard 50 ms after it had been rung. Here whoever rings also publishes on a channel, and one
thread of each process that listens there wakes the consumers. What is published while that thread has no connection is
found by asking, a time limit later; the limit stays for that alone.

A module of its own because the Redis client takes long to load, and whoever runs one process needs none.
"""

from __future__ import annotations

import threading
import time
from contextlib import suppress

import redis
from dramatiq import MessageProxy
from dramatiq.brokers.redis import RedisBroker
from dramatiq.brokers.redis import _RedisConsumer as AskingConsumer

RUNG_CHANNEL = "casella:rung"
_LOOK = 0.5
"""Seconds after which the listener looks whether anybody still waits, and after which it connects again."""


class WaitingBroker(RedisBroker):
    """The same queues in the same place; `dramatiq.Worker` uses it like any other."""

    def __init__(self, url: str) -> None:
        super().__init__(  # type: ignore[no-untyped-call]  # dramatiq leaves this constructor unannotated
            url=url,
            middleware=[],
            namespace="casella",
            # With the defaults a bell taken by a worker that was killed came back after 150 s. The sweep is faster.
            heartbeat_timeout=15_000,
            maintenance_chance=200_000,
        )
        self._waiting: set[WaitingConsumer] = set()
        self._guard = threading.Lock()
        self._listener: threading.Thread | None = None

    def consume(self, queue_name: str, prefetch: int = 1, timeout: int = 5000) -> WaitingConsumer:
        consumer = WaitingConsumer(self, queue_name, prefetch, timeout)
        with self._guard:
            self._waiting.add(consumer)
            if self._listener is None:
                self._listener = threading.Thread(target=self._listen, name="bell-listener", daemon=True)
                self._listener.start()
        return consumer

    def forget(self, consumer: WaitingConsumer) -> None:
        """It is closed. The listener ends with the last one."""
        with self._guard:
            self._waiting.discard(consumer)

    def wake(self) -> None:
        """Let all who wait ask now."""
        with self._guard:
            waiting = tuple(self._waiting)
        for consumer in waiting:
            consumer.wake()

    def _listen(self) -> None:
        while self._anybody_waits():
            with suppress(redis.RedisError, OSError):  # the consumers say that Redis is away
                self._follow()
            time.sleep(_LOOK)

    def _follow(self) -> None:
        with self.client.pubsub(ignore_subscribe_messages=True) as listening:
            listening.subscribe(RUNG_CHANNEL)
            self.wake()  # what was rung before
            while self._waiting:
                if listening.get_message(timeout=_LOOK) is not None:
                    self.wake()

    def _anybody_waits(self) -> bool:
        with self._guard:
            if not self._waiting:
                self._listener = None
            return bool(self._waiting)


class WaitingConsumer(AskingConsumer):
    """Asks when it is woken, when a message it has given out is done with, and after `timeout` milliseconds."""

    def __init__(self, broker: WaitingBroker, queue_name: str, prefetch: int, timeout: int) -> None:
        # Its own pause after an answer without messages is none: the waiting is here.
        super().__init__(broker, queue_name, prefetch, 0)  # type: ignore[no-untyped-call]  # unannotated in dramatiq
        self._broker = broker
        self._seconds = timeout / 1000
        self._rung = threading.Event()

    def wake(self) -> None:
        self._rung.set()

    def __next__(self) -> MessageProxy | None:
        message: MessageProxy | None = super().__next__()  # type: ignore[no-untyped-call]  # unannotated in dramatiq
        if message is None:
            self._rung.wait(self._seconds)
            self._rung.clear()  # before the next question, so that no ring falls between
        return message

    def ack(self, message: MessageProxy) -> None:
        super().ack(message)  # type: ignore[no-untyped-call]  # unannotated in dramatiq
        self._rung.set()  # there is room for another

    def nack(self, message: MessageProxy) -> None:
        super().nack(message)  # type: ignore[no-untyped-call]  # unannotated in dramatiq
        self._rung.set()

    def close(self) -> None:
        self._broker.forget(self)
        self._rung.set()  # whoever waits here goes on, and ends
        super().close()
