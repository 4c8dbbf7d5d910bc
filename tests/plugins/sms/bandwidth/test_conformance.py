"""casella_sms under the conformance kit, with a Bandwidth connection."""

from __future__ import annotations

from base64 import b64encode
from datetime import UTC, datetime

import httpx
import pytest

from casella.plugin import (
    Channel,
    ChannelMisconfigured,
    ChannelSuspect,
    ChannelThrottled,
    ChannelUnreachable,
    ConsentChanged,
    DeliveryProblem,
    MediaRef,
    MediaUnavailable,
    MessageReceived,
    MessageStatusChanged,
    OutgoingAttachment,
    SendRejected,
    SendUncertain,
    Sent,
    Unsupported,
    Webhook,
)
from casella.plugin.testing import (
    Answer,
    ChannelConformance,
    ExpectedRequest,
    Provider,
    SendCase,
    WebhookCase,
    with_headers,
)
from casella.plugin.testing.subject import AnyConnection
from casella_sms.bandwidth.errors import delivery_problem
from casella_sms.bandwidth.settings import BandwidthSettings
from casella_sms.channel import SmsChannel
from casella_sms.settings import SmsSettings
from tests.plugins.sms.builders import PLUGIN

OURS, THEIRS = "+14155550178", "+12025550143"
AT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
SETTINGS = {
    "provider": "bandwidth",
    "account_id": "9900000",
    "username": "api-user",
    "password": "api-password-1",
    "application_id": "93de2206-9669-4e07-948d-329f4b722ee2",
    "webhook_username": "casella",
    "webhook_password": "webhook-password-1",
}
API_LOGIN = "Basic " + b64encode(b"api-user:api-password-1").decode()
MESSAGES = "https://messaging.bandwidth.com/api/v2/users/9900000/messages"
PICTURE = "https://messaging.bandwidth.com/api/v2/users/9900000/media/a1/0/cat.png"


def nobodys(what: str, raw: str = "") -> Unsupported:
    return Unsupported(channel_address="", contact_address="", what=what, raw=raw)


IMAGE = OutgoingAttachment("https://desk.example/files/x9", "image", "image/jpeg", 40_000, "roof.jpg")


def inbound(message_id: str, text: str = "Hello", media: tuple[str, ...] = ()) -> dict[str, object]:
    return {
        "type": "message-received",
        "time": "2026-11-22T12:00:00.000Z",
        "description": "Incoming message received",
        "to": OURS,
        "message": {
            "id": message_id,
            "owner": OURS,
            "applicationId": SETTINGS["application_id"],
            "time": "2026-11-22T12:00:00Z",
            "segmentCount": 1,
            "direction": "in",
            "to": [OURS],
            "from": THEIRS,
            "text": text,
            "media": list(media),
        },
    }


def outbound(kind: str, message_id: str, **changes: object) -> dict[str, object]:
    message = {
        "id": message_id,
        "owner": OURS,
        "direction": "out",
        "to": [THEIRS],
        "from": OURS,
        "tag": "m-80",
        "segmentCount": 1,
    }
    return {"type": kind, "time": "2026-11-22T12:00:00Z", "to": THEIRS, "message": message, **changes}


def received(message_id: str, text: str = "Hello", **changes: object) -> MessageReceived:
    return MessageReceived.model_validate(
        {
            "channel_address": OURS,
            "contact_address": THEIRS,
            "external_id": message_id,
            "text": text,
            "provider_time": AT,
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
            "message_id": "m-80",
            "provider_time": AT,
            "problem": problem,
        }
    )


def login(webhook: Webhook, settings: BandwidthSettings) -> Webhook:
    text = f"{settings.webhook_username}:{settings.webhook_password.get_secret_value()}"
    return with_headers(webhook, {"authorization": f"Basic {b64encode(text.encode()).decode()}"})


def refused(label: str, status: int, error: type[Exception], **limits: object) -> SendCase:
    body = {"type": "request-validation", "description": f"No to {THEIRS}"}
    return SendCase(label, answers=(Answer.of_json(status, body),), error=error, **limits)  # type: ignore[arg-type]  # checked by the case


TEXT = WebhookCase.of_json("a text", [inbound("in-1")], events=(received("in-1"),))
BAD_NUMBER = "This number does not exist or cannot receive text messages."


