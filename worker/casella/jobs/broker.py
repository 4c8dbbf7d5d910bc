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
    from casella.jobs.redis_broker import WaitingBroker  # loads the Redis client, which takes long

    return WaitingBroker(settings.redis_url)
