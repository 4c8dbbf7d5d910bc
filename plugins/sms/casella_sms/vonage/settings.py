"""Settings of one Vonage account."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr

from casella_sms.account import AccountSettings, api_url

DEFAULT_BASE_URL = "https://rest.nexmo.com"
DEFAULT_MESSAGES_URL = "https://api.nexmo.com"
SignatureMethod = Literal["md5hash", "md5", "sha1", "sha256", "sha512"]


class VonageSettings(AccountSettings):
    """One account at Vonage.

    `signature_secret`: the account's, with which webhooks are signed; `signature_method`: as chosen in its dashboard
    ("md5hash" is the plain MD5 of older accounts, the others are HMACs). `api`: "sms" sends by the SMS API, "messages"
    by the Messages API, which also carries MMS. Webhooks of both are understood.
    `signature_age`: seconds after which a signed request is refused as a replay.
    `media_hosts`: where received attachments lie; no secret is sent there.
    """

    provider: Literal["vonage"]
    api_key: SecretStr = Field(min_length=1, max_length=64)
    api_secret: SecretStr = Field(min_length=1)
    signature_secret: SecretStr = Field(min_length=8)
    signature_method: SignatureMethod = "sha256"
    signature_age: int = Field(default=300, ge=30, le=90_000)
    api: Literal["sms", "messages"] = "sms"
    base_url: Annotated[str, AfterValidator(api_url(DEFAULT_BASE_URL))] = DEFAULT_BASE_URL
    messages_url: Annotated[str, AfterValidator(api_url(DEFAULT_MESSAGES_URL))] = DEFAULT_MESSAGES_URL
    media_hosts: tuple[str, ...] = ("*.nexmo.com", "*.vonage.com", "*.amazonaws.com")
