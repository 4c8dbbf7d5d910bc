"""The channel types "twilio_whatsapp" and "twilio_rcs"."""

from __future__ import annotations

import re
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
    MessageTemplate,
    OutgoingMessage,
    Refusal,
    Sent,
    Verdict,
    Webhook,
    WebhookAnswer,
)
from casella_sms.twilio import media, receive, send
from casella_sms.twilio.settings import TwilioSettings
from casella_sms.twilio_channels import inbound, sending

_MEGABYTE = 1024 * 1024
_NO_ANSWER = WebhookAnswer(200, b'<?xml version="1.0" encoding="UTF-8"?><Response/>', "text/xml")
_NUMBER = re.compile(r"\+[1-9][0-9]{6,14}")
_NOT_REPLYABLE = Refusal("address_not_replyable", "This sender did not say who he is: he cannot be answered.")

WHATSAPP = Capabilities(
    address_kind="phone",
    text_limit=1600,
    attachments=AttachmentLimits(
        kinds=frozenset({"image", "audio", "voice", "video", "document"}),
        count=1,
        size_each=16 * _MEGABYTE,
        size_total=16 * _MEGABYTE,
        size_by_kind={"image": 5 * _MEGABYTE},
        uncaptioned=frozenset({"audio", "voice"}),
    ),
    location=True,
    message_templates=True,
    receipts=frozenset({"sent", "delivered", "read"}),
    aliases=True,
    business_may_start=False,  # by template only
    reply_window=86_400.0,
    sends_per_second=10.0,
)
RCS = WHATSAPP.model_copy(
    update={"text_limit": 3072, "location": False, "reply_window": None, "business_may_start": True, "aliases": False}
)


class TwilioChannel(ChannelPlugin[TwilioSettings]):
    """A channel that Twilio carries under a name of its own; one connection for an account, a channel for each
    sender. Its webhooks come to this connection's address, which is set at the sender."""

    settings_model = TwilioSettings
    acknowledgement: ClassVar[WebhookAnswer] = _NO_ANSWER
    contract_version: ClassVar[str] = "1.3"
    prefix: ClassVar[str]

    def verify(self, connection: Connection[TwilioSettings], webhook: Webhook) -> Verdict:
        return receive.verify(connection.settings, webhook)

    def translate(self, connection: Connection[TwilioSettings], webhook: Webhook) -> list[Event]:
        return inbound.translate(self.prefix, webhook)

    def send(self, channel: Channel[TwilioSettings], message: OutgoingMessage, http: httpx.Client) -> Sent:
        return sending.send(self.prefix, channel.settings, channel.address, message, http)

    def locate_media(self, channel: Channel[TwilioSettings], ref: MediaRef, http: httpx.Client) -> MediaRequest:
        return media.locate_media(channel.settings, ref)

    def refusal(self, channel: Channel[TwilioSettings], to: str) -> Refusal | None:
        return _NOT_REPLYABLE if to.startswith("unknown:") else None

    def health(self, channel: Channel[TwilioSettings], http: httpx.Client) -> Refusal | None:
        return send.health(channel.settings, http)

    def templates(self, channel: Channel[TwilioSettings], http: httpx.Client) -> Sequence[MessageTemplate]:
        return sending.templates(channel.settings, http)


class TwilioWhatsAppChannel(TwilioChannel):
    """WhatsApp through Twilio, for whoever has his number there instead of at Meta."""

    channel_type: ClassVar[str] = "twilio_whatsapp"
    title: ClassVar[str] = "WhatsApp through Twilio"
    capabilities: ClassVar[Capabilities] = WHATSAPP
    prefix: ClassVar[str] = "whatsapp"

    def address_problem(self, address: str) -> str:
        if _NUMBER.fullmatch(address):
            return ""
        return f'\'{address[:40]}\' is no WhatsApp number: write it as "+12025550142", without "whatsapp:"'


class TwilioRcsChannel(TwilioChannel):
    """RCS through Twilio: the sender is an agent's id."""

    channel_type: ClassVar[str] = "twilio_rcs"
    title: ClassVar[str] = "RCS through Twilio"
    capabilities: ClassVar[Capabilities] = RCS
    prefix: ClassVar[str] = "rcs"
