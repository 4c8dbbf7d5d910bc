"""WhatsApp and RCS through Twilio under the conformance kit, and what the kit does not ask."""

from __future__ import annotations

from urllib.parse import parse_qsl

import httpx
import orjson
import pytest

from casella.plugin import (
    Channel,
    ChannelThrottled,
    ChannelUnreachable,
    Connection,
    ContactStopped,
    DeliveryProblem,
    LocationContent,
    MediaRef,
    MessageReceived,
    MessageStatusChanged,
    OutgoingAttachment,
    OutgoingMessage,
    OutsideReplyWindow,
    ReactionChanged,
    Referral,
    SendRejected,
    SendUncertain,
    Sent,
    TemplateContent,
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
from casella.plugin.testing.subject import STATUS_URL, AnyConnection
from casella_sms.twilio.settings import TwilioSettings
from casella_sms.twilio_channels.channel import TwilioRcsChannel, TwilioWhatsAppChannel
from tests.plugins.sms.builders import ACCOUNT, NOON, OURS, THEIRS, TOKEN, signature_of

SETTINGS: dict[str, object] = {"provider": "twilio", "account_sid": ACCOUNT, "auth_token": TOKEN}
MESSAGES_URL = f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
CONTENTS_URL = "https://content.twilio.com/v1/ContentAndApprovals?PageSize=100"
HX = "HX" + "0a" * 16
PLUGIN = TwilioWhatsAppChannel()
IMAGE = OutgoingAttachment("https://desk.example/files/x9", "image", "image/jpeg", 40_000, "roof.jpg")
USER_ID = "US.20000000000000000001"


def sid(number: int) -> str:
    return f"SM{number:032x}"


def inbound(number: int, **changes: str) -> dict[str, str]:
    whole = {
        "MessageSid": sid(number),
        "AccountSid": ACCOUNT,
        "SmsStatus": "received",
        "NumMedia": "0",
        "Body": "Hello",
        "From": f"whatsapp:{THEIRS}",
        "To": f"whatsapp:{OURS}",
        "WaId": THEIRS[1:],
        "ProfileName": "Lea",
        "ExternalUserId": USER_ID,
        "MessageType": "text",
        "ApiVersion": "2010-04-01",
    }
    return {**whole, **changes}


def received(number: int, text: str = "Hello", **changes: object) -> MessageReceived:
    values = {
        "channel_address": OURS,
        "contact_address": THEIRS,
        "external_id": sid(number),
        "text": text,
        "contact_name": "Lea",
        "aliases": (USER_ID,),
    }
    return MessageReceived.model_validate({**values, **changes})


def status(number: int, value: str, **changes: str) -> dict[str, str]:
    whole = {"MessageSid": sid(number), "MessageStatus": value, "AccountSid": ACCOUNT}
    return {**whole, "From": f"whatsapp:{OURS}", "To": f"whatsapp:{THEIRS}", **changes}


def failed(label: str, http_status: int, code: int, error: type[Exception], **limits: object) -> SendCase:
    answer = Answer.of_json(http_status, {"code": code, "message": "No", "status": http_status})
    return SendCase(label, answers=(answer,), error=error, provider_code=str(code), **limits)  # type: ignore[arg-type]  # checked by the case


def taken(number: int = 9) -> Answer:
    return Answer.of_json(201, {"sid": sid(number), "status": "queued"})


TEXT = WebhookCase.of_form("a text", inbound(1), events=(received(1),))


class TestTwilioWhatsApp(ChannelConformance):
    plugin = PLUGIN
    settings = SETTINGS
    address, contact = OURS, THEIRS
    signature_headers = ("x-twilio-signature",)

    webhooks = (
        TEXT,
        WebhookCase.of_form(
            "a button that quotes",
            inbound(2, Body="Yes", MessageType="button", ButtonText="Yes", ButtonPayload="YES",
                    OriginalRepliedMessageSid=sid(1)),
            events=(received(2, "Yes", message_kind="button", reply_to=sid(1), metadata={"payload": "YES"}),),
        ),
        WebhookCase.of_form(
            "a picture",
            inbound(3, Body="", MessageType="image", NumMedia="1", MediaUrl0="https://api.twilio.com/m/1",
                    MediaContentType0="image/jpeg"),
            events=(
                received(3, "", message_kind="image",
                         attachments=[MediaRef(ref="https://api.twilio.com/m/1", kind="image", mime="image/jpeg")]),
            ),
        ),
        WebhookCase.of_form(
            "a read mark",
            status(4, "read", EventType="READ"),
            events=(
                MessageStatusChanged(channel_address=OURS, contact_address=THEIRS, external_id=sid(4), status="read"),
            ),
        ),
        WebhookCase.of_form(
            "outside the window",
            status(5, "undelivered", ErrorCode="63016"),
            events=(
                MessageStatusChanged(
                    channel_address=OURS, contact_address=THEIRS, external_id=sid(5), status="failed",
                    problem=DeliveryProblem(
                        code="63016", text="More than 24 hours have passed: only a template may be sent.",
                        outside_window=True,
                    ),
                ),
            ),
        ),
        TEXT.refused("not signed", 403, signed=False),
    )  # fmt: skip

    sends = (
        SendCase(
            "a text",
            answers=(taken(),),
            sent=Sent(sid(9)),
            requests=(
                ExpectedRequest(
                    MESSAGES_URL,
                    form={
                        "To": f"whatsapp:{THEIRS}",
                        "From": f"whatsapp:{OURS}",
                        "Body": "Hello",
                        "StatusCallback": STATUS_URL,
                    },
                ),
            ),
        ),
        failed("outside the window", 400, 63016, OutsideReplyWindow),
        failed("opted out", 400, 21610, ContactStopped),
        failed("a template nobody knows", 400, 21655, SendRejected),
        SendCase(
            "throttled", answers=(Answer(429, headers={"retry-after": "7"}),), error=ChannelThrottled, retry_after=7.0
        ),
        SendCase("cut short", answers=(Answer.broken(httpx.ReadTimeout),), error=SendUncertain),
        SendCase("not reached", answers=(Answer.broken(httpx.ConnectError),), error=ChannelUnreachable),
    )

    def sign(self, connection: AnyConnection, webhook: Webhook) -> Webhook:
        settings = connection.settings
        assert isinstance(settings, TwilioSettings)
        pairs = parse_qsl(webhook.body.decode("utf-8", "replace"), keep_blank_values=True)
        signature = signature_of(webhook.url, pairs, settings.auth_token.get_secret_value())
        return with_headers(webhook, {"x-twilio-signature": signature})


def channel() -> Channel[TwilioSettings]:
    return Channel("c-1", OURS, Connection("wa", TwilioSettings.model_validate(SETTINGS), "https://desk.example/w"))


def message(**more: object) -> OutgoingMessage:
    values: dict[str, object] = {"id": "m-1", "to": THEIRS, "text": "", "status_url": STATUS_URL, **more}
    return OutgoingMessage(**values)  # type: ignore[arg-type]  # a short way to write tests


def sent(answers: tuple[Answer, ...], **more: object) -> dict[str, str]:
    """The fields of the last request."""
    provider = Provider(answers)
    with provider.client() as http:
        PLUGIN.send(channel(), message(**more), http)
    return dict(parse_qsl(provider.requests[-1].content.decode()))


def hear(**changes: str) -> list[object]:
    body = "&".join(f"{name}={value.replace('+', '%2B')}" for name, value in inbound(7, **changes).items())
    webhook = Webhook("POST", "https://desk.example/w", "", {}, body.encode(), NOON)
    return list(PLUGIN.translate(channel().connection, webhook))


def test_a_template_goes_by_its_content_sid() -> None:
    content = TemplateContent(name=HX, language="en", body=("Lea", "noon"))
    fields = sent((taken(),), content=content)
    assert fields["ContentSid"] == HX
    assert orjson.loads(fields["ContentVariables"]) == {"1": "Lea", "2": "noon"}
    assert "Body" not in fields


CONTENTS = {
    "meta": {"next_page_url": None},
    "contents": [
        {"sid": "HX" + "1" * 32, "friendly_name": "order_ready", "language": "it", "types": {}},
        {
            "sid": HX,
            "friendly_name": "order_ready",
            "language": "en",
            "types": {"twilio/text": {"body": "Hello {{1}}, at {{2}}."}},
            "approval_requests": {"status": "approved", "category": "UTILITY", "rejection_reason": ""},
        },
    ],
}


def test_a_template_is_found_by_its_name_and_language() -> None:
    answers = (Answer.of_json(200, CONTENTS), taken())
    assert sent(answers, content=TemplateContent(name="order_ready", language="en"))["ContentSid"] == HX
    with Provider((Answer.of_json(200, CONTENTS),)).client() as http, pytest.raises(SendRejected):
        PLUGIN.send(channel(), message(content=TemplateContent(name="other", language="en")), http)


def test_templates_are_listed_with_their_approval() -> None:
    provider = Provider((Answer.of_json(200, CONTENTS),))
    with provider.client() as http:
        listed = PLUGIN.templates(channel(), http)
    assert str(provider.requests[0].url) == CONTENTS_URL
    assert [(one.language, one.state, one.category, one.variables) for one in listed] == [
        ("it", "other", "", 0),
        ("en", "approved", "UTILITY", 2),
    ]


def test_a_place_and_a_file() -> None:
    place = LocationContent(latitude=45.07, longitude=7.69, name="Shop|1")
    assert sent((taken(),), content=place)["PersistentAction"] == "geo:45.070000,7.690000|Shop 1"
    assert sent((taken(),), text="this", attachments=(IMAGE,))["MediaUrl"] == IMAGE.url


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"MessageType": "location", "Latitude": "45.07", "Longitude": "7.69", "Label": "Shop", "Body": ""},
         {"message_kind": "location", "text": "Shop"}),
        ({"Forwarded": "true"}, {"metadata": {"forwarded": "yes"}}),
        ({"MessageType": "interactive", "ListId": "2", "ListTitle": "Two", "Body": ""},
         {"message_kind": "interactive", "text": "Two", "metadata": {"payload": "2", "list_title": "Two"}}),
        ({"From": f"whatsapp:{USER_ID}", "WaId": ""}, {"contact_address": USER_ID, "aliases": ()}),
        ({"InteractiveData": "%7B%22size%22%3A%22M%22%7D", "Body": "Sent"}, {"text": "Sent\nsize: M"}),
        ({"Body": ""}, {"message_kind": "unsupported"}),
    ],
)  # fmt: skip
def test_what_whatsapp_says_through_twilio(changes: dict[str, str], expected: dict[str, object]) -> None:
    [event] = hear(**changes)
    assert isinstance(event, MessageReceived)
    assert event.model_dump(include=set(expected)) == expected


def test_reactions_and_advertisements() -> None:
    [reaction] = hear(MessageType="reaction", Body="x", OriginalRepliedMessageSid=sid(1))
    assert isinstance(reaction, ReactionChanged)
    assert reaction.external_id == sid(1)
    referral, event = hear(ReferralHeadline="Shoes", ReferralSourceId="9", ReferralCtwaClid="CLID1")
    assert isinstance(referral, Referral)
    assert isinstance(event, MessageReceived)
    assert event.metadata == {"ad": "9", "ad_headline": "Shoes", "ad_click": "CLID1"}


def test_what_is_of_another_channel_is_only_kept() -> None:
    [event] = hear(From=THEIRS, To=OURS)
    assert isinstance(event, Unsupported)


def test_rcs_comes_by_the_same_door() -> None:
    plugin = TwilioRcsChannel()
    provider = Provider((taken(),))
    link = Channel("c-2", "brand_agent", channel().connection)
    with provider.client() as http:
        plugin.send(link, message(text="Hi"), http)
    fields = dict(parse_qsl(provider.requests[0].content.decode()))
    assert (fields["To"], fields["From"]) == (f"rcs:{THEIRS}", "rcs:brand_agent")
    assert plugin.capabilities.reply_window is None
