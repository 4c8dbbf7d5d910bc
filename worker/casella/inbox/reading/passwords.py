"""Passwords: argon2id, at most a few at a time, and as slow for an unknown e-mail address as for a known one."""

from __future__ import annotations

import threading
from functools import cached_property

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from casella.errors import Invalid

SHORTEST = 10
LONGEST = 1024


class Passwords:
    """One per process: every hash takes 64 MiB, so no more than `at_once` are computed together."""

    def __init__(self, hasher: PasswordHasher | None = None, *, at_once: int = 3) -> None:
        self._hasher = hasher or PasswordHasher()
        self._turns = threading.Semaphore(at_once)

    def hash(self, password: str) -> str:
        """To be stored. Raises Invalid for a password that is too short or too long."""
        if not SHORTEST <= len(password) <= LONGEST:
            raise Invalid(f"A password has {SHORTEST} to {LONGEST} characters.", code="password_length")
        return self.hash_again(password)

    def hash_again(self, password: str) -> str:
        """The same without asking for a length: the password was accepted before."""
        with self._turns:
            return self._hasher.hash(password)

    def verify(self, password_hash: str | None, password: str) -> bool:
        """Takes the same time whether there is a hash or not."""
        with self._turns:
            try:
                matches = self._hasher.verify(password_hash or self._nobody, password)
            except (VerificationError, InvalidHashError):
                return False
        return matches and password_hash is not None

    def is_outdated(self, password_hash: str) -> bool:
        """Whether it was made with weaker parameters than today's, and should be made anew."""
        return self._hasher.check_needs_rehash(password_hash)

    @cached_property
    def _nobody(self) -> str:
        return self._hasher.hash("the password of nobody")
