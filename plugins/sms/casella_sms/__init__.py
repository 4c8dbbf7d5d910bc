"""SMS and MMS, through Twilio."""

from __future__ import annotations

from casella.plugin import hookimpl
from casella.plugin.hooks import RegisterChannel
from casella_sms.channel import SmsChannel


@hookimpl
def register_channels(register: RegisterChannel) -> None:
    """Bring the channel type "sms"."""
    register(SmsChannel())
