"""Identifiers: 26 characters, sorted by time, made anywhere without asking the database.

The layout is ULID's (https://github.com/ulid/spec): 48 bits of milliseconds, then 80 bits of chance, in Crockford's
base 32. Within one process ids of one millisecond rise by one, so a list in order of id is in order of making.
A message gets its id when its webhook arrives and keeps it through every room and log line.
"""

from __future__ import annotations

import secrets
import threading
import time

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_PAIRS = [a + b for a in _ALPHABET for b in _ALPHABET]
_lock = threading.Lock()
_last_ms = 0
_chance = 0


def new_id() -> str:
    """A new identifier."""
    global _last_ms, _chance
    with _lock:
        now = time.time_ns() // 1_000_000
        if now > _last_ms:
            _last_ms, _chance = now, secrets.randbits(79)
        else:
            _chance += 1
        number = (_last_ms << 80) | _chance
    return _encode(number)


def _encode(number: int) -> str:
    pairs = _PAIRS
    return "".join([pairs[(number >> shift) & 1023] for shift in range(120, -1, -10)])


def is_id(text: str) -> bool:
    """Whether a text from outside has an identifier's shape."""
    return len(text) == 26 and text.isascii() and all(character in _ALPHABET for character in text)
