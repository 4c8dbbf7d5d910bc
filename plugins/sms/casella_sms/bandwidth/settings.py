"""Settings of one Bandwidth account."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr

from casella_sms.account import AccountSettings, api_url

DEFAULT_BASE_URL = "https://messaging.bandwidth.com"


class BandwidthSettings(AccountSettings):
    """One account at Bandwidth.

    `username` and `password`: of the API. `application_id`: the application the numbers belong to.
    `webhook_username` and `webhook_password`: set on the application ("callback credentials"); Bandwidth signs nothing,
    so these are all that makes a webhook authentic.
    """

    provider: Literal["bandwidth"]
    account_id: str = Field(pattern=r"^[0-9A-Za-z]{1,32}$")
    username: str = Field(min_length=1)
    password: SecretStr = Field(min_length=1)
    application_id: str = Field(pattern=r"^[0-9A-Za-z-]{1,64}$")
    webhook_username: str = Field(min_length=1)
    webhook_password: SecretStr = Field(min_length=8)
    base_url: Annotated[str, AfterValidator(api_url(DEFAULT_BASE_URL))] = DEFAULT_BASE_URL

    @property
    def credentials(self) -> tuple[str, str]:
        return self.username, self.password.get_secret_value()

    @property
    def account_url(self) -> str:
        return f"{self.base_url}/api/v2/users/{self.account_id}"

    @property
    def messages_url(self) -> str:
        return f"{self.account_url}/messages"
