"""A Twilio account as its owner configured it: numbers, webhooks, tokens, and how webhooks are signed."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

HttpUrl = Annotated[str, Field(pattern=r"^https?://[^\s]+$")]
ServiceSid = Annotated[str, Field(pattern=r"^MG[0-9a-fA-F]{32}$")]


class _Settings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TwilioContent(_Settings):
    """A template of the Content API, as WhatsApp has approved it or not."""

    sid: Annotated[str, Field(pattern=r"^HX[0-9a-fA-F]{32}$")]
    friendly_name: Annotated[str, Field(min_length=1)]
    language: str = "en"
    body: str = "Hello {{1}}"
    status: Literal["approved", "pending", "received", "rejected", "paused", "disabled"] = "approved"
    category: Literal["UTILITY", "MARKETING", "AUTHENTICATION"] = "UTILITY"
    rejection_reason: str = ""


class TwilioNumber(_Settings):
    """A business number, or a sender of WhatsApp or RCS (`whatsapp:+12025550142`). The webhook URL may
    carry Twilio's connection overrides: `#rc=3&rp=5xx`."""

    number: Annotated[str, Field(min_length=1, max_length=40)]
    webhook_url: HttpUrl | None = None
    webhook_method: Literal["POST", "GET"] = "POST"
    fallback_url: HttpUrl | None = None
    messaging_service: ServiceSid | None = None
    advanced_opt_out: bool = Field(False, description="webhooks then say OptOutType")
    a2p_registered: bool = Field(True, description="if not, texts to US numbers are undelivered with 30034")


class SharedKey(_Settings):
    """The key of the HMAC_SHA256 signature variant."""

    id: Annotated[str, Field(min_length=1)]
    secret: SecretStr


class ApiKey(_Settings):
    """A standard API key, an alternative to the account's token for calling the API."""

    sid: Annotated[str, Field(pattern=r"^SK[0-9a-fA-F]{32}$")]
    secret: SecretStr


class Signing(_Settings):
    """How this account's webhooks are signed."""

    sign_with: Literal["primary", "secondary"] = "primary"
    shared_key: SharedKey | None = Field(None, description="sign with HMAC_SHA256 and this key instead of the token")
    body: Literal["form", "json"] = Field(
        "form", description="json: the URL carries bodySHA256, only the URL is signed"
    )
    port: Literal["as_written", "added", "removed"] = Field("as_written", description="the port in the signed URL")


class TwilioAccount(_Settings):
    """One account (or subaccount) with everything that can be set in its console."""

    provider: Literal["twilio"] = "twilio"
    sid: Annotated[str, Field(pattern=r"^AC[0-9a-fA-F]{32}$")]
    auth_token: SecretStr
    secondary_token: SecretStr | None = None
    api_keys: tuple[ApiKey, ...] = ()
    numbers: tuple[TwilioNumber, ...] = ()
    contents: tuple[TwilioContent, ...] = ()
    signing: Signing = Signing()

    def find_number(self, number: str) -> TwilioNumber | None:
        return next((candidate for candidate in self.numbers if candidate.number == number), None)

    def find_content(self, sid: str) -> TwilioContent | None:
        return next((candidate for candidate in self.contents if candidate.sid == sid), None)

    def pool(self, service: str) -> list[TwilioNumber]:
        """The numbers of a messaging service."""
        return [number for number in self.numbers if number.messaging_service == service]

    def api_secrets(self, username: str) -> list[str]:
        """The passwords that go with an API user name: the account itself or one of its keys."""
        if username == self.sid:
            tokens = [self.auth_token, self.secondary_token]
            return [token.get_secret_value() for token in tokens if token]
        return [key.secret.get_secret_value() for key in self.api_keys if key.sid == username]

    def signing_token(self) -> str:
        if self.signing.sign_with == "secondary" and self.secondary_token:
            return self.secondary_token.get_secret_value()
        return self.auth_token.get_secret_value()
