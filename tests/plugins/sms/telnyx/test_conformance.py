"""casella_sms under the conformance kit, with a Telnyx connection."""

from __future__ import annotations

from datetime import UTC, datetime

import httpx

from casella.plugin import (
    ChannelMisconfigured,
    ChannelThrottled,
    ChannelUnreachable,
    ConsentChanged,
    ContactStopped,
    ContactThrottled,
    DeliveryProblem,
    MediaRef,
    MessageReceived,
    MessageStatusChanged,
    OutgoingAttachment,
    SendRejected,
    SendUncertain,
    Sent,
    Unsupported,
    Webhook,
)
from casella.plugin.testing import Answer, ChannelConformance, ExpectedRequest, SendCase, WebhookCase, with_headers
from casella.plugin.testing.subject import STATUS_URL, AnyConnection
from casella_sms.channel import SmsChannel
from casella_sms.settings import SmsSettings
from casella_sms.telnyx.settings import TelnyxSettings
from tests.plugins.sms.telnyx.builders import API_KEY, OURS, SETTINGS, THEIRS, inbound, signed_headers, status

SENT_AT = datetime(2026, 11, 22, 11, 59, 59, tzinfo=UTC)
TOLD_AT = datetime(2026, 11, 22, 12, 0, 3, tzinfo=UTC)
PICTURE = "https://media.telnyx.com/example/cat.png"
IMAGE = OutgoingAttachment("https://desk.example/files/x9", "image", "image/jpeg", 40_000, "roof.jpg")
TAKEN = Answer.of_json(200, {"data": {"id": "out-1", "to": [{"status": "queued"}]}})


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


def told(message_id: str, state: str, problem: DeliveryProblem | None = None) -> MessageStatusChanged:
    return MessageStatusChanged.model_validate(
        {
            "channel_address": OURS,
            "contact_address": THEIRS,
            "external_id": message_id,
            "status": state,
            "provider_time": TOLD_AT,
            "problem": problem,
        }
    )


def failed(label: str, status: int, code: str | None, error: type[Exception], **limits: object) -> SendCase:
    body = {"errors": [{"code": code, "title": "No", "detail": f"No to {THEIRS}"}]}
    answer = Answer.of_json(status, body) if code else Answer(status, b"<html>")
    return SendCase(label, answers=(answer,), error=error, **limits)  # type: ignore[arg-type]  # checked by the case


TEXT = WebhookCase.of_json("a text", inbound(), events=(received("msg-1"),))


class TestTelnyx(ChannelConformance):
    plugin = SmsChannel()
    settings = SETTINGS
    address, contact = OURS, THEIRS
    options = {"registration": "registered"}  # noqa: RUF012 - a table, never changed
    signature_headers = ("telnyx-signature-ed25519", "telnyx-timestamp")

    webhooks = (
        TEXT,
        WebhookCase.of_json(
            "a picture without words",
            inbound("msg-2", "", type="MMS", media=[{"url": PICTURE, "content_type": "image/png", "size": 9_000}]),
            events=(
                received(
                    "msg-2",
                    "",
                    message_kind="image",
                    attachments=[MediaRef(ref=PICTURE, kind="image", mime="image/png", size=9_000)],
                ),
            ),
        ),
        WebhookCase.of_json(
            "stop",
            inbound("msg-3", "STOP"),
            events=(
                ConsentChanged(
                    channel_address=OURS,
                    contact_address=THEIRS,
                    state="opted_out",
                    source="keyword",
                    evidence="STOP",
                    external_id="msg-3",
                ),
                received("msg-3", "STOP", provider_replies=True, metadata={"keyword": "stop"}),
            ),
        ),
        WebhookCase.of_json("sent", status("sent", "out-4", "message.sent"), events=(told("out-4", "sent"),)),
        WebhookCase.of_json("delivered", status("delivered", "out-5"), events=(told("out-5", "delivered"),)),
        WebhookCase.of_json(
            "opted out there",
            status("delivery_failed", "out-6", errors=[{"code": "40300", "title": "Blocked due to STOP message"}]),
            events=(
                told(
                    "out-6",
                    "failed",
                    DeliveryProblem(
                        code="40300",
                        text="The recipient has unsubscribed from this sender with STOP.",
                        stops_contact=True,
                    ),
                ),
            ),
        ),
        WebhookCase.of_json(
            "of no interest",
            {"data": {"event_type": "call.initiated", "payload": {}}},
            events=(
                Unsupported(
                    channel_address="", contact_address="", what="An event of the kind call.initiated.", raw="{}"
                ),
            ),
        ),
        WebhookCase.of_json("no object", []).refused("no object", 400),
        TEXT.refused("not signed", 403, signed=False),
        WebhookCase("a form", b"a=b", "application/x-www-form-urlencoded", outcome="refused", status=415),
    )

    sends = (
        SendCase(
            "a text",
            answers=(TAKEN,),
            sent=Sent("out-1"),
            requests=(
                ExpectedRequest(
                    "https://api.telnyx.com/v2/messages",
                    json={
                        "from": OURS,
                        "to": THEIRS,
                        "type": "SMS",
                        "text": "Hello",
                        "webhook_url": STATUS_URL,
                        "use_profile_webhooks": False,
                    },
                    headers={"authorization": f"Bearer {API_KEY}", "idempotency-key": "m-1"},
                ),
            ),
        ),
        SendCase(
            "two pictures without words",
            text="",
            attachments=(IMAGE, IMAGE),
            answers=(TAKEN,),
            sent=Sent("out-1"),
            requests=(
                ExpectedRequest(
                    "https://api.telnyx.com/v2/messages",
                    json={
                        "from": OURS,
                        "to": THEIRS,
                        "type": "MMS",
                        "media_urls": [IMAGE.url] * 2,
                        "webhook_url": STATUS_URL,
                        "use_profile_webhooks": False,
                    },
                ),
            ),
        ),
        failed("a landline", 400, "40001", SendRejected, provider_code="40001"),
        failed("unsubscribed", 409, "40300", ContactStopped, provider_code="40300"),
        failed("wrong key", 401, "10009", ChannelMisconfigured, provider_code="10009"),
        failed("wrong key, no body", 401, None, ChannelMisconfigured, provider_code="http_401"),
        failed("not registered", 400, "40010", SendRejected),
        failed("over the day's allowance", 400, "40018", ContactThrottled, retry_after=3600.0),
        SendCase(
            "throttled",
            answers=(Answer.of_json(429, {"errors": [{"code": "10011"}]}, {"retry-after": "7"}),),
            error=ChannelThrottled,
            retry_after=7.0,
        ),
        failed("broken", 500, "10007", SendUncertain),
        failed("away", 503, None, ChannelUnreachable),
        SendCase("taken, but which", answers=(Answer(200, b"{}"),), error=SendUncertain),
        SendCase("cut short", answers=(Answer.broken(httpx.ReadTimeout),), error=SendUncertain),
        SendCase("not reached", answers=(Answer.broken(httpx.ConnectError),), error=ChannelUnreachable),
    )

    def sign(self, connection: AnyConnection, webhook: Webhook) -> Webhook:
        settings = connection.settings
        assert isinstance(settings, SmsSettings)
        assert isinstance(settings.root, TelnyxSettings)
        key = settings.root.api_key.get_secret_value()
        return with_headers(webhook, signed_headers(webhook.body, webhook.received_at, key))
