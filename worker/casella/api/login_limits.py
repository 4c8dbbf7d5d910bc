"""How often somebody may try to sign in: per e-mail address and per network address, counted in Redis where there is
one, so that several processes count together, and in this process while Redis is away."""

from __future__ import annotations

import hashlib
import math
import time
from collections.abc import Sequence
from typing import ClassVar

import structlog
from limits import RateLimitItem, RateLimitItemPerMinute
from limits.errors import StorageError
from limits.storage import MemoryStorage, Storage, storage_from_string
from limits.strategies import MovingWindowRateLimiter

from casella.errors import CasellaError

_log = structlog.get_logger("casella.sign_in")
PER_EMAIL = RateLimitItemPerMinute(10, 15)
PER_ADDRESS = RateLimitItemPerMinute(60, 15)


class TooManyAttempts(CasellaError):
    """Too many attempts to sign in; wait before the next one."""

    code: ClassVar[str] = "too_many_attempts"
    status: ClassVar[int] = 429


class LoginLimits:
    """Ask before every attempt; forgive an e-mail address after a right password."""

    def __init__(self, redis_url: str = "") -> None:
        self._local = MovingWindowRateLimiter(MemoryStorage())
        self._shared = MovingWindowRateLimiter(_redis(redis_url)) if redis_url else self._local

    def check(self, email: str, address: str) -> None:
        """Counts an attempt. Raises TooManyAttempts with `retry_after` in seconds."""
        for item, key in ((PER_EMAIL, _email_key(email)), (PER_ADDRESS, address)):
            limiter, taken = self._hit(item, key)
            if not taken:
                raise TooManyAttempts(retry_after=_seconds_left(limiter, item, key))

    def forgive(self, email: str) -> None:
        for limiter in (self._shared, self._local):
            try:
                limiter.clear(PER_EMAIL, "email", _email_key(email))
            except StorageError:
                _log.warning("rate limits not shared: Redis does not answer")

    def _hit(self, item: RateLimitItem, key: str) -> tuple[MovingWindowRateLimiter, bool]:
        limiters: Sequence[MovingWindowRateLimiter] = (self._shared, self._local)
        for limiter in limiters:
            try:
                return limiter, limiter.hit(item, _kind(item), key)
            except StorageError:
                _log.warning("rate limits not shared: Redis does not answer")
        return self._local, True  # memory never raises; said for the type checker


def _kind(item: RateLimitItem) -> str:
    return "email" if item is PER_EMAIL else "address"


def _seconds_left(limiter: MovingWindowRateLimiter, item: RateLimitItem, key: str) -> int:
    return max(1, math.ceil(limiter.get_window_stats(item, _kind(item), key).reset_time - time.time()))


def _email_key(email: str) -> str:
    """No address lies about in Redis."""
    return hashlib.blake2b(email.strip().lower().encode(errors="replace"), digest_size=16).hexdigest()


def _redis(url: str) -> Storage:
    shared_url = f"redis+{url}" if url.startswith("unix:") else url
    storage = storage_from_string(shared_url, wrap_exceptions=True)
    assert isinstance(storage, Storage)
    return storage
