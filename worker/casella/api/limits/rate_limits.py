"""Counting who asks how often: in Redis where there is one, so that several processes count together, and in this
process while Redis is away."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence

import structlog
from limits import RateLimitItem
from limits.errors import StorageError
from limits.storage import MemoryStorage, Storage, storage_from_string
from limits.strategies import MovingWindowRateLimiter

_log = structlog.get_logger("casella.limits")


class RateLimits:
    """Moving windows, by a kind and a key."""

    def __init__(self, redis_url: str = "") -> None:
        self._local = MovingWindowRateLimiter(MemoryStorage())
        self._shared = MovingWindowRateLimiter(_redis(redis_url)) if redis_url else self._local

    def hit(self, item: RateLimitItem, *key: str) -> int | None:
        """Counts one. None if it is within the limit, else the seconds to wait."""
        limiters: Sequence[MovingWindowRateLimiter] = (self._shared, self._local)
        for limiter in limiters:
            try:
                if limiter.hit(item, *key):
                    return None
                return max(1, math.ceil(limiter.get_window_stats(item, *key).reset_time - time.time()))
            except StorageError:
                _log.warning("rate limits not shared: Redis does not answer")
        return None  # memory never raises; said for the type checker

    def full(self, item: RateLimitItem, *key: str) -> int | None:
        """The seconds to wait where the limit is reached already; nothing is counted."""
        for limiter in (self._shared, self._local):
            try:
                if limiter.test(item, *key):
                    return None
                return max(1, math.ceil(limiter.get_window_stats(item, *key).reset_time - time.time()))
            except StorageError:
                _log.warning("rate limits not shared: Redis does not answer")
        return None

    def clear(self, item: RateLimitItem, *key: str) -> None:
        """Forgets what was counted."""
        for limiter in (self._shared, self._local):
            try:
                limiter.clear(item, *key)
            except StorageError:
                _log.warning("rate limits not shared: Redis does not answer")


def _redis(url: str) -> Storage:
    shared_url = f"redis+{url}" if url.startswith("unix:") else url
    storage = storage_from_string(shared_url, wrap_exceptions=True)
    assert isinstance(storage, Storage)
    return storage
