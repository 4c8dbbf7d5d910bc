"""Telnyx, as one of the providers of the channel type "sms" (channels.md §3.2)."""

from __future__ import annotations

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
from casella_sms.account import host_of, is_at
from casella_sms.arrivals import id_of
from casella_sms.causes import read_json
from casella_sms.limits import BASIC, MEGABYTE, mms
from casella_sms.provider import Provider
from casella_sms.telnyx import lookup, receive
from casella_sms.telnyx.errors import send_error
from casella_sms.telnyx.settings import TelnyxSettings

_MOST_PARTS = 10
"""Longer texts are refused with 40302."""


class Telnyx(Provider[TelnyxSettings]):
    """An `Idempotency-Key` makes a message that is sent again the same message there; what became of an uncertain one,
    its detail record tells."""

    # §2.4: less than 1 MB in all.
    able: ClassVar[Capabilities] = BASIC.model_copy(
        update={
            "text_limit": _MOST_PARTS * 153,
            "attachments": mms(count=10, total=MEGABYTE - 1, pictures=MEGABYTE - 1, others=MEGABYTE - 1),
        }
    )
    most_parts: ClassVar[int] = _MOST_PARTS

    def verify(self, settings: TelnyxSettings, webhook: Webhook) -> Verdict:
        return receive.verify(settings, webhook)

    def translate(self, settings: TelnyxSettings, webhook: Webhook) -> list[Event]:
        return receive.translate(settings, webhook)

    def send(
        self,
        connection: Connection,
        settings: TelnyxSettings,
        sender: str,
        message: OutgoingMessage,
        http: httpx.Client,
    ) -> Sent:
        with sending():
            response = http.post(
                settings.messages_url,
                json=_document(settings, sender, message),
                headers={**_login(settings), "idempotency-key": message.id},
                follow_redirects=False,
            )
        if not response.is_success:
            raise send_error(response)
        data = read_json(response).get("data")
        taken = id_of(data.get("id")) if isinstance(data, dict) else ""
        if not taken:
            raise SendUncertain("Telnyx answered, but did not say which message it took.", provider_code="unreadable")
        return Sent(taken)

    def lookup(self, settings: TelnyxSettings, sender: str, attempt: SendAttempt, http: httpx.Client) -> LookupResult:
        return lookup.lookup(settings, sender, attempt, http)

    def locate_media(self, settings: TelnyxSettings, ref: MediaRef, http: httpx.Client) -> MediaRequest:
        if not is_at(ref.ref, settings.media_hosts, settings.base_url):
            raise MediaUnavailable("The attachment is not at the provider.")
        hosts = tuple(dict.fromkeys((*settings.media_hosts, host_of(settings.base_url))))
        return MediaRequest(url=ref.ref, allowed_hosts=hosts, retry_missing=True)

    def health(self, settings: TelnyxSettings, http: httpx.Client) -> Refusal | None:
        with asking():
            response = http.get(f"{settings.base_url}/v2/balance", headers=_login(settings), follow_redirects=False)
        if response.is_success:
            return None
        error = send_error(response)
        if isinstance(error, ChannelMisconfigured):
            return Refusal("account_refused", error.text)
        raise ChannelUnreachable(provider_code=error.provider_code)

    def pool(self, settings: TelnyxSettings) -> str:
        return settings.messaging_profile_id or ""


def _login(settings: TelnyxSettings) -> dict[str, str]:
    return {"authorization": f"Bearer {settings.api_key.get_secret_value()}"}


def _document(settings: TelnyxSettings, sender: str, message: OutgoingMessage) -> dict[str, object]:
    document: dict[str, object] = {
        "from": sender,
        "to": message.to,
        "type": "MMS" if message.attachments else "SMS",
    }
    if message.text:
        document["text"] = message.text
    if message.attachments:
        document["media_urls"] = [attachment.url for attachment in message.attachments]
    if settings.messaging_profile_id:
        document["messaging_profile_id"] = settings.messaging_profile_id
    if message.status_url:
        document |= {"webhook_url": message.status_url, "use_profile_webhooks": False}
    return document
