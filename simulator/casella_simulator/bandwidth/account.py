"""A Bandwidth account: its API user, and the login its webhooks carry."""

from __future__ import annotations

from typing import Literal

from pydantic import SecretStr

from casella_simulator.texting.dialect import TextAccount


class BandwidthAccount(TextAccount):
    provider: Literal["bandwidth"]
    account_id: str
    username: str
    password: SecretStr
    application_id: str
    webhook_username: str
    webhook_password: SecretStr

    @property
    def id(self) -> str:
        return self.account_id
