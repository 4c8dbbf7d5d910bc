"""What a simulator is built from."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag

from casella_simulator.bandwidth.account import BandwidthAccount
from casella_simulator.meta.account import MetaApp
from casella_simulator.network.faults import Faults
from casella_simulator.telnyx.account import TelnyxAccount
from casella_simulator.twilio.account import TwilioAccount
from casella_simulator.vonage.account import VonageAccount
from casella_simulator.webchat import Website
from casella_simulator.whatsapp.account import WhatsAppAccount


def _provider(account: object) -> str:
    """The first provider may go without its name."""
    found = account.get("provider") if isinstance(account, dict) else getattr(account, "provider", None)
    return str(found or "twilio")


Account: TypeAlias = Annotated[
    Annotated[TwilioAccount, Tag("twilio")]
    | Annotated[WhatsAppAccount, Tag("whatsapp")]
    | Annotated[MetaApp, Tag("messenger")]
    | Annotated[MetaApp, Tag("instagram")]
    | Annotated[VonageAccount, Tag("vonage")]
    | Annotated[TelnyxAccount, Tag("telnyx")]
    | Annotated[BandwidthAccount, Tag("bandwidth")],
    Discriminator(_provider),
]
"""Accounts of every provider, told apart by `provider`."""


class SimulatorConfig(BaseModel):
    """Accounts and limits. Accounts can be added later, when the webhook's port is known."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    accounts: tuple[Account, ...] = ()
    faults: Faults = Faults()
    websites: tuple[Website, ...] = Field((), description="sites that embed a webchat, at /webchat/{widget}")
    phones: tuple[str, ...] = Field(("+12025550143",), description="customers' phones the page starts with")
    public_url: str | None = Field(None, description="base of the media URLs given out; default: as requested")
    journal_limit: Annotated[int, Field(ge=1)] = 500_000
    media_file_limit: Annotated[int, Field(ge=1)] = 20 * 2**20
    media_total_limit: Annotated[int, Field(ge=1)] = 200 * 2**20
    fetch_media: bool = Field(True, description="fetch the pictures a business sends, as a provider does")
