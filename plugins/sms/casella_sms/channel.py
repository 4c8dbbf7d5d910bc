"""The channel type "sms"."""

from __future__ import annotations

from typing import ClassVar

import httpx

from casella.plugin import (
    AttachmentLimits,
    Capabilities,
    Channel,
    ChannelPlugin,
    Connection,
    Event,
    LookupResult,
    MediaRef,
    MediaRequest,
    OutgoingMessage,
    Refusal,
    SendAttempt,
    Sent,
    TextMeasure,
    Verdict,
    Webhook,
    WebhookAnswer,
)
from casella_sms import registration
from casella_sms.segments import segments_of, utf16_length
from casella_sms.settings import SmsSettings
from casella_sms.twilio import lookup, media, receive, send

_MEGABYTE = 1_000_000

CAPABILITIES = Capabilities(
    address_kind="phone",
    text_limit=1600,
    attachments=AttachmentLimits(
        kinds=frozenset({"image", "audio", "video", "document"}),
        mimes=frozenset(
            {
                *("image/jpeg", "image/png", "image/gif", "video/mp4", "video/3gpp", "audio/amr", "audio/mpeg"),
                *("text/vcard", "text/calendar", "application/pdf"),
            }
        ),
        count=10,
        size_each=5 * _MEGABYTE,
        size_total=5 * _MEGABYTE,
    ),
    receipts=frozenset({"sent", "delivered"}),
    business_may_start=True,
    consent_required=True,
    # Twilio queues for up to ten hours and paces each sender itself; this keeps within its API's concurrency.
    sends_per_second=10.0,
    # 1600 characters of three escaped bytes each, ten media addresses, and room: more is not Twilio.
    max_webhook_bytes=65_536,
)
_NO_ANSWER = WebhookAnswer(200, b'<?xml version="1.0" encoding="UTF-8"?><Response/>', "text/xml")
"""TwiML that says nothing. A text/plain body would be sent to the customer (channels.md §1.2)."""


class SmsChannel(ChannelPlugin[SmsSettings]):
    """SMS and MMS through Twilio; further providers will join behind the same settings."""

    channel_type: ClassVar[str] = "sms"
    title: ClassVar[str] = "SMS and MMS"
    settings_model = SmsSettings
    capabilities: ClassVar[Capabilities] = CAPABILITIES
    acknowledgement: ClassVar[WebhookAnswer] = _NO_ANSWER

    def verify(self, connection: Connection[SmsSettings], webhook: Webhook) -> Verdict:
        return receive.verify(connection.settings.root, webhook)

    def translate(self, connection: Connection[SmsSettings], webhook: Webhook) -> list[Event]:
        return receive.translate(connection.settings.root, webhook)

    def send(self, channel: Channel[SmsSettings], message: OutgoingMessage, http: httpx.Client) -> Sent:
        return send.send(channel.settings.root, channel.address, message, http)

    def lookup(self, channel: Channel[SmsSettings], attempt: SendAttempt, http: httpx.Client) -> LookupResult:
        return lookup.lookup(channel.settings.root, channel.address, attempt, http)

    def locate_media(self, channel: Channel[SmsSettings], ref: MediaRef, http: httpx.Client) -> MediaRequest:
        return media.locate_media(channel.settings.root, ref)

    def refusal(self, channel: Channel[SmsSettings], to: str) -> Refusal | None:
        return registration.refusal(channel.address, channel.options, to)

    def consent_pool(self, channel: Channel[SmsSettings]) -> str:
        return channel.settings.root.messaging_service_sid or ""

    def measure(self, channel: Channel[SmsSettings], text: str) -> TextMeasure:
        """Units are characters as Twilio's limit counts them; the parts are counted in septets or UTF-16 units."""
        segments = segments_of(text)
        return TextMeasure(
            units=utf16_length(text),
            limit=self.capabilities.text_limit,
            parts=segments.parts,
            encoding=segments.encoding,
        )

    def health(self, channel: Channel[SmsSettings], http: httpx.Client) -> Refusal | None:
        return send.health(channel.settings.root, http)
