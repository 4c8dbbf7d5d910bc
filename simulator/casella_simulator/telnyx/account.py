"""A Telnyx account: its API key, and the key its webhooks are signed with."""

from __future__ import annotations

from base64 import b64decode, b64encode
from typing import Literal

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import Field, SecretStr

from casella_simulator.texting.dialect import TextAccount


class TelnyxAccount(TextAccount):
    provider: Literal["telnyx"]
    api_key: SecretStr
    private_key: SecretStr = Field(description="32 bytes in base64; its public half goes into the desk")

    @property
    def id(self) -> str:
        return self.public_key

    @property
    def signing_key(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(b64decode(self.private_key.get_secret_value()))

    @property
    def public_key(self) -> str:
        return b64encode(self.signing_key.public_key().public_bytes_raw()).decode()
