"""Settings of one Twilio account."""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr, model_validator

from casella_sms.account import AccountSettings, api_url

DEFAULT_BASE_URL = "https://api.twilio.com"


class TwilioSettings(AccountSettings):
    """One account or subaccount at Twilio.

    `auth_token`: primary token of the account that owns the numbers; `secondary_auth_token` while they are rotated.
    `api_key_sid` and `api_key_secret`: used for calls instead of the token, if given.
    `shared_keys`: signing keys by id. Given any, webhooks must be signed with one of them (HMAC-SHA256), unless
    `webhook_signature` says otherwise: "auth_token", "shared_key", or "either" for the time of the change.
    `messaging_service_sid`: the service whose sender pool the numbers belong to; opt-outs hold for the whole pool.
    `advanced_opt_out`: whether that service has Advanced Opt-Out, so that Twilio itself says which word it acted on.
    `missed_every`: seconds between two looks at Twilio's list of messages, for webhooks that were lost: Twilio does not
    deliver one again that was answered with an error. Null: never.
    `media_hosts`: where Twilio redirects downloads of media to; they never see credentials.
    """

    provider: Literal["twilio"] = "twilio"
    account_sid: str = Field(pattern=r"^AC[0-9A-Za-z]{2,64}$")
    auth_token: SecretStr = Field(min_length=1)
    secondary_auth_token: SecretStr | None = Field(default=None, min_length=1)
    api_key_sid: str | None = Field(default=None, pattern=r"^SK[0-9A-Za-z]{2,64}$")
    api_key_secret: SecretStr | None = Field(default=None, min_length=1)
    shared_keys: dict[str, SecretStr] = Field(default_factory=dict)
    webhook_signature: Literal["auth_token", "shared_key", "either"] | None = None
    messaging_service_sid: str | None = Field(default=None, pattern=r"^MG[0-9A-Za-z]{2,64}$")
    base_url: Annotated[str, AfterValidator(api_url(DEFAULT_BASE_URL))] = DEFAULT_BASE_URL
    media_hosts: tuple[str, ...] = ("*.twilio.com", "*.twiliocdn.com", "s3-external-1.amazonaws.com")
    advanced_opt_out: bool = False
    missed_every: float | None = Field(default=300.0, ge=30.0, le=86_400.0)

    @model_validator(mode="after")
    def _check_pairs(self) -> TwilioSettings:
        if (self.api_key_sid is None) != (self.api_key_secret is None):
            raise ValueError("api_key_sid and api_key_secret go together")
        if self.webhook_signature in ("shared_key", "either") and not self.shared_keys:
            raise ValueError("webhook_signature needs shared_keys")
        if not all(secret.get_secret_value() for secret in self.shared_keys.values()):
            raise ValueError("a key in shared_keys has no secret")
        return self

    @property
    def signed_by(self) -> Literal["auth_token", "shared_key", "either"]:
        """What a webhook of this account must be signed with."""
        return self.webhook_signature or ("shared_key" if self.shared_keys else "auth_token")

    @property
    def credentials(self) -> tuple[str, str]:
        """User name and password of HTTP Basic."""
        if self.api_key_sid is not None and self.api_key_secret is not None:
            return self.api_key_sid, self.api_key_secret.get_secret_value()
        return self.account_sid, self.auth_token.get_secret_value()

    @property
    def api_host(self) -> str:
        return urlsplit(self.base_url).hostname or ""

    @property
    def account_base(self) -> str:
        return f"{self.base_url}/2010-04-01/Accounts/{self.account_sid}"

    @property
    def messages_url(self) -> str:
        return f"{self.account_base}/Messages.json"

    @property
    def account_url(self) -> str:
        return f"{self.account_base}.json"
