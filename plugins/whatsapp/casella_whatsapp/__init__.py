"""WhatsApp, through Meta's Cloud API."""

from __future__ import annotations

from casella.plugin import RegisterChannel, hookimpl
from casella_whatsapp.channel import WhatsAppChannel


@hookimpl
def register_channels(register: RegisterChannel) -> None:
    """Bring the channel type "whatsapp"."""
    register(WhatsAppChannel())
