"""casella_webchat under the conformance kit. Its webhooks are the letters its own routes seal."""

from __future__ import annotations

from typing import ClassVar

from casella.plugin import (
    DeliveredSeen,
    MediaRef,
    MessageReceived,
    OutgoingAttachment,
    ReadSeen,
    Sent,
    TypingSeen,
    Unsupported,
    Webhook,
)
from casella.plugin.testing import ChannelConformance, SendCase, WebhookCase, with_headers
from casella.plugin.testing.subject import NOON, AnyConnection
from casella_webchat.channel import WebchatChannel
from casella_webchat.letters import SIGNATURE, microseconds, signature
from casella_webchat.settings import WebchatSettings

WIDGET, VISITOR = "shop", "v:0123456789abcdefABCDEF__"
SECRET, IDENTITY_SECRET = "s3cret-" * 6, "1dentity-" * 5
WHO = {"channel_address": WIDGET, "contact_address": VISITOR}
LETTER = {"widget": WIDGET, "visitor": VISITOR}
ID = "0191c2d4-0000-7000-8000-000000000001"


def message(number: int, **fields: object) -> dict[str, object]:
    return {**LETTER, "type": "message", "client_id": f"{ID[:-1]}{number}", "text": "Hello", **fields}


def received(number: int, **fields: object) -> MessageReceived:
    return MessageReceived.model_validate(
        {**WHO, "external_id": f"{VISITOR}/{ID[:-1]}{number}", "text": "Hello", **fields}
    )


class TestWebchat(ChannelConformance):
    plugin = WebchatChannel()
    settings: ClassVar = {"secret": SECRET, "identity_secret": IDENTITY_SECRET, "origins": ["https://shop.example"]}
    address, contact = WIDGET, VISITOR
    signature_headers = (SIGNATURE,)
    has_provider = False

    webhooks = (
        WebhookCase.of_json("a text", message(1), events=(received(1),)),
        WebhookCase.of_json(
            "what was said before the chat",
            message(2, name="Ada", facts={"email": "ada@example.org", "page_url": "https://shop.example/cart"}),
            events=(
                received(
                    2,
                    contact_name="Ada",
                    metadata={"email": "ada@example.org", "page_url": "https://shop.example/cart"},
                ),
            ),
        ),
        WebhookCase.of_json(
            "a picture that quotes",
            message(
                3,
                text="",
                reply_to="m-7",
                files=[{"id": "u-1", "kind": "image", "mime": "image/png", "name": "a.png", "size": 68}],
            ),
            events=(
                received(
                    3,
                    text="",
                    message_kind="image",
                    reply_to="m-7",
                    attachments=(MediaRef(upload="u-1", kind="image", mime="image/png", name="a.png", size=68),),
                ),
            ),
        ),
        WebhookCase.of_json(
            "typing", {**LETTER, "type": "typing", "at": microseconds(NOON)}, events=(TypingSeen(**WHO, since=NOON),)
        ),
        WebhookCase.of_json(
            "read",
            {**LETTER, "type": "seen", "state": "read", "until": microseconds(NOON)},
            events=(ReadSeen(**WHO, watermark=NOON),),
        ),
        WebhookCase.of_json(
            "delivered",
            {**LETTER, "type": "seen", "state": "delivered", "until": microseconds(NOON)},
            events=(DeliveredSeen(**WHO, watermark=NOON),),
        ),
        WebhookCase.of_json(
            "of a later version",
            ["a poll"],
            events=(Unsupported(channel_address="?", contact_address="?", what="letter", raw='["a poll"]'),),
        ),
        WebhookCase.of_json("from a stranger", message(4)).refused("from a stranger", 403, signed=False),
        WebhookCase("a question", method="GET").refused("a question", 400, signed=False),
    )
    sends = (
        SendCase("a text", sent=Sent("m-1")),
        SendCase(
            "a file",
            attachments=[OutgoingAttachment("https://desk.example/files/x", "image", "image/jpeg", 4, "x.jpg")],
            sent=Sent("m-1"),
        ),
    )

    def sign(self, connection: AnyConnection, webhook: Webhook) -> Webhook:
        settings = connection.settings
        assert isinstance(settings, WebchatSettings)
        return with_headers(webhook, {SIGNATURE: signature(settings, webhook.body)})
