"""casella_sms under the conformance kit: the case tables of a Twilio connection."""

from __future__ import annotations

import base64
from urllib.parse import parse_qsl

import httpx

from casella.plugin import (
    ChannelMisconfigured,
    ChannelThrottled,
    ChannelUnreachable,
    ConsentChanged,
    ContactStopped,
    DeliveryProblem,
    MediaRef,
    MessageReceived,
    MessageStatusChanged,
    OutgoingAttachment,
    SendRejected,
    SendUncertain,
    Sent,
    Webhook,
)
from casella.plugin.testing import (
    Answer,
    ChannelConformance,
    ExpectedRequest,
    SendCase,
    WebhookCase,
    with_headers,
)
from casella.plugin.testing.subject import STATUS_URL, AnyConnection
from casella_sms.channel import SmsChannel
from casella_sms.settings import SmsSettings
from casella_sms.twilio.settings import TwilioSettings
from tests.plugins.sms.builders import ACCOUNT, INBOUND, OURS, SETTINGS, SID, STATUS, THEIRS, TOKEN, signature_of

FACTS = {"from_state": "DC", "from_country": "US", "segments": "1"}
MESSAGES_URL = f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
BASIC = "Basic " + base64.b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode()
IMAGE = OutgoingAttachment("https://desk.example/files/x9", "image", "image/jpeg", 40_000, "roof.jpg")


def received(number: int, text: str = "Hello", **changes: object) -> MessageReceived:
    return MessageReceived.model_validate(
        {
            "channel_address": OURS,
            "contact_address": THEIRS,
            "external_id": sid(number),
            "text": text,
            "metadata": FACTS,
            **changes,
        }
    )


def sid(number: int) -> str:
    return f"SM{number:032x}"


def inbound(number: int, **changes: str) -> dict[str, str]:
    return {**INBOUND, "MessageSid": sid(number), **changes}


def failed(label: str, status: int, code: int | None, error: type[Exception], **limits: object) -> SendCase:
    body = {"code": code, "message": f"No to {THEIRS}", "more_info": "https://x", "status": status}
    answer = Answer.of_json(status, body) if code else Answer(status, b"<html>")
    return SendCase(label, answers=(answer,), error=error, **limits)  # type: ignore[arg-type]  # checked by the case


TEXT = WebhookCase.of_form("a text", inbound(1), events=(received(1),))


class TestSmsChannel(ChannelConformance):
    plugin = SmsChannel()
    settings = SETTINGS
    address, contact = OURS, THEIRS
    options = {"registration": "registered"}  # noqa: RUF012 - a table, never changed
    signature_headers = ("x-twilio-signature",)

    webhooks = (
        TEXT,
        WebhookCase.of_form(
            "a picture without words",
            inbound(2, Body="", NumMedia="1", MediaUrl0="https://api.twilio.com/m/1", MediaContentType0="image/jpeg"),
            events=(
                received(
                    2,
                    "",
                    message_kind="image",
                    attachments=[MediaRef(ref="https://api.twilio.com/m/1", kind="image", mime="image/jpeg")],
                ),
            ),
        ),
        WebhookCase.of_form(
            "stop",
            inbound(3, Body=" Stop! "),
            events=(
                ConsentChanged(
                    channel_address=OURS,
                    contact_address=THEIRS,
                    state="opted_out",
                    source="keyword",
                    evidence=" Stop! ",
                    external_id=sid(3),
                ),
                received(3, " Stop! ", metadata={**FACTS, "keyword": "stop"}),
            ),
        ),
        WebhookCase.of_form(
            "a receipt",
            {**STATUS, "MessageSid": sid(4)},
            events=(
                MessageStatusChanged(
                    channel_address=OURS, contact_address=THEIRS, external_id=sid(4), status="delivered"
                ),
            ),
        ),
        WebhookCase.of_form(
            "a failure",
            {**STATUS, "MessageSid": sid(5), "MessageStatus": "undelivered", "ErrorCode": "30003"},
            events=(
                MessageStatusChanged(
                    channel_address=OURS,
                    contact_address=THEIRS,
                    external_id=sid(5),
                    status="failed",
                    problem=DeliveryProblem(
                        code="30003", text="The phone is switched off or out of reach.", retryable=True
                    ),
                ),
            ),
        ),
        WebhookCase.of_form("a receipt of no interest", {**STATUS, "MessageStatus": "queued", "SmsStatus": "queued"}),
        WebhookCase.of_form("no message id", {**INBOUND, "MessageSid": ""}).refused("no message id", 400),
        WebhookCase.of_form("nobody of ours", {**INBOUND, "To": ""}).refused("nobody of ours", 400),
        TEXT.refused("not signed", 403, signed=False),
        WebhookCase("multipart", b"--x--", "multipart/form-data; boundary=x", outcome="refused", status=415),
        WebhookCase("no content type", b"MessageSid=SM1", "", outcome="refused", status=415),
    )

    sends = (
        SendCase(
            "a text",
            answers=(Answer.of_json(201, {"sid": SID, "status": "queued"}),),
            sent=Sent(SID),
            requests=(
                ExpectedRequest(
                    MESSAGES_URL,
                    form={"To": THEIRS, "From": OURS, "Body": "Hello", "StatusCallback": STATUS_URL},
                    headers={"authorization": BASIC},
                ),
            ),
        ),
        SendCase(
            "two pictures without words",
            text="",
            attachments=(IMAGE, IMAGE),
            answers=(Answer.of_json(201, {"sid": SID, "status": "accepted"}),),
            sent=Sent(SID),
            requests=(
                ExpectedRequest(
                    MESSAGES_URL,
                    form={"To": THEIRS, "From": OURS, "MediaUrl": [IMAGE.url] * 2, "StatusCallback": STATUS_URL},
                ),
            ),
        ),
        failed("refused", 400, 21211, SendRejected, provider_code="21211"),
        failed("unsubscribed", 400, 21610, ContactStopped, provider_code="21610"),
        failed("wrong password", 401, 20003, ChannelMisconfigured),
        failed("wrong password, no body", 401, None, ChannelMisconfigured, provider_code="http_401"),
        SendCase(
            "throttled",
            answers=(Answer.of_json(429, {"code": 20429}, {"retry-after": "7"}),),
            error=ChannelThrottled,
            retry_after=7.0,
        ),
        failed("broken", 500, 20500, SendUncertain),
        SendCase("taken, but which", answers=(Answer(201, b"{}"),), error=SendUncertain),
        SendCase("cut short", answers=(Answer.broken(httpx.ReadTimeout),), error=SendUncertain),
        SendCase("not reached", answers=(Answer.broken(httpx.ConnectError),), error=ChannelUnreachable),
    )

    def sign(self, connection: AnyConnection, webhook: Webhook) -> Webhook:
        settings = connection.settings
        assert isinstance(settings, SmsSettings)
        pairs = parse_qsl(webhook.body.decode("utf-8", "replace"), keep_blank_values=True)
        is_form = webhook.method == "POST" and webhook.content_type == "application/x-www-form-urlencoded"
        assert isinstance(settings.root, TwilioSettings)
        token = settings.root.auth_token.get_secret_value()
        signature = signature_of(webhook.url, pairs if is_form else [], token)
        return with_headers(webhook, {"x-twilio-signature": signature})
