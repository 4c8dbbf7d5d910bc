"""Settings of an SMS connection. They begin with `provider`; each provider has its own model."""

from __future__ import annotations

from pydantic import RootModel

from casella_sms.twilio.settings import TwilioSettings


class SmsSettings(RootModel[TwilioSettings]):
    """One account at an SMS provider. `provider` says which model the rest has; further providers join the union."""
