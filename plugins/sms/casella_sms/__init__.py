"""SMS and MMS through four providers; WhatsApp and RCS through Twilio."""

from __future__ import annotations

from casella.plugin import RegisterChannel, hookimpl
from casella_sms.channel import SmsChannel
from casella_sms.twilio_channels.channel import TwilioRcsChannel, TwilioWhatsAppChannel


@hookimpl
def register_channels(register: RegisterChannel) -> None:
    """Bring the channel types "sms", "twilio_whatsapp" and "twilio_rcs"."""
    register(SmsChannel())
    register(TwilioWhatsAppChannel())
    register(TwilioRcsChannel())
