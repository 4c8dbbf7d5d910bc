"""A Vonage account: its API key and secret, and how its webhooks are signed and cut."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, SecretStr

from casella_simulator.texting.dialect import TextAccount


class VonageAccount(TextAccount):
    provider: Literal["vonage"]
    api_key: str
    api_secret: SecretStr
    signature_secret: SecretStr
    signature_method: Literal["md5hash", "md5", "sha1", "sha256", "sha512"] = "sha256"
    webhooks: Literal["sms", "messages"] = Field("sms", description="which API's webhooks the account gets")

    @property
    def id(self) -> str:
        return self.api_key
