"""Secrets at rest: Fernet (AES-128-CBC with HMAC-SHA256, https://github.com/fernet/spec)."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from casella.errors import ConfigurationError, SecretsUnreadable


class Sealer:
    """Seals texts for the database and opens them again. The first key seals, every key opens (rotation)."""

    def __init__(self, keys: Sequence[str]) -> None:
        if not keys or any(len(key) < 16 for key in keys):
            raise ConfigurationError("CASELLA_SECRET_KEY needs at least 16 characters; take 48 random ones.")
        self._fernet = MultiFernet([Fernet(_fernet_key(key)) for key in keys])

    def seal(self, text: str) -> str:
        return self._fernet.encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str:
        """Raises SecretsUnreadable when no key fits."""
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken as error:
            raise SecretsUnreadable from error


def derive(key: str, purpose: str) -> bytes:
    """32 bytes for one purpose only; keys of different purposes tell nothing about each other."""
    return hashlib.blake2b(purpose.encode(), key=hashlib.sha256(key.encode()).digest(), digest_size=32).digest()


def _fernet_key(key: str) -> bytes:
    return base64.urlsafe_b64encode(derive(key, "seal"))
