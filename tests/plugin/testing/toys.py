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
    LookupResult,
    MediaRef,
    MediaRequest,
    MediaUnavailable,
    MessageReceived,
    MessageTemplate,
    OutgoingMessage,
    Profile,
    SendAttempt,
    SendRejected,
    SendUncertain,
    Sent,
    Verdict,
    Webhook,
    asking,
    clean_text,
    sending,
)
from casella.plugin.testing import (
    Answer,
    ChannelConformance,
    ExpectedRequest,
    LookupCase,
    MediaCase,
    ProfileCase,
    ReadCase,
    SendCase,
    TemplatesCase,
    WebhookCase,
    with_headers,
)
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
    capabilities: ClassVar[Capabilities] = Capabilities(
        address_kind="toy",
        text_limit=100,
        max_webhook_bytes=4096,
        profiles=True,
        message_templates=True,
        read_marks=True,
        typing=True,
    )

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
        document = {"to": message.to, "text": message.text}
        if message.content is not None and message.content.kind == "template":
            document["template"] = message.content.name
        with sending():
            response = self.post(channel, message.id, document, http)
        if response.status_code != 200:
            raise self.error_of(response)
        return self.sent(response)

    def post(
        self, channel: Channel[ToySettings], key: str, document: dict[str, str], http: httpx.Client
    ) -> httpx.Response:
        headers = {"authorization": channel.settings.token.get_secret_value(), "x-request-id": key}
        return http.post("https://toys.example/send", json=document, headers=headers)

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

    def lookup(self, channel: Channel[ToySettings], attempt: SendAttempt, http: httpx.Client) -> LookupResult:
        found = self.ask(f"sent/{attempt.message.id}", http)
        return LookupResult("taken", Sent(found["id"])) if isinstance(found.get("id"), str) else LookupResult("unknown")

    def profile(self, channel: Channel[ToySettings], address: str, http: httpx.Client) -> Profile:
        name = self.ask(f"people/{address}", http).get("name")
        return Profile(name=self.named(name)) if isinstance(name, str) else Profile()

    def named(self, name: str) -> str:
        return clean_text(name)[:300]

    def templates(self, channel: Channel[ToySettings], http: httpx.Client) -> Sequence[MessageTemplate]:
        names = self.ask("templates", http).get("names")
        known = [name for name in names if isinstance(name, str)] if isinstance(names, list) else []
        return [MessageTemplate(name=name, language="en", state="approved") for name in known]

    def mark_read(self, channel: Channel[ToySettings], to: str, external_id: str, http: httpx.Client) -> None:
        self.ask(f"read/{external_id}", http)

    def show_typing(self, channel: Channel[ToySettings], to: str, external_id: str | None, http: httpx.Client) -> None:
        self.ask(f"typing/{to}", http)

    def ask(self, path: str, http: httpx.Client) -> dict[str, Any]:
        with asking():
            response = http.get(f"https://toys.example/{path}")
        if not response.is_success:
            raise SendRejected
        try:
            document = orjson.loads(response.content)
        except ValueError as error:
            raise ChannelUnreachable from error
        return document if isinstance(document, dict) else {}


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
    lookups = (
        LookupCase(
            "arrived",
            answers=(Answer.of_json(200, {"id": "9"}),),
            requests=(ExpectedRequest("https://toys.example/sent/m-1", "GET"),),
            result=LookupResult("taken", Sent("9")),
        ),
        LookupCase("nobody answers", answers=(Answer.broken(httpx.ConnectError),), error=ChannelUnreachable),
    )
    profiles = (
        ProfileCase("somebody", answers=(Answer.of_json(200, {"name": "Ada"}),), profile=Profile(name="Ada")),
        ProfileCase("nobody", address="x", answers=(Answer(404),), error=SendRejected),
    )
    templates = (
        TemplatesCase(
            "one",
            answers=(Answer.of_json(200, {"names": ["hi"]}),),
            templates=(MessageTemplate(name="hi", language="en", state="approved"),),
        ),
    )
    reads = (
        ReadCase(
            "a message", "7", answers=(Answer(204),), requests=(ExpectedRequest("https://toys.example/read/7", "GET"),),
            error=ChannelUnreachable,
        ),
        ReadCase("told", answers=(Answer(200, b"{}"),)),
    )  # fmt: skip
    media = (
        MediaCase(
            "a picture",
            MediaRef(ref="https://toys.example/p/7", kind="image"),
            request=MediaRequest("https://toys.example/p/7", allowed_hosts=("toys.example",)),
        ),
        MediaCase("somebody else's", MediaRef(ref="https://stranger.example/p/7", kind="image")),
    )

    def sign(self, connection: AnyConnection, webhook: Webhook) -> Webhook:
        settings = connection.settings
        assert isinstance(settings, ToySettings)
        return with_headers(webhook, {SIGNATURE: signature_of(settings, webhook.body)})
