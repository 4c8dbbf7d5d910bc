"""Settings of one WhatsApp Business account."""

from __future__ import annotations

from functools import cached_property
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, model_validator

DEFAULT_BASE_URL = "https://graph.facebook.com"
_Digits = Annotated[str, Field(pattern=r"^[0-9]{3,32}$")]


def _api_url(url: str) -> str:
    parts = urlsplit(url)
    host = parts.hostname or ""
    if not host or parts.username or parts.query or parts.fragment:
        raise ValueError("must be an address such as https://graph.facebook.com, without a login, query or fragment")
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_near(host)):
        raise ValueError("must be https, because the access token is sent there")
    return url.rstrip("/")


def _is_near(host: str) -> bool:
    """This machine, or a neighbour without a domain (a simulator in the same container network)."""
    return host in {"127.0.0.1", "::1"} or "." not in host


class WhatsAppSettings(BaseModel):
    """One WhatsApp Business account (WABA) in one Meta app.

    `app_secret` signs the webhooks; `further_app_secrets`: of other apps whose webhooks come here, or the new one while
    it is changed. `verify_token`: what is typed beside the callback address in Meta's console. `access_token`: of a
    system user who may use the account. `business_account_id`: the WABA's id, for its templates. `numbers`: the
    account's numbers (+E.164, as the desk's channels have them) and Meta's `phone_number_id` of each. `version`: of the
    Graph API. `media_hosts`: where Meta keeps media. `upload_media`: whether files are uploaded to Meta, or Meta is
    given links to this desk, which it then must reach.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    app_secret: SecretStr = Field(min_length=1)
    further_app_secrets: tuple[SecretStr, ...] = ()
    verify_token: SecretStr = Field(min_length=1)
    access_token: SecretStr = Field(min_length=1)
    business_account_id: _Digits
    numbers: dict[Annotated[str, Field(pattern=r"^\+[1-9][0-9]{6,14}$")], _Digits]
    version: str = Field(default="v25.0", pattern=r"^v[0-9]{1,3}\.[0-9]$")
    base_url: Annotated[str, AfterValidator(_api_url)] = DEFAULT_BASE_URL
    media_hosts: tuple[str, ...] = ("lookaside.fbsbx.com", "*.fbcdn.net", "*.whatsapp.net")
    upload_media: bool = True

    @model_validator(mode="after")
    def _check(self) -> WhatsAppSettings:
        if len(set(self.numbers.values())) != len(self.numbers):
            raise ValueError("two numbers have the same phone_number_id")
        if not all(secret.get_secret_value() for secret in self.further_app_secrets):
            raise ValueError("a secret in further_app_secrets is empty")
        return self

    @cached_property
    def signing_keys(self) -> tuple[bytes, ...]:
        return tuple(secret.get_secret_value().encode() for secret in (self.app_secret, *self.further_app_secrets))

    @cached_property
    def addresses(self) -> dict[str, str]:
        """Our number by Meta's id of it."""
        return {phone_id: number for number, phone_id in self.numbers.items()}

    @property
    def graph(self) -> str:
        return f"{self.base_url}/{self.version}"

    @property
    def authorization(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.access_token.get_secret_value()}"}

    @property
    def api_host(self) -> str:
        return urlsplit(self.base_url).hostname or ""
