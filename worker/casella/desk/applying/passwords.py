"""Passwords that a desk gives its agents: kept as argon2 hashes, each checked once in a process.

Checking is slow by design, and a plan and its applying look at the same hashes: what was found is remembered, as a
digest under a key that this process alone has.
"""

from __future__ import annotations

import hmac
import secrets
from hashlib import blake2b

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error

_HASHER = PasswordHasher()
_KEY = secrets.token_bytes(32)
_MOST = 10_000
_found: dict[bytes, bool] = {}


def hashed(password: str) -> str:
    """Salted: twice the same password gives two hashes."""
    made = _HASHER.hash(password)
    _remember(_name(made, password), True)
    return made


def verifies(known: object, wanted: object) -> bool:
    """Whether `known` is a hash of the password `wanted`, as columns hold them; None of none."""
    if wanted is None or known is None:
        return wanted is None and known is None
    name = _name(str(known), str(wanted))
    if name not in _found:
        _remember(name, _verifies(str(known), str(wanted)))
    return _found[name]


def _verifies(known: str, wanted: str) -> bool:
    try:
        return _HASHER.verify(known, wanted)
    except (Argon2Error, ValueError):
        return False


def _name(known: str, wanted: str) -> bytes:
    return hmac.digest(_KEY, f"{known}\0{wanted}".encode(), blake2b)


def _remember(name: bytes, found: bool) -> None:
    if len(_found) >= _MOST:
        _found.clear()
    _found[name] = found
