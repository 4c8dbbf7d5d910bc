"""The channel type "telegram"."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import httpx

from casella.plugin import (
    AttachmentLimits,
    Capabilities,
    Channel,
    ChannelPlugin,
    Connection,
    Event,
    MediaRef,
    MediaRequest,
    OutgoingMessage,
    Refusal,
    Sent,
    Verdict,
    Webhook,
)
from casella_telegram import media, receive, send, setup
from casella_telegram.settings import TelegramSettings

_MEGABYTE = 1_000_000

CAPABILITIES = Capabilities(
    address_kind="telegram",
    # A chat's number is the person's own, but only a bot that he has written to may use it.
    address_scoped=True,
    text_limit=4096,
    attachments=AttachmentLimits(
        kinds=frozenset({"image", "voice", "audio", "video", "document", "sticker"}),
        count=1,
        size_each=50 * _MEGABYTE,
        size_total=50 * _MEGABYTE,
        size_by_kind={"image": 10 * _MEGABYTE},
        caption_limit=1024,
        uncaptioned=frozenset({"sticker"}),
    ),
    voice_notes=True,
    buttons=8,
    quoted_replies=True,
    reactions=True,
    typing=True,
    location=True,
    contact_cards=True,
    consent_required=True,
    # Telegram lets a bot send about thirty a second over all chats, and one a second to one chat.
    sends_per_second=25.0,
    max_webhook_bytes=262_144,
)


class TelegramChannel(ChannelPlugin[TelegramSettings]):
    """Private conversations of a Telegram bot."""

    contract_version: ClassVar[str] = "1.0"
    channel_type: ClassVar[str] = "telegram"
    title: ClassVar[str] = "Telegram"
    settings_model: type[TelegramSettings] = TelegramSettings
    capabilities: ClassVar[Capabilities] = CAPABILITIES

    def verify(self, connection: Connection[TelegramSettings], webhook: Webhook) -> Verdict:
        return receive.verify(connection.settings, webhook)

    def translate(self, connection: Connection[TelegramSettings], webhook: Webhook) -> Sequence[Event]:
        return receive.translate(connection.settings, webhook)

    def send(self, channel: Channel[TelegramSettings], message: OutgoingMessage, http: httpx.Client) -> Sent:
        return send.send(channel, message, http)

    def locate_media(self, channel: Channel[TelegramSettings], ref: MediaRef, http: httpx.Client) -> MediaRequest:
        return media.locate(channel, ref, http)

    def show_typing(
        self, channel: Channel[TelegramSettings], to: str, external_id: str | None, http: httpx.Client
    ) -> None:
        send.show_typing(channel, to, http)

    def health(self, channel: Channel[TelegramSettings], http: httpx.Client) -> Refusal | None:
        return setup.health(channel, http)
