"""Settings of one Telnyx account."""

from __future__ import annotations

from base64 import b64decode
from binascii import Error as Base64Error
from typing import Annotated, Literal

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import AfterValidator, Field, PrivateAttr, SecretStr

from casella_sms.account import AccountSettings, api_url

DEFAULT_BASE_URL = "https://api.telnyx.com"


def _public_key(text: str) -> str:
    try:
        Ed25519PublicKey.from_public_bytes(b64decode(text, validate=True))
    except (Base64Error, ValueError) as error:
        raise ValueError("must be the account's public key: 32 bytes in base64") from error
    return text


class TelnyxSettings(AccountSettings):
    """One account at Telnyx.

    `api_key`: for sending. `public_key`: the account's, as its portal shows it, to check webhooks with.
    `messaging_profile_id`: the profile the numbers belong to; opt-outs hold for the whole profile, as they do there.
    `media_hosts`: where received attachments lie; no secret is sent there.
    """

    provider: Literal["telnyx"]
    api_key: SecretStr = Field(min_length=1)
    public_key: Annotated[str, AfterValidator(_public_key)]
    messaging_profile_id: str | None = Field(default=None, pattern=r"^[0-9A-Za-z-]{1,64}$")
    base_url: Annotated[str, AfterValidator(api_url(DEFAULT_BASE_URL))] = DEFAULT_BASE_URL
    media_hosts: tuple[str, ...] = ("*.telnyx.com", "*.amazonaws.com", "*.telnyxcloudstorage.com", "*.googleapis.com")

    _key: Ed25519PublicKey = PrivateAttr()

    def model_post_init(self, context: object, /) -> None:
        super().model_post_init(context)
        self._key = Ed25519PublicKey.from_public_bytes(b64decode(self.public_key))

    @property
    def key(self) -> Ed25519PublicKey:
        return self._key

    @property
    def messages_url(self) -> str:
        return f"{self.base_url}/v2/messages"
