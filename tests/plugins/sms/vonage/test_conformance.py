"""casella_sms under the conformance kit, with Vonage's two APIs."""

from __future__ import annotations

import dataclasses
from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlencode

import httpx

from casella.plugin import (
    ChannelMisconfigured,
    ChannelThrottled,
    ChannelUnreachable,
    ConsentChanged,
    DeliveryProblem,
    MediaRef,
    MessagePart,
    MessageReceived,
    MessageStatusChanged,
    OutgoingAttachment,
    SendRejected,
    SendUncertain,
    Sent,
    Webhook,
)
from casella.plugin.testing import Answer, ChannelConformance, ExpectedRequest, SendCase, WebhookCase, with_headers
from casella.plugin.testing.subject import AnyConnection
from casella_sms.channel import SmsChannel
from casella_sms.settings import SmsSettings
from casella_sms.vonage.settings import VonageSettings
from tests.plugins.sms.vonage.builders import (
    KEY,
    OURS,
    SECRET,
    SETTINGS,
    THEIRS,
    inbound,
    message,
    receipt,
    signed,
    token,
)

SENT_AT = datetime(2026, 11, 22, 11, 59, 59, tzinfo=UTC)
SMS_URL, MESSAGES_URL = "https://rest.nexmo.com/sms/json", "https://api.nexmo.com/v1/messages"
LOGIN = "Basic " + b64encode(f"{KEY}:{SECRET}".encode()).decode()
IMAGE = OutgoingAttachment("https://desk.example/files/x9", "image", "image/jpeg", 40_000, "roof.jpg")
PICTURE = "https://api-us.nexmo.com/v3/media/1b456509.png"


def received(message_id: str, text: str = "Hello", **changes: object) -> MessageReceived:
    return MessageReceived.model_validate(
        {
            "channel_address": OURS,
            "contact_address": THEIRS,
            "external_id": message_id,
            "text": text,
            "provider_time": SENT_AT,
            **changes,
        }
    )


def told(external_id: str, state: str, **changes: object) -> MessageStatusChanged:
    return MessageStatusChanged.model_validate(
        {"channel_address": OURS, "contact_address": THEIRS, "external_id": external_id, "status": state, **changes}
    )


def answered(status: str, **fields: str) -> Answer:
    return Answer.of_json(200, {"message-count": "1", "messages": [{"status": status, **fields}]})


def settings_of(connection: AnyConnection) -> VonageSettings:
    settings = connection.settings
    assert isinstance(settings, SmsSettings)
    assert isinstance(settings.root, VonageSettings)
    return settings.root


def as_query(fields: Mapping[str, str]) -> str:
    return urlencode(fields)


STOP = ConsentChanged(
    channel_address=OURS,
    contact_address=THEIRS,
    state="opted_out",
    source="keyword",
    evidence="STOP",
    external_id="in-4",
)
TEXT = WebhookCase.of_form("a text", inbound(), events=(received("in-1"),))
PART = inbound("in-3", "Hel", **{"concat": "true", "concat-ref": "77", "concat-total": "2", "concat-part": "1"})


class TestSmsApi(ChannelConformance):
    plugin = SmsChannel()
    settings = SETTINGS
    address, contact = OURS, THEIRS
    options = {"registration": "registered"}  # noqa: RUF012 - a table, never changed

    webhooks = (
        TEXT,
        WebhookCase("a text, by GET", b"", "", "GET", as_query(inbound("in-2")), events=(received("in-2"),)),
        WebhookCase.of_form(
            "one part of two",
            PART,
            events=(received("in-3", "Hel", part=MessagePart(group="77/2", number=1, total=2)),),
        ),
        WebhookCase.of_form(
            "stop", inbound("in-4", "STOP"), events=(STOP, received("in-4", "STOP", metadata={"keyword": "stop"}))
        ),
        WebhookCase.of_form(
            "a setting for the phone",
            {**inbound("in-5"), "type": "binary", "data": "0605"},
            events=(received("in-5", "", message_kind="unsupported", metadata={"type": "binary"}),),
        ),
        WebhookCase.of_form(
            "delivered",
            receipt("out-6", "delivered", **{"client-ref": f"m-6|{OURS}"}),
            events=(told("out-6", "delivered", message_id="m-6"),),
        ),
        WebhookCase.of_form(
            "blocked",
            receipt("out-7", "failed", **{"err-code": "6"}),
            events=(
                told(
                    "out-7",
                    "failed",
                    problem=DeliveryProblem(
                        code="6",
                        text="A carrier filtered the message as unwanted: check its content and the registration.",
                    ),
                ),
            ),
        ),
        TEXT.refused("not signed", 401, signed=False),
        WebhookCase("multipart", b"--x--", "multipart/form-data; boundary=x", outcome="refused", status=415),
    )

    sends = (
        SendCase(
            "a text",
            answers=(answered("0", **{"message-id": "out-1"}),),
            sent=Sent("out-1"),
            requests=(
                ExpectedRequest(
                    SMS_URL,
                    form={
                        "api_key": KEY,
                        "api_secret": SECRET,
                        "from": OURS[1:],
                        "to": THEIRS[1:],
                        "text": "Hello",
                        "type": "text",
                        "client-ref": f"m-1|{OURS}",
                        "status-report-req": "1",
                        "callback": "https://desk.example/webhooks/conformance",
                    },
                ),
            ),
        ),
        SendCase(
            "two parts",
            text="ç" * 80,
            answers=(
                Answer.of_json(
                    200,
                    {"messages": [{"status": "0", "message-id": "out-1"}, {"status": "0", "message-id": "out-2"}]},
                ),
            ),
            sent=Sent("out-1", ("out-2",)),
        ),
        SendCase(
            "only one of two parts taken",
            answers=(Answer.of_json(200, {"messages": [{"status": "0", "message-id": "x"}, {"status": "1"}]}),),
            error=SendRejected,
            provider_code="1",
        ),
        SendCase("throttled", answers=(answered("1"),), error=ChannelThrottled, provider_code="1", retry_after=1.0),
        SendCase("a bad sender", answers=(answered("15"),), error=SendRejected, provider_code="15"),
        SendCase("not on the trial's list", answers=(answered("29"),), error=SendRejected),
        SendCase("wrong secret", answers=(answered("4"),), error=ChannelMisconfigured),
        SendCase("no credit", answers=(answered("9"),), error=ChannelMisconfigured),
        SendCase("broken within", answers=(answered("5"),), error=SendUncertain),
        SendCase("broken", answers=(Answer(500),), error=SendUncertain),
        SendCase("taken, but which", answers=(answered("0"),), error=SendUncertain),
        SendCase("cut short", answers=(Answer.broken(httpx.ReadTimeout),), error=SendUncertain),
        SendCase("not reached", answers=(Answer.broken(httpx.ConnectError),), error=ChannelUnreachable),
    )

    def sign(self, connection: AnyConnection, webhook: Webhook) -> Webhook:
        """The signature is one of the parameters."""
        secret = settings_of(connection).signature_secret.get_secret_value()
        form = webhook.query if webhook.method == "GET" else webhook.body.decode("utf-8", "replace")
        complete = urlencode(signed(dict(parse_qsl(form, keep_blank_values=True)), secret))
        if webhook.method == "GET":
            return dataclasses.replace(webhook, url=f"{self.webhook_url}?{complete}", query=complete)
        return dataclasses.replace(webhook, body=complete.encode())


