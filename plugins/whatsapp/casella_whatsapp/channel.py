"""The channel type "whatsapp"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import ClassVar

import httpx

from casella.plugin import (
    AttachmentLimits,
    Capabilities,
    Channel,
    ChannelOption,
    ChannelPlugin,
    Connection,
    ContactPace,
    Event,
    MediaRef,
    MediaRequest,
    MessageTemplate,
    OutgoingMessage,
    Refusal,
    Sent,
    Verdict,
    Webhook,
)
from casella_whatsapp import media, receive, send, signature, templates
from casella_whatsapp.identity import can_be_answered
from casella_whatsapp.settings import WhatsAppSettings

_MEGABYTE = 1024 * 1024
_DAY = 86_400.0

CAPABILITIES = Capabilities(
    address_kind="phone",
    text_limit=4096,
    attachments=AttachmentLimits(
        kinds=frozenset({"image", "audio", "voice", "video", "document", "sticker"}),
        count=1,
        size_each=100 * _MEGABYTE,
        size_total=100 * _MEGABYTE,
        size_by_kind={
            "image": 5 * _MEGABYTE,
            "audio": 16 * _MEGABYTE,
            "voice": 16 * _MEGABYTE,
            "video": 16 * _MEGABYTE,
            "sticker": 500 * 1024,
        },
        caption_limit=1024,
        uncaptioned=frozenset({"audio", "voice", "sticker"}),
    ),
    voice_notes=True,
    buttons=3,
    list_rows=10,
    button_title=20,
    row_title=24,
    location=True,
    contact_cards=True,
    message_templates=True,
    quoted_replies=True,
    reactions=True,
    receipts=frozenset({"sent", "delivered", "read"}),
    typing=True,
    read_marks=True,
    aliases=True,
    business_may_start=False,  # only by template, and agents may not (S-12)
    reply_window=_DAY,
    # §5.7: one message to the same user in 6 s; 45 may run ahead, and are waited for afterwards.
    contact_pace=ContactPace(seconds=6.0, burst=45),
    # 80 messages a second in and out; numbers shared with the Business app have 20, set by the channel's option.
    sends_per_second=60.0,
    # An upload of 100 MB stands before the message.
    send_time_limit=120.0,
    # A thousand updates in one request, of 3 kB each.
    max_webhook_bytes=4 * _MEGABYTE,
)
_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")
_NO_NUMBER = Refusal("address_not_replyable", "This contact has no number and no id on WhatsApp.")


class WhatsAppChannel(ChannelPlugin[WhatsAppSettings]):
    """WhatsApp through Meta's Cloud API: one connection for an account, one channel for each of its numbers."""

    channel_type: ClassVar[str] = "whatsapp"
    title: ClassVar[str] = "WhatsApp"
    settings_model = WhatsAppSettings
    capabilities: ClassVar[Capabilities] = CAPABILITIES
    contract_version: ClassVar[str] = "1.3"
    channel_options: ClassVar[Sequence[ChannelOption]] = ()

    def verify(self, connection: Connection[WhatsAppSettings], webhook: Webhook) -> Verdict:
        settings = connection.settings
        return signature.verify(settings.signing_keys, settings.verify_token.get_secret_value(), webhook)

    def translate(self, connection: Connection[WhatsAppSettings], webhook: Webhook) -> list[Event]:
        return receive.translate(connection.settings, webhook)

    def send(self, channel: Channel[WhatsAppSettings], message: OutgoingMessage, http: httpx.Client) -> Sent:
        return send.send(channel, message, http)

    def locate_media(self, channel: Channel[WhatsAppSettings], ref: MediaRef, http: httpx.Client) -> MediaRequest:
        return media.locate_media(channel, ref, http)

    def address_problem(self, address: str) -> str:
        if _NUMBER.fullmatch(address):
            return ""
        return (
            f"'{address[:40]}' is no WhatsApp number: write it with its country and nothing between the digits, "
            'such as "+12025550142"'
        )

    def refusal(self, channel: Channel[WhatsAppSettings], to: str) -> Refusal | None:
        return None if can_be_answered(to) else _NO_NUMBER

    def health(self, channel: Channel[WhatsAppSettings], http: httpx.Client) -> Refusal | None:
        return send.health(channel, http)

    def templates(self, channel: Channel[WhatsAppSettings], http: httpx.Client) -> Sequence[MessageTemplate]:
        return templates.templates(channel, http)

    def show_typing(
        self, channel: Channel[WhatsAppSettings], to: str, external_id: str | None, http: httpx.Client
    ) -> None:
        if external_id is not None:  # the dots are shown at a message of the contact, and mark it read
            send.mark_read(channel, external_id, http, typing=True)

    def mark_read(self, channel: Channel[WhatsAppSettings], to: str, external_id: str, http: httpx.Client) -> None:
        send.mark_read(channel, external_id, http)
