"""How a page knows people: by an id of its own for each of them."""

from __future__ import annotations

from hashlib import blake2b


def scoped_id(page: str, phone: str) -> str:
    """The same for the same person on the same page, another one on every other page."""
    digest = blake2b(f"{page} {phone}".encode(), digest_size=7).digest()
    return str(10**16 + int.from_bytes(digest) % (9 * 10**15))


FACE = b"\x89PNG\r\n\x1a\n" + bytes(24)
"""Everybody's profile picture."""


def name(phone: str) -> tuple[str, str]:
    return "Customer", phone[-4:]
