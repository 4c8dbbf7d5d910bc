"""A small honest channel and its tables. `tests.plugin.broken` has its broken copies."""

from __future__ import annotations

import hashlib
import hmac
import logging
from collections.abc import Sequence
from typing import Any, ClassVar

import httpx
import orjson
from pydantic import BaseModel, SecretStr

from casella.plugin import (
    Capabilities,
    Channel,
    ChannelMisconfigured,
    ChannelPlugin,
    ChannelThrottled,
    ChannelUnreachable,
    Connection,
    Event,
    MediaRef,
    MediaRequest,
    MediaUnavailable,
    MessageReceived,
    OutgoingMessage,
    SendRejected,
    SendUncertain,
    Sent,
    Verdict,
    Webhook,
    clean_text,
    sending,
)
from casella.plugin.testing import Answer, ChannelConformance, ExpectedRequest, SendCase, WebhookCase, with_headers
from casella.plugin.testing.subject import AnyConnection

SIGNATURE = "x-toy-signature"
SECRET = "toy-secret-3141"
LOG = logging.getLogger("toy")


class ToySettings(BaseModel):
    token: SecretStr


def signature_of(settings: ToySettings, body: bytes) -> str:
    return hmac.new(settings.token.get_secret_value().encode(), body, hashlib.sha256).hexdigest()


class Toy(ChannelPlugin[ToySettings]):
    """Does everything right: JSON in, JSON out, HMAC over the body."""

    channel_type: ClassVar[str] = "toy"
    title: ClassVar[str] = "Toy"
    settings_model: type[ToySettings] = ToySettings
    capabilities: ClassVar[Capabilities] = Capabilities(address_kind="toy", text_limit=100, max_webhook_bytes=4096)

    def verify(self, connection: Connection[ToySettings], webhook: Webhook) -> Verdict:
        given = webhook.headers.get(SIGNATURE, "").encode("utf-8", "replace")
        if not hmac.compare_digest(given, signature_of(connection.settings, webhook.body).encode()):
            return Verdict.refused(403, "bad_signature")
        return Verdict.authentic() if self.read(webhook) else Verdict.refused(400, "no_id")

    def translate(self, connection: Connection[ToySettings], webhook: Webhook) -> Sequence[Event]:
        document = self.read(webhook)
        if not document:
            return []
        more = document.get("more")
        return self.events_of([document, *(more if isinstance(more, list) else [])])

    def events_of(self, batch: list[Any]) -> list[Event]:
        """One after the other; what is no document is passed over."""
        return [self.event_of(one) for one in batch if isinstance(one, dict) and self.has_id(one)]

    def event_of(self, document: dict[str, Any]) -> Event:
        text, picture = document.get("text"), document.get("picture")
        attachments = (MediaRef(ref=self.clean(picture), kind="image"),) if isinstance(picture, str) else ()
        return self.event(self.clean(document["id"]), self.clean(text) if isinstance(text, str) else "", attachments)

    def clean(self, text: str) -> str:
        return clean_text(text)

    def event(self, external_id: str, text: str, attachments: tuple[MediaRef, ...]) -> Event:
        return MessageReceived(
            channel_address="toys",
            contact_address="child",
            external_id=external_id,
            text=text,
            attachments=attachments,
            message_kind="image" if attachments else "text",
        )

    def read(self, webhook: Webhook) -> dict[str, Any]:
        try:
            document = orjson.loads(webhook.body)
        except ValueError:
            return {}
        return document if isinstance(document, dict) and self.has_id(document) else {}

    def has_id(self, document: dict[str, Any]) -> bool:
        return isinstance(document.get("id"), str) and bool(document["id"].strip("\x00"))

    def send(self, channel: Channel[ToySettings], message: OutgoingMessage, http: httpx.Client) -> Sent:
        with sending():
            response = self.post(channel, {"to": message.to, "text": message.text}, http)
        if response.status_code != 200:
            raise self.error_of(response)
        return self.sent(response)

    def post(self, channel: Channel[ToySettings], document: dict[str, str], http: httpx.Client) -> httpx.Response:
        token = channel.settings.token.get_secret_value()
        return http.post("https://toys.example/send", json=document, headers={"authorization": token})

    def sent(self, response: httpx.Response) -> Sent:
        try:
            document = orjson.loads(response.content)
        except ValueError:
            document = None
        if not isinstance(document, dict) or not isinstance(document.get("id"), str):
            raise SendUncertain
        return Sent(document["id"])

    def error_of(self, response: httpx.Response) -> Exception:
        if response.status_code == 429:
            return ChannelThrottled(retry_after=1.0)
        if response.status_code == 401:
            return ChannelMisconfigured()
        return ChannelUnreachable() if response.status_code >= 500 else SendRejected()

    def locate_media(self, channel: Channel[ToySettings], ref: MediaRef, http: httpx.Client) -> MediaRequest:
        if not ref.ref.startswith("https://toys.example/"):
            raise MediaUnavailable
        return MediaRequest(ref.ref, allowed_hosts=("toys.example",))


class ToyConformance(ChannelConformance):
    plugin: ClassVar[object] = Toy()
    settings = {"token": SECRET}  # noqa: RUF012 - a table, never changed
    address, contact = "toys", "child"
    signature_headers = (SIGNATURE,)
    webhooks = (
        WebhookCase.of_json("a text", {"id": "1", "text": "Hi"}, events=(Toy().event("1", "Hi", ()),)),
        WebhookCase.of_json(
            "a picture",
            {"id": "2", "picture": "https://toys.example/p/2"},
            events=(Toy().event("2", "", (MediaRef(ref="https://toys.example/p/2", kind="image"),)),),
        ),
        WebhookCase.of_json(
            "more than it reads", {"id": "3", "tags": [1, {"a": 2}]}, events=(Toy().event("3", "", ()),)
        ),
        WebhookCase.of_json(
            "two at once",
            {"id": "4", "more": [{"id": "5", "text": "Ho"}]},
            events=(Toy().event("4", "", ()), Toy().event("5", "Ho", ())),
        ),
        WebhookCase.of_json("nothing", {}).refused("nothing", 400),
    )
    sends = (
        SendCase(
            "a text",
            answers=(Answer.of_json(200, {"id": "9"}),),
            sent=Sent("9"),
            requests=(ExpectedRequest("https://toys.example/send", json={"to": "child", "text": "Hello"}),),
        ),
        SendCase("an answer to something", reply_to="1", answers=(Answer.of_json(200, {"id": "10"}),), sent=Sent("10")),
        SendCase("throttled", answers=(Answer(429),), error=ChannelThrottled, retry_after=1.0),
        SendCase("refused", answers=(Answer(400),), error=SendRejected),
    )

    def sign(self, connection: AnyConnection, webhook: Webhook) -> Webhook:
        settings = connection.settings
        assert isinstance(settings, ToySettings)
        return with_headers(webhook, {SIGNATURE: signature_of(settings, webhook.body)})
