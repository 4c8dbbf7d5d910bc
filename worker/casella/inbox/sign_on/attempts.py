"""One try to sign in by the provider, from the first step to the last: `state`, `nonce` and PKCE's verifier.

A browser keeps only the seed, in a signed cookie; the three values are made of it with the secret key. So no stranger
can fill a table by beginning, whoever reads a cookie has no verifier, and another browser's answer fits none of it.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from casella.store.sealing import derive

LASTS = timedelta(minutes=15)
"""From the button to the return: who has to find his telephone needs some of it."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """`digest`: what is remembered of one that was used."""

    state: str
    nonce: str
    verifier: str
    digest: str

    @classmethod
    def of(cls, key: str, seed: str) -> Attempt:
        return cls(*(_encoded(_made(key, seed, of)) for of in ("state", "nonce", "verifier", "used")))

    @property
    def challenge(self) -> str:
        """S256 (RFC 7636, 4.2)."""
        return _encoded(hashlib.sha256(self.verifier.encode()).digest())


def new_seed() -> str:
    return secrets.token_urlsafe(24)


def attempt_for(keys: Sequence[str], seeds: Sequence[str], state: str) -> tuple[str, Attempt] | None:
    """The seed that this state was made of, and all that belongs to it; None where none of them was. Every key is
    tried: they may have been rotated meanwhile."""
    found = ((seed, Attempt.of(key, seed)) for seed in seeds for key in keys)
    given = state.encode(errors="replace")
    return next((one for one in found if hmac.compare_digest(one[1].state.encode(), given)), None)


def _made(key: str, seed: str, of: str) -> bytes:
    return hmac.digest(derive(key, "single sign-on"), f"{of}\0{seed}".encode(), "sha256")


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
