"""The broker: dramatiq in this process, or on Redis. The same actors either way.

Only bells go through it (law 4), so it needs no retries, no delays, no results: of dramatiq's middleware none is used.
Its retry loop loses a message when Redis is away for that instant; its delays live in a worker's memory.
"""

from __future__ import annotations

from dramatiq import Broker
from dramatiq.brokers.stub import StubBroker

from casella.settings import Settings


def build_broker(settings: Settings) -> Broker:
    """A fresh broker; nothing global is set."""
    if settings.embedded:
        return StubBroker(middleware=[])
    from dramatiq.brokers.redis import RedisBroker  # loads the Redis client, which takes long

    return RedisBroker(  # type: ignore[no-untyped-call]  # dramatiq leaves this constructor unannotated
        url=settings.redis_url,
        middleware=[],
        namespace="casella",
        # With the defaults a bell taken by a worker that was killed came back after 150 s; the sweep is faster still.
        heartbeat_timeout=15_000,
        maintenance_chance=200_000,
    )
