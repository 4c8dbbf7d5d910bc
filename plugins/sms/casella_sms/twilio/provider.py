"""Twilio, as one of the providers of the channel type "sms"."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

import httpx

from casella.plugin import (
    Capabilities,
    Connection,
    Event,
    LookupResult,
    MediaRef,
    MediaRequest,
    OutgoingMessage,
    Refusal,
    SendAttempt,
    Sent,
    Verdict,
    Webhook,
)
from casella_sms.limits import BASIC, MEGABYTE, mms
from casella_sms.provider import Provider
from casella_sms.twilio import lookup, media, missed, receive, send
from casella_sms.twilio.settings import TwilioSettings

_ABLE = BASIC.model_copy(
    update={
        "text_limit": 1600,
        # §2.4: pictures are made to fit the carrier, up to 5 MB in all; other types are passed on up to 500 kB.
        "attachments": mms(count=10, total=5 * MEGABYTE, pictures=5 * MEGABYTE, others=MEGABYTE // 2),
        # Twilio queues for up to ten hours and paces each sender itself; this keeps within its API's concurrency.
        "sends_per_second": 10.0,
    }
)


class Twilio(Provider[TwilioSettings]):
    able: ClassVar[Capabilities] = _ABLE

    def capabilities(self, settings: TwilioSettings) -> Capabilities:
        return self.able.model_copy(update={"missed_every": settings.missed_every})

    def verify(self, settings: TwilioSettings, webhook: Webhook) -> Verdict:
        return receive.verify(settings, webhook)

    def translate(self, settings: TwilioSettings, webhook: Webhook) -> list[Event]:
        return receive.translate(settings, webhook)

    def send(
        self,
        connection: Connection,
        settings: TwilioSettings,
        sender: str,
        message: OutgoingMessage,
        http: httpx.Client,
    ) -> Sent:
        return send.send(settings, sender, message, http)

    def locate_media(self, settings: TwilioSettings, ref: MediaRef, http: httpx.Client) -> MediaRequest:
        return media.locate_media(settings, ref)

    def lookup(self, settings: TwilioSettings, sender: str, attempt: SendAttempt, http: httpx.Client) -> LookupResult:
        return lookup.lookup(settings, sender, attempt, http)

    def missed(self, settings: TwilioSettings, address: str, since: datetime, http: httpx.Client) -> Sequence[Event]:
        return missed.missed(settings, address, since, http)

    def health(self, settings: TwilioSettings, http: httpx.Client) -> Refusal | None:
        return send.health(settings, http)

    def pool(self, settings: TwilioSettings) -> str:
        return settings.messaging_service_sid or ""
