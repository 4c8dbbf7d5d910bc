"""What a simulator is built from."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from casella_simulator.faults import Faults
from casella_simulator.twilio.account import TwilioAccount

Account = TwilioAccount
"""Accounts of every provider; with the second provider this becomes a union told apart by `provider`."""


class SimulatorConfig(BaseModel):
    """Accounts and limits. Accounts can be added later, when the webhook's port is known."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    accounts: tuple[Account, ...] = ()
    faults: Faults = Faults()
    phones: tuple[str, ...] = Field(("+12025550143",), description="customers' phones the page starts with")
    public_url: str | None = Field(None, description="base of the media URLs given out; default: as requested")
    journal_limit: Annotated[int, Field(ge=1)] = 500_000
    media_file_limit: Annotated[int, Field(ge=1)] = 20 * 2**20
    media_total_limit: Annotated[int, Field(ge=1)] = 200 * 2**20
    fetch_media: bool = Field(True, description="fetch the pictures a business sends, as a provider does")
