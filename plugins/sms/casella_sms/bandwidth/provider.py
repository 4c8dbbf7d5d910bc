"""Bandwidth, as one of the providers of the channel type "sms" (channels.md §3.3)."""

from __future__ import annotations

from base64 import b64encode
from typing import ClassVar

import httpx

from casella.plugin import (
    Capabilities,
    ChannelMisconfigured,
    ChannelUnreachable,
    Connection,
    Event,
    LookupResult,
    MediaRef,
    MediaRequest,
    MediaUnavailable,
    OutgoingMessage,
    Refusal,
    SendAttempt,
    SendUncertain,
    Sent,
    Verdict,
    Webhook,
    asking,
    sending,
)
from casella_sms.account import host_of, same_server
from casella_sms.arrivals import id_of
from casella_sms.bandwidth import lookup, receive
from casella_sms.bandwidth.errors import send_error
from casella_sms.bandwidth.settings import BandwidthSettings
from casella_sms.causes import read_json
from casella_sms.limits import BASIC, MEGABYTE, mms
from casella_sms.provider import Provider


class Bandwidth(Provider[BandwidthSettings]):
    """Bandwidth delivers its webhooks for 24 hours until they are taken, and every one names our tag: a receipt settles
    an uncertain send. Its list of messages holds neither texts nor tags, and helps only where there is no doubt."""

    able: ClassVar[Capabilities] = BASIC.model_copy(
        update={
            "text_limit": 2048,
            # 3.75 MB is the API's limit; carriers take less and say so in a receipt.
            "attachments": mms(count=10, total=3_750_000, pictures=3_750_000, others=MEGABYTE),
        }
    )

    def verify(self, settings: BandwidthSettings, webhook: Webhook) -> Verdict:
        return receive.verify(settings, webhook)

    def translate(self, settings: BandwidthSettings, webhook: Webhook) -> list[Event]:
        return receive.translate(settings, webhook)

    def send(
        self,
        connection: Connection,
        settings: BandwidthSettings,
        sender: str,
        message: OutgoingMessage,
        http: httpx.Client,
    ) -> Sent:
        document: dict[str, object] = {
            "applicationId": settings.application_id,
            "from": sender,
            "to": [message.to],
            "text": message.text,
            "tag": message.id,
        }
        if message.attachments:
            document["media"] = [attachment.url for attachment in message.attachments]
        with sending():
            response = http.post(
                settings.messages_url, json=document, auth=settings.credentials, follow_redirects=False
            )  # fmt: skip
        if not response.is_success:
            raise send_error(response)
        taken = id_of(read_json(response).get("id"))
        if not taken:
            raise SendUncertain("Bandwidth did not say which message it took.", provider_code="unreadable")
        return Sent(taken)

    def lookup(
        self, settings: BandwidthSettings, sender: str, attempt: SendAttempt, http: httpx.Client
    ) -> LookupResult:
        return lookup.lookup(settings, sender, attempt, http)

    def locate_media(self, settings: BandwidthSettings, ref: MediaRef, http: httpx.Client) -> MediaRequest:
        """Only the account's own media: they are fetched with its password."""
        if not same_server(ref.ref, settings.base_url):
            raise MediaUnavailable("The attachment is not at the provider.")
        login = b64encode(":".join(settings.credentials).encode()).decode()
        host = host_of(settings.base_url)
        return MediaRequest(
            url=ref.ref,
            headers={"authorization": f"Basic {login}"},
            allowed_hosts=(host,),
            credential_hosts=(host,),
            retry_missing=True,
        )

    def health(self, settings: BandwidthSettings, http: httpx.Client) -> Refusal | None:
        with asking():
            response = http.get(f"{settings.account_url}/media", auth=settings.credentials, follow_redirects=False)
        if response.is_success:
            return None
        error = send_error(response)
        if isinstance(error, ChannelMisconfigured):
            return Refusal("account_refused", error.text)
        raise ChannelUnreachable(provider_code=error.provider_code)