UUID = Answer.of_json(202, {"message_uuid": "9a1c-9"})
HELLO = WebhookCase.of_json("a text", message(), events=(received("9a1c-1"),))


class TestMessagesApi(ChannelConformance):
    plugin = SmsChannel()
    settings = {**SETTINGS, "api": "messages"}  # noqa: RUF012 - a table, never changed
    address, contact = OURS, THEIRS
    options = {"registration": "registered"}  # noqa: RUF012 - a table, never changed
    signature_headers = ("authorization",)

    webhooks = (
        HELLO,
        WebhookCase.of_json(
            "a picture with words",
            message("9a1c-2", None, channel="mms", message_type="image", image={"url": PICTURE, "caption": "Look"}),
            events=(
                received(
                    "9a1c-2",
                    "Look",
                    message_kind="image",
                    attachments=[MediaRef(ref=PICTURE, kind="image", mime="image/png")],
                ),
            ),
        ),
        WebhookCase.of_json(
            "delivered",
            {
                **message("9a1c-3", None, status="delivered", client_ref=f"m-3|{OURS}"),
                "from": OURS[1:],
                "to": THEIRS[1:],
            },
            events=(told("9a1c-3", "delivered", message_id="m-3", provider_time=SENT_AT),),
        ),
        WebhookCase.of_json(
            "opted out",
            {
                **message("9a1c-4", None, status="rejected", error={"title": "9", "type": "https://x/messages#9"}),
                "from": OURS[1:],
                "to": THEIRS[1:],
            },
            events=(
                told(
                    "9a1c-4",
                    "failed",
                    provider_time=SENT_AT,
                    problem=DeliveryProblem(
                        code="9",
                        text="The recipient has opted out of messages from this sender.",
                        stops_contact=True,
                    ),
                ),
            ),
        ),
        HELLO.refused("not signed", 401, signed=False),
    )

    sends = (
        SendCase(
            "a text",
            answers=(UUID,),
            sent=Sent("9a1c-9"),
            requests=(
                ExpectedRequest(
                    MESSAGES_URL,
                    json={
                        "from": OURS[1:],
                        "to": THEIRS[1:],
                        "client_ref": f"m-1|{OURS}",
                        "channel": "sms",
                        "message_type": "text",
                        "text": "Hello",
                        "webhook_url": "https://desk.example/webhooks/conformance",
                        "webhook_version": "v1",
                    },
                    headers={"authorization": LOGIN},
                ),
            ),
        ),
        SendCase("a picture with words", "Look", attachments=(IMAGE,), answers=(UUID,), sent=Sent("9a1c-9")),
        SendCase("throttled", answers=(Answer(429, b"", {"retry-after": "2"}),), error=ChannelThrottled, retry_after=2),
        SendCase("refused", answers=(Answer.of_json(422, {"title": "Invalid params"}),), error=SendRejected),
        SendCase("no credit", answers=(Answer(402),), error=ChannelMisconfigured),
        SendCase("wrong secret", answers=(Answer(401),), error=ChannelMisconfigured),
        SendCase("taken, but which", answers=(Answer(202, b"{}"),), error=SendUncertain),
    )

    def sign(self, connection: AnyConnection, webhook: Webhook) -> Webhook:
        secret = settings_of(connection).signature_secret.get_secret_value()
        return with_headers(webhook, token(webhook.body, secret))
