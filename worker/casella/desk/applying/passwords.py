"""Passwords that a desk gives its agents: kept as argon2 hashes, each checked once in a process.

Checking and hashing are slow by design, and a transaction holds others up: `prepare` does both before one begins. What
it has found is remembered for the plan and its applying, as digests under a key that this process alone has.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error
from sqlalchemy import Connection, select

from casella.desk.files.secrets import Vault
from casella.desk.model import Desk
from casella.errors import CasellaError
from casella.store.tables import agents

_HASHER = PasswordHasher()
_KEY = secrets.token_bytes(32)
_MOST = 10_000
_found: dict[bytes, bool] = {}
_made: dict[bytes, str] = {}
ValueT = TypeVar("ValueT", bool, str)
Hashes = Mapping[str, Sequence[str]]


def known_hashes(db: Connection) -> Hashes:
    """By the keys and e-mail addresses of agents: a desk may have changed either."""
    found: dict[str, list[str]] = {}
    for row in db.execute(select(agents.c.key, agents.c.email, agents.c.password_hash)):
        for name in {row.key, row.email} if row.password_hash else ():
            found.setdefault(name, []).append(row.password_hash)
    return found


def prepare(desk: Desk, vault: Vault, known: Hashes) -> None:
    """Check what is known, and hash what is new. A password that cannot be read is left to applying, which says so."""
    for key, agent in desk.parts.agents.items():
        if agent.password is None:
            continue
        try:
            password = vault.read(agent.password)
        except CasellaError:
            continue
        candidates = {one for name in (key, agent.email.lower()) for one in known.get(name, ())}
        found = [verifies(one, password) for one in candidates]  # all of them: applying may ask about each
        if not any(found):
            _keep(_made, _name("", password), hashed(password))


def hashed(password: str) -> str:
    """Salted: twice the same password gives two hashes."""
    made = _made.pop(_name("", password), None) or _HASHER.hash(password)
    _keep(_found, _name(made, password), True)
    return made


def verifies(known: object, wanted: object) -> bool:
    """Whether `known` is a hash of the password `wanted`, as columns hold them; None of none."""
    if wanted is None or known is None:
        return wanted is None and known is None
    name = _name(str(known), str(wanted))
    if name not in _found:
        _keep(_found, name, _verifies(str(known), str(wanted)))
    return _found[name]


def _verifies(known: str, wanted: str) -> bool:
    try:
        return _HASHER.verify(known, wanted)
    except (Argon2Error, ValueError):
        return False


def _name(known: str, wanted: str) -> bytes:
    return hmac.digest(_KEY, f"{known}\0{wanted}".encode(), blake2b)


def _keep(kept: dict[bytes, ValueT], name: bytes, value: ValueT) -> None:
    if len(kept) >= _MOST:
        kept.clear()
    kept[name] = value
