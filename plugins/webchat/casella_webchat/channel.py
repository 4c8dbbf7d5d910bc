"""The channel type "webchat"."""

from __future__ import annotations

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
    Event,
    OutgoingMessage,
    Sent,
    Verdict,
    Webhook,
    WebhookAnswer,
)
from casella_webchat import letters
from casella_webchat.settings import OPTIONS, WebchatSettings

CAPABILITIES = Capabilities(
    address_kind="visitor",
    address_scoped=True,  # a visitor of one widget is nobody at another
    text_limit=letters.LONGEST_TEXT,
    attachments=AttachmentLimits(
        kinds=frozenset({"image", "audio", "voice", "video", "document"}),
        count=letters.MOST_FILES,
        size_each=25_000_000,
        size_total=50_000_000,
    ),
    quoted_replies=True,
    receipts=frozenset({"sent", "delivered", "read"}),
    sends_per_second=200.0,  # nothing leaves the house
    send_time_limit=5.0,
    max_webhook_bytes=131_072,
)


class WebchatChannel(ChannelPlugin[WebchatSettings]):
    """Visitors of a website. What they write comes through this plugin's own routes; what is sent to them waits in the
    house until their browser reads it there."""

    channel_type: ClassVar[str] = "webchat"
    title: ClassVar[str] = "Webchat"
    settings_model = WebchatSettings
    capabilities: ClassVar[Capabilities] = CAPABILITIES
    acknowledgement: ClassVar[WebhookAnswer] = WebhookAnswer(202)
    contract_version: ClassVar[str] = "1.2"
    channel_options: ClassVar[Sequence[ChannelOption]] = OPTIONS

    def verify(self, connection: Connection[WebchatSettings], webhook: Webhook) -> Verdict:
        return letters.verify(connection.settings, webhook)

    def translate(self, connection: Connection[WebchatSettings], webhook: Webhook) -> Sequence[Event]:
        return letters.translate(webhook)

    def send(self, channel: Channel[WebchatSettings], message: OutgoingMessage, http: httpx.Client) -> Sent:
        """There is nobody to hand it to: once it is `sent`, the visitor's transcript shows it."""
        return Sent(message.id)
