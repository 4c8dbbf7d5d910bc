"""Vonage, as one of the providers of the channel type "sms" (channels.md §3.1)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import httpx

from casella.plugin import (
    AttachmentLimits,
    Capabilities,
    ChannelMisconfigured,
    ChannelUnreachable,
    Connection,
    Event,
    LookupResult,
    MediaRef,
    MediaRequest,
    MediaUnavailable,
    OutgoingAttachment,
    OutgoingMessage,
    Refusal,
    SendAttempt,
    SendRejected,
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
from casella_sms.limits import BASIC, MIMES, mms
from casella_sms.provider import Provider
from casella_sms.segments import segments_of
from casella_sms.vonage import lookup, receive
from casella_sms.vonage.errors import http_error, status_error
from casella_sms.vonage.numbers import plain
from casella_sms.vonage.receipts import client_ref
from casella_sms.vonage.settings import VonageSettings

_MIMES = MIMES - {"application/pdf", "text/calendar"}
_BY_MESSAGES = BASIC.model_copy(
    update={
        "text_limit": 1000,
        # One file per message; Vonage passes on up to 600 kB.
        "attachments": mms(count=1, total=600_000, pictures=600_000, others=600_000, mimes=_MIMES),
    }
)
_BY_SMS = BASIC.model_copy(update={"text_limit": 3200, "attachments": AttachmentLimits()})


class Vonage(Provider[VonageSettings]):
    """Receipts name our `client-ref` and settle an uncertain send; so does the Reports API, if there is one."""

    able: ClassVar[Capabilities] = _BY_SMS

    def capabilities(self, settings: VonageSettings) -> Capabilities:
        return _BY_MESSAGES if settings.api == "messages" else _BY_SMS

    def verify(self, settings: VonageSettings, webhook: Webhook) -> Verdict:
        return receive.verify(settings, webhook)

    def translate(self, settings: VonageSettings, webhook: Webhook) -> list[Event]:
        return receive.translate(settings, webhook)

    def send(
        self,
        connection: Connection,
        settings: VonageSettings,
        sender: str,
        message: OutgoingMessage,
        http: httpx.Client,
    ) -> Sent:
        by = _by_messages if settings.api == "messages" else _by_sms
        return by(settings, sender, message, connection.webhook_url, http)

    def lookup(self, settings: VonageSettings, sender: str, attempt: SendAttempt, http: httpx.Client) -> LookupResult:
        return lookup.lookup(settings, sender, attempt, http)

    def locate_media(self, settings: VonageSettings, ref: MediaRef, http: httpx.Client) -> MediaRequest:
        if not is_at(ref.ref, settings.media_hosts, settings.messages_url):
            raise MediaUnavailable("The attachment is not at the provider.")
        hosts = tuple(dict.fromkeys((*settings.media_hosts, host_of(settings.messages_url))))
        return MediaRequest(url=ref.ref, allowed_hosts=hosts, retry_missing=True)

    def health(self, settings: VonageSettings, http: httpx.Client) -> Refusal | None:
        with asking():
            response = http.get(
                f"{settings.base_url}/account/get-balance", auth=_login(settings), follow_redirects=False
            )  # fmt: skip
        if response.is_success:
            return None
        error = http_error(response)
        if isinstance(error, ChannelMisconfigured):
            return Refusal("account_refused", error.text)
        raise ChannelUnreachable(provider_code=error.provider_code)


def _login(settings: VonageSettings) -> tuple[str, str]:
    return settings.api_key.get_secret_value(), settings.api_secret.get_secret_value()


def _by_sms(settings: VonageSettings, sender: str, message: OutgoingMessage, callback: str, http: httpx.Client) -> Sent:
    """The secret goes in the body, as this API wants it. The callback has no query: `client-ref` says it all, and
    Vonage signs what it adds to a query together with what was there."""
    form = {
        "api_key": settings.api_key.get_secret_value(),
        "api_secret": settings.api_secret.get_secret_value(),
        "from": plain(sender),
        "to": plain(message.to),
        "text": message.text,
        "type": "text" if segments_of(message.text).encoding == "gsm7" else "unicode",
        "client-ref": client_ref(message.id, sender),
    }
    if message.status_url:
        form |= {"status-report-req": "1", "callback": callback}
    with sending():
        response = http.post(f"{settings.base_url}/sms/json", data=form, follow_redirects=False)
    if not response.is_success:
        raise http_error(response)
    return _taken(response)


def _taken(response: httpx.Response) -> Sent:
    parts = read_json(response).get("messages")
    known = [part for part in parts if isinstance(part, dict)] if isinstance(parts, list) else []
    states = [part.get("status") for part in known]
    if not known or not all(isinstance(state, str) for state in states):
        raise SendUncertain("Vonage answered, but did not say whether it took the message.", provider_code="unreadable")
    refused = [str(state) for state in states if state != "0"]
    if refused and len(refused) < len(known):  # some parts are on their way: never the whole again
        raise SendRejected("Only a part of the message was taken.", provider_code=refused[0][:16])
    if refused:
        raise status_error(refused[0], response)
    ids = [id_of(part.get("message-id")) for part in known]
    if not all(ids):
        raise SendUncertain("Vonage answered, but did not say which message it took.", provider_code="unreadable")
    return Sent(ids[0], tuple(ids[1:]))


def _by_messages(
    settings: VonageSettings, sender: str, message: OutgoingMessage, callback: str, http: httpx.Client
) -> Sent:
    document: dict[str, object] = {
        "from": plain(sender),
        "to": plain(message.to),
        "client_ref": client_ref(message.id, sender),
        **_content(message.text, message.attachments),
    }
    if message.status_url:
        document |= {"webhook_url": callback, "webhook_version": "v1"}
    with sending():
        response = http.post(
            f"{settings.messages_url}/v1/messages", json=document, auth=_login(settings), follow_redirects=False
        )  # fmt: skip
    if not response.is_success:
        raise http_error(response)
    taken = id_of(read_json(response).get("message_uuid"))
    if not taken:
        raise SendUncertain("Vonage answered, but did not say which message it took.", provider_code="unreadable")
    return Sent(taken)


def _content(text: str, files: Sequence[OutgoingAttachment]) -> dict[str, object]:
    if not files:
        return {"channel": "sms", "message_type": "text", "text": text}
    file = files[0]
    kind = "vcard" if file.mime == "text/vcard" else file.kind if file.kind in ("image", "video", "audio") else "file"
    content = {"url": file.url, **({"caption": text} if text else {})}
    return {"channel": "mms", "message_type": kind, kind: content}
