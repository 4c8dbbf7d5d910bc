"""Settings of an SMS connection. They begin with `provider`; each provider has its own model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, RootModel

from casella_sms.account import AccountSettings
from casella_sms.bandwidth.settings import BandwidthSettings
from casella_sms.telnyx.settings import TelnyxSettings
from casella_sms.twilio.settings import TwilioSettings
from casella_sms.vonage.settings import VonageSettings

_MODELS: Mapping[str, type[AccountSettings]] = {
    "twilio": TwilioSettings,
    "vonage": VonageSettings,
    "telnyx": TelnyxSettings,
    "bandwidth": BandwidthSettings,
}


class _Choice(BaseModel):
    provider: Literal["twilio", "vonage", "telnyx", "bandwidth"] = "twilio"


def _chosen(value: object) -> object:
    """By the one model that is meant: a union would tell the mistakes of all four."""
    if not isinstance(value, Mapping):
        return value
    provider = _Choice.model_validate({"provider": value.get("provider", "twilio")}).provider
    return _MODELS[provider].model_validate(value)


AnyAccount = TwilioSettings | VonageSettings | TelnyxSettings | BandwidthSettings


class SmsSettings(RootModel[Annotated[AnyAccount, BeforeValidator(_chosen)]]):
    """One account at an SMS provider. `provider` says which, and which model the rest has: twilio (the usual one),
    vonage, telnyx or bandwidth."""
