"""How often somebody may try to sign in, so that it cannot be turned against anybody.

Failures count, successes do not: first those of the network address, then those of the address with this e-mail. What
others fail at elsewhere locks nobody out. A browser in which an agent has signed in before is counted by itself: nobody
else can use up its tries.
"""

from __future__ import annotations

import hashlib
from ipaddress import IPv6Address, ip_address, ip_network
from typing import ClassVar

from limits import RateLimitItemPerMinute

from casella.api.limits.rate_limits import RateLimits
from casella.errors import CasellaError

PER_ADDRESS = RateLimitItemPerMinute(60, 15)
PER_PAIR = RateLimitItemPerMinute(10, 15)
PER_AGENT = RateLimitItemPerMinute(30, 15)
"""Wrong codes of a second factor, by whoever knows the password; a browser that is known here is not held up."""
PER_VISIT = RateLimitItemPerMinute(600, 15)
"""Ways to the sign-in provider and back, of one network: two for each sign-in of a whole office in the morning."""
PER_BROWSER = RateLimitItemPerMinute(20, 15)


class TooManyAttempts(CasellaError):
    """Too many attempts to sign in; wait before the next one."""

    code: ClassVar[str] = "too_many_attempts"
    status: ClassVar[int] = 429


class LoginLimits:
    """Ask before every attempt, and tell of every failure."""

    def __init__(self, limits: RateLimits) -> None:
        self._limits = limits

    def check(self, email: str, address: str, browser: str | None) -> None:
        """`browser`: of one that is known for this e-mail. Raises TooManyAttempts with `retry_after` in seconds."""
        for item, *key in _counted(email, address, browser):
            seconds = self._limits.full(item, *key)
            if seconds is not None:
                raise TooManyAttempts(retry_after=seconds)

    def failed(self, email: str, address: str, browser: str | None) -> None:
        for item, *key in _counted(email, address, browser):
            self._limits.hit(item, *key)

    def visit(self, address: str) -> None:
        """Counts a step of signing in by the provider. Raises TooManyAttempts."""
        seconds = self._limits.hit(PER_VISIT, "sign-on", network_of(address))
        if seconds is not None:
            raise TooManyAttempts(retry_after=seconds)

    def check_code(self, agent_id: str, browser: str | None) -> None:
        """Raises TooManyAttempts."""
        seconds = self._limits.full(PER_AGENT, "code", agent_id) if browser is None else None
        if seconds is not None:
            raise TooManyAttempts(retry_after=seconds)

    def code_failed(self, agent_id: str, browser: str | None) -> None:
        if browser is None:
            self._limits.hit(PER_AGENT, "code", agent_id)

    def forgive(self, email: str, address: str) -> None:
        """A right password: what was mistyped before it was the agent's own."""
        self._limits.clear(PER_PAIR, "pair", _digest(email, network_of(address)))


Counted = tuple[RateLimitItemPerMinute, str, str]


def _counted(email: str, address: str, browser: str | None) -> tuple[Counted, ...]:
    if browser is not None:
        return ((PER_BROWSER, "browser", browser),)
    network = network_of(address)
    return (PER_ADDRESS, "address", network), (PER_PAIR, "pair", _digest(email, network))


def network_of(address: str) -> str:
    """Whose address it is: with IPv6 everybody has 2⁶⁴ of them."""
    try:
        known = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if not isinstance(known, IPv6Address):
        return str(known)
    return str(known.ipv4_mapped or ip_network(f"{known}/64", strict=False))


def _digest(email: str, network: str) -> str:
    """No e-mail address lies about in Redis."""
    told = f"{email.strip().lower()}\0{network}"
    return hashlib.blake2b(told.encode(errors="replace"), digest_size=16).hexdigest()
