"""How often somebody may try to sign in: per e-mail address and per network address."""

from __future__ import annotations

import hashlib
from typing import ClassVar

from limits import RateLimitItemPerMinute

from casella.api.limits.rate_limits import RateLimits
from casella.errors import CasellaError

PER_EMAIL = RateLimitItemPerMinute(10, 15)
PER_ADDRESS = RateLimitItemPerMinute(60, 15)


class TooManyAttempts(CasellaError):
    """Too many attempts to sign in; wait before the next one."""

    code: ClassVar[str] = "too_many_attempts"
    status: ClassVar[int] = 429


class LoginLimits:
    """Ask before every attempt; forgive an e-mail address after a right password."""

    def __init__(self, limits: RateLimits) -> None:
        self._limits = limits

    def check(self, email: str, address: str) -> None:
        """Counts an attempt. Raises TooManyAttempts with `retry_after` in seconds."""
        for item, kind, key in ((PER_EMAIL, "email", _email_key(email)), (PER_ADDRESS, "address", address)):
            seconds = self._limits.hit(item, kind, key)
            if seconds is not None:
                raise TooManyAttempts(retry_after=seconds)

    def forgive(self, email: str) -> None:
        self._limits.clear(PER_EMAIL, "email", _email_key(email))


def _email_key(email: str) -> str:
    """No address lies about in Redis."""
    return hashlib.blake2b(email.strip().lower().encode(errors="replace"), digest_size=16).hexdigest()
