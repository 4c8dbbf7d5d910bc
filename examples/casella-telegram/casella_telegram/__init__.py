"""Telegram bots as a channel of Casella."""

from casella.plugin import RegisterChannel, hookimpl
from casella_telegram.channel import TelegramChannel


@hookimpl
def register_channels(register: RegisterChannel) -> None:
    """Bring the channel type "telegram"."""
    register(TelegramChannel())
