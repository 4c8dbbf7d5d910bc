"""Messenger and Instagram, through Meta's Graph API."""

from __future__ import annotations

from casella.plugin import RegisterChannel, hookimpl
from casella_meta.channel import InstagramChannel, MessengerChannel


@hookimpl
def register_channels(register: RegisterChannel) -> None:
    """Bring the channel types "messenger" and "instagram"."""
    register(MessengerChannel())
    register(InstagramChannel())