class TestBandwidth(ChannelConformance):
    plugin = SmsChannel()
    settings = SETTINGS
    address, contact = OURS, THEIRS
    options = {"registration": "registered"}  # noqa: RUF012 - a table, never changed
    signature_headers = ("authorization",)
    signs_body = False

    webhooks = (
        TEXT,
        WebhookCase.of_json(
            "several in one request, with strangers between",
            [
                inbound("in-2"),
                None,
                {"type": "message-received", "message": {"id": 7}},
                outbound("message-delivered", "out-2"),
                outbound("message-sending", "out-2"),
                {"type": "group-renamed"},
                inbound("in-3", "World"),
            ],
            events=(
                received("in-2"),
                nobodys("A request that cannot be read.", '{"type":"message-received","message":{"id":7}}'),
                told("out-2", "delivered"),
                nobodys("An event of the kind group-renamed, without a message."),
                received("in-3", "World"),
            ),
        ),
        WebhookCase.of_json(
            "a picture, with the carrier's layout",
            [inbound("in-4", "", (PICTURE.replace("cat.png", "0.smil"), PICTURE))],
            events=(
                received(
                    "in-4",
                    "",
                    message_kind="image",
                    attachments=[MediaRef(ref=PICTURE, kind="image", mime="image/png")],
                ),
            ),
        ),
        WebhookCase.of_json(
            "stop",
            [inbound("in-5", "Stop")],
            events=(
                ConsentChanged(
                    channel_address=OURS,
                    contact_address=THEIRS,
                    state="opted_out",
                    source="keyword",
                    evidence="Stop",
                    external_id="in-5",
                ),
                received("in-5", "Stop", metadata={"keyword": "stop"}),
            ),
        ),
        WebhookCase.of_json(
            "a failure",
            [outbound("message-failed", "out-6", errorCode=4720, description="invalid-destination-address")],
            events=(told("out-6", "failed", DeliveryProblem(code="4720", text=BAD_NUMBER)),),
        ),
        WebhookCase.of_json("nothing", []),
        WebhookCase.of_json("no array", {}).refused("no array", 400),
        TEXT.refused("no login", 401, signed=False),
        WebhookCase("a form", b"a=b", "application/x-www-form-urlencoded", outcome="refused", status=415),
    )

    sends = (
        SendCase(
            "a text",
            answers=(Answer.of_json(202, {"id": "out-1", "owner": OURS}),),
            sent=Sent("out-1"),
            requests=(
                ExpectedRequest(
                    MESSAGES,
                    json={
                        "applicationId": SETTINGS["application_id"],
                        "from": OURS,
                        "to": [THEIRS],
                        "text": "Hello",
                        "tag": "m-1",
                    },
                    headers={"authorization": API_LOGIN},
                ),
            ),
        ),
        SendCase(
            "a picture",
            text="",
            attachments=(IMAGE,),
            answers=(Answer.of_json(202, {"id": "out-1"}),),
            sent=Sent("out-1"),
            requests=(
                ExpectedRequest(
                    MESSAGES,
                    json={
                        "applicationId": SETTINGS["application_id"],
                        "from": OURS,
                        "to": [THEIRS],
                        "text": "",
                        "tag": "m-1",
                        "media": [IMAGE.url],
                    },
                ),
            ),
        ),
        refused("refused", 400, SendRejected, provider_code="http_400"),
        refused("wrong password", 401, ChannelMisconfigured),
        refused("no access", 403, ChannelSuspect),
        SendCase(
            "throttled", answers=(Answer(429, b"", {"retry-after": "3"}),), error=ChannelThrottled, retry_after=3.0
        ),
        refused("broken", 500, SendUncertain),
        refused("away", 503, ChannelUnreachable),
        SendCase("taken, but which", answers=(Answer(202, b"{}"),), error=SendUncertain),
        SendCase("cut short", answers=(Answer.broken(httpx.ReadTimeout),), error=SendUncertain),
        SendCase("not reached", answers=(Answer.broken(httpx.ConnectError),), error=ChannelUnreachable),
    )

    def sign(self, connection: AnyConnection, webhook: Webhook) -> Webhook:
        settings = connection.settings
        assert isinstance(settings, SmsSettings)
        assert isinstance(settings.root, BandwidthSettings)
        return login(webhook, settings.root)


@pytest.mark.parametrize(
    ("code", "retryable", "stops"),
    [
        (4702, True, False),
        (4771, False, False),
        (4785, True, False),
        (9902, False, False),
        (4775, False, True),
        (4999, False, False),
        (5999, True, False),
        (9999, False, False),
        ("4720", False, False),
        (None, False, False),
        (True, False, False),
    ],
)
def test_a_code_says_what_may_be_tried_again(code: object, retryable: bool, stops: bool) -> None:
    problem = delivery_problem(code)
    assert (problem.retryable, problem.stops_contact) == (retryable, stops)
    assert problem.code
    assert problem.text


def test_only_a_barred_sender_stops_its_channel() -> None:
    assert [code for code in (4795, 4405, 4481, 4780, 4406, 4773) if delivery_problem(code).pauses_channel] == [4481]


def test_media_are_fetched_from_the_provider_alone_with_its_password() -> None:
    connection = TestBandwidth().connection()
    channel = Channel("c", OURS, connection)
    with Provider(()).client() as http:
        request = PLUGIN.locate_media(channel, MediaRef(ref=PICTURE), http)  # type: ignore[arg-type]  # of the kit's type
        assert request.headers == {"authorization": API_LOGIN}
        assert request.allowed_hosts == request.credential_hosts == ("messaging.bandwidth.com",)
        for url in ("https://evil.example/x", "https://messaging.bandwidth.com@evil.example/", "http://[", "/x"):
            with pytest.raises(MediaUnavailable):
                PLUGIN.locate_media(channel, MediaRef(ref=url), http)  # type: ignore[arg-type]  # of the kit's type
