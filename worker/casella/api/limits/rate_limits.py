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
from limits.strategies import FixedWindowRateLimiter, MovingWindowRateLimiter

_log = structlog.get_logger("casella.limits")


class RateLimits:
    """Moving windows, by a kind and a key; for amounts, windows that begin with the first of them."""

    def __init__(self, redis_url: str = "") -> None:
        local = MemoryStorage()
        shared = _redis(redis_url) if redis_url else local
        self._local, self._shared = MovingWindowRateLimiter(local), MovingWindowRateLimiter(shared)
        self._amounts = (FixedWindowRateLimiter(shared), FixedWindowRateLimiter(local))

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

    def fits(self, item: RateLimitItem, amount: int, *key: str) -> int | None:
        """None while so much more is within the limit, else the seconds to wait; nothing is counted."""
        for limiter in self._amounts:
            try:
                if limiter.test(item, *key, cost=amount):
                    return None
                return max(1, math.ceil(limiter.get_window_stats(item, *key).reset_time - time.time()))
            except StorageError:
                _log.warning("rate limits not shared: Redis does not answer")
        return None

    def spend(self, item: RateLimitItem, amount: int, *key: str) -> None:
        """Counts so much, whatever the limit."""
        for limiter in self._amounts:
            try:
                limiter.hit(item, *key, cost=amount)
                return
            except StorageError:
                _log.warning("rate limits not shared: Redis does not answer")

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
