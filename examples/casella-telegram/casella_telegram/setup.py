"""Telling Telegram where to send updates, and asking whether it does."""

from __future__ import annotations

import httpx
from pydantic import BaseModel, ValidationError

from casella.plugin import Channel, Refusal, asking
from casella_telegram import api
from casella_telegram.settings import TelegramSettings

UPDATES = ("message", "edited_message", "callback_query", "message_reaction", "my_chat_member")
"""All that is read. Reactions come only to who asks for them by name."""


class WebhookState(BaseModel):
    """Telegram's getWebhookInfo."""

    url: str = ""
    last_error_message: str = ""


def set_webhook(settings: TelegramSettings, url: str, http: httpx.Client) -> None:
    """Raises a SendError, httpx.RequestError."""
    secret = settings.webhook_secret.get_secret_value()
    document = {"url": url, "secret_token": secret, "allowed_updates": list(UPDATES), "max_connections": 40}
    response = api.call(settings, http, "setWebhook", document)
    if not response.is_success:
        raise api.error_of(response)


def health(channel: Channel[TelegramSettings], http: httpx.Client) -> Refusal | None:
    """Whether the token is known and updates come here."""
    settings = channel.settings
    with asking():
        response = api.call(settings, http, "getWebhookInfo", {})
    if response.status_code in (401, 404):
        return Refusal("wrong_token", "Telegram does not know this bot's token.")
    if not response.is_success:
        raise api.error_of(response)
    answer = api.read(response)
    try:
        state = WebhookState.model_validate(answer.result if answer else None)
    except ValidationError:
        return Refusal("unreadable", "Telegram's answer cannot be read.")
    if channel.address != settings.bot_id:
        return Refusal("another_bot", f"The channel's address must be the bot's number, {settings.bot_id}.")
    if state.url != channel.connection.webhook_url:
        return Refusal("webhook_not_set", "Telegram sends updates elsewhere: python -m casella_telegram set-webhook …")
    return None
