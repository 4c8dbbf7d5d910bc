"""casella_whatsapp under the conformance kit: the case tables of a Cloud API connection."""

from __future__ import annotations

import httpx

from casella.plugin import (
    AddressChanged,
    ChannelMisconfigured,
    ChannelSuspect,
    ChannelThrottled,
    ChannelUnreachable,
    ContactThrottled,
    DeliveryProblem,
    MediaRef,
    MessageDeleted,
    MessageEchoed,
    MessageEdited,
    MessageReceived,
    MessageStatusChanged,
    OutgoingAttachment,
    OutsideReplyWindow,
    ReactionChanged,
    Referral,
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
    SendCase,
    WebhookCase,
    with_headers,
)
from casella.plugin.testing.subject import AnyConnection
from casella_whatsapp.channel import WhatsAppChannel
from casella_whatsapp.settings import WhatsAppSettings
from tests.plugins.whatsapp.builders import (
    CONTACT,
    OURS,
    PHONE_ID,
    SECOND,
    SECOND_ID,
    SETTINGS,
    THEIRS,
    THEN,
    TOKEN,
    USER_ID,
    body,
    message,
    said,
    signature_of,
    status,
    update,
)

WHO = {"channel_address": OURS, "contact_address": THEIRS, "provider_time": THEN}
MESSAGES_URL = f"https://graph.facebook.com/v25.0/{PHONE_ID}/messages"
IMAGE = OutgoingAttachment("https://desk.example/files/x9", "image", "image/jpeg", 40_000, "roof.jpg")
VOICE = OutgoingAttachment("https://desk.example/files/v1", "voice", "audio/ogg", 9_000, "note.ogg")
PAPER = OutgoingAttachment("https://desk.example/files/p1", "document", "application/pdf", 9_000, "offer.pdf")
TAKEN = Answer.of_json(
    200,
    {
        "messaging_product": "whatsapp",
        "contacts": [{"input": THEIRS[1:], "wa_id": THEIRS[1:]}],
        "messages": [{"id": "wamid.NEW"}],
    },
)


def received(text: str = "", kind: str = "text", id: str = "wamid.IN1", **more: object) -> MessageReceived:
    values = {
        **WHO,
        "external_id": id,
        "text": text,
        "message_kind": kind,
        "contact_name": "Lea",
        "aliases": (USER_ID,),
    }
    return MessageReceived.model_validate({**values, **more})


def media(kind: str, mime: str, id: str = "900100", **more: object) -> tuple[MediaRef, ...]:
    return (MediaRef.model_validate({"ref": id, "kind": kind, "mime": mime, **more}),)


def base(**part: object) -> dict[str, object]:
    return {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": THEIRS[1:],
        "biz_opaque_callback_data": "m-1",
        **part,
    }


def error(code: int, **more: object) -> dict[str, object]:
    return {"error": {"message": f"(#{code}) No", "type": "OAuthException", "code": code, "fbtrace_id": "A", **more}}


def failed(label: str, code: int, raised: type[Exception], status: int = 400, **limits: object) -> SendCase:
    answer = Answer.of_json(status, error(code))
    return SendCase(label, answers=(answer,), error=raised, provider_code=str(code), **limits)  # type: ignore[arg-type]  # a case is checked as it is made


TEXT = WebhookCase.of_json("a text", said("text", text={"body": "Grüße 😀"}), events=(received("Grüße 😀"),))


class TestWhatsAppChannel(ChannelConformance):
    plugin = WhatsAppChannel()
    settings = SETTINGS
    address, contact = OURS, THEIRS
    signature_headers = ("x-hub-signature-256",)
    media_answers = (Answer.of_json(200, {"url": "https://lookaside.fbsbx.com/whatsapp/1", "id": "900100"}),)

    webhooks = (
        TEXT,
        WebhookCase.of_json(
            "a picture with a caption and a quote",
            said(
                "image",
                "wamid.IN2",
                context={"from": OURS[1:], "id": "wamid.OURS"},
                image={"caption": "this", "mime_type": "image/jpeg", "sha256": "x", "id": "900100", "url": "https://l"},
            ),
            events=(
                received(
                    "this", "image", id="wamid.IN2", attachments=media("image", "image/jpeg"), reply_to="wamid.OURS"
                ),
            ),
        ),
        WebhookCase.of_json(
            "a voice note, forwarded",
            said(
                "audio",
                "wamid.IN3",
                context={"forwarded": True},
                audio={"mime_type": "audio/ogg; codecs=opus", "id": "900100", "voice": True},
            ),
            events=(
                received(
                    "", "voice", id="wamid.IN3", attachments=media("voice", "audio/ogg"), metadata={"forwarded": "yes"}
                ),
            ),
        ),
        WebhookCase.of_json(
            "a place",
            said("location", "wamid.IN4", location={"latitude": 45.07, "longitude": 7.69, "name": "Shop"}),
            events=(
                received(
                    "Shop",
                    "location",
                    id="wamid.IN4",
                    metadata={"latitude": "45.07", "longitude": "7.69", "name": "Shop"},
                ),
            ),
        ),
        WebhookCase.of_json(
            "a reaction",
            said("reaction", "wamid.IN5", reaction={"message_id": "wamid.OURS", "emoji": "👍"}),
            events=(ReactionChanged(**WHO, external_id="wamid.OURS", emoji="👍", revision="wamid.IN5"),),
        ),
        WebhookCase.of_json(
            "a button",
            said(
                "interactive",
                "wamid.IN6",
                interactive={"type": "button_reply", "button_reply": {"id": "SIZE_M", "title": "M"}},
            ),
            events=(received("M", "button", id="wamid.IN6", metadata={"payload": "SIZE_M"}),),
        ),
        WebhookCase.of_json(
            "an edit",
            said(
                "edit",
                "wamid.IN7",
                edit={"original_message_id": "wamid.A7", "message": {"type": "text", "text": {"body": "b"}}},
            ),
            events=(MessageEdited(**WHO, external_id="wamid.A7", text="b", revision="wamid.IN7"),),
        ),
        WebhookCase.of_json(
            "a revoke",
            said("revoke", "wamid.IN8", revoke={"original_message_id": "wamid.A8"}),
            events=(MessageDeleted(**WHO, external_id="wamid.A8"),),
        ),
        WebhookCase.of_json(
            "a new number",
            said(
                "system",
                "wamid.IN9",
                system={"type": "user_changed_number", "wa_id": "4915550100999", "body": "changed"},
            ),
            events=(AddressChanged(**WHO, new_address="+4915550100999", aliases=(THEIRS, USER_ID)),),
        ),
        WebhookCase.of_json(
            "an advertisement",
            said(
                "text",
                "wamid.IN10",
                text={"body": "Hi"},
                referral={"source_type": "ad", "source_id": "9", "headline": "Shoes"},
            ),
            events=(
                Referral(**WHO, source="ad", text="Shoes"),
                received("Hi", id="wamid.IN10", metadata={"ad": "9", "ad_kind": "ad", "ad_headline": "Shoes"}),
            ),
        ),
        WebhookCase.of_json(
            "a kind nobody knows",
            said("hologram", "wamid.IN11", hologram={"x": 1}),
            events=(received("x: 1", "unsupported", id="wamid.IN11", metadata={"kind": "hologram"}),),
        ),
        WebhookCase.of_json(
            "two numbers in one request",
            body(
                update(contacts=[CONTACT], messages=[message("text", "wamid.IN12", text={"body": "one"})]),
                update(phone_id=SECOND_ID, statuses=[status("read", "wamid.O12")]),
            ),
            events=(
                received("one", id="wamid.IN12"),
                MessageStatusChanged(
                    channel_address=SECOND,
                    contact_address=THEIRS,
                    provider_time=THEN,
                    external_id="wamid.O12",
                    status="read",
                ),
            ),
        ),
        WebhookCase.of_json(
            "a failure, with our own id",
            body(
                update(
                    statuses=[status("failed", "wamid.O13", biz_opaque_callback_data="m-7", errors=[{"code": 131047}])]
                )
            ),
            events=(
                MessageStatusChanged(
                    **WHO,
                    external_id="wamid.O13",
                    status="failed",
                    message_id="m-7",
                    problem=DeliveryProblem(
                        code="131047",
                        text="More than 24 hours have passed since the contact wrote: send a template.",
                        outside_window=True,
                    ),
                ),
            ),
        ),
        WebhookCase.of_json(
            "an echo of the Business app",
            body(
                update(
                    "smb_message_echoes",
                    message_echoes=[
                        {
                            "from": OURS[1:],
                            "to": THEIRS[1:],
                            "id": "wamid.E",
                            "timestamp": "1789387200",
                            "type": "text",
                            "text": {"body": "Open"},
                        }
                    ],
                )
            ),
            events=(MessageEchoed(**WHO, external_id="wamid.E", text="Open"),),
        ),
        WebhookCase.of_json(
            "of another product",
            {"object": "page", "entry": []},
            events=(
                Unsupported(
                    channel_address="", contact_address="", what="A webhook of another product of Meta.", raw="page"
                ),
            ),
        ),
        TEXT.refused("not signed", 403, signed=False),
        WebhookCase(
            "the handshake",
            method="GET",
            query="hub.mode=subscribe&hub.challenge=11582&hub.verify_token=verify-token-of-the-test",
            outcome="answered",
            status=200,
            answer=b"11582",
        ),
        WebhookCase(
            "a handshake with a wrong token",
            method="GET",
            query="hub.mode=subscribe&hub.challenge=11582&hub.verify_token=guess",
            outcome="refused",
            status=403,
        ),
    )

    sends = (
        SendCase(
            "a text that quotes",
            reply_to="wamid.AAA",
            answers=(TAKEN,),
            sent=Sent("wamid.NEW"),
            requests=(
                ExpectedRequest(
                    MESSAGES_URL,
                    json=base(
                        type="text", text={"body": "Hello", "preview_url": False}, context={"message_id": "wamid.AAA"}
                    ),
                    headers={"authorization": f"Bearer {TOKEN}"},
                ),
            ),
        ),
        SendCase(
            "a picture with a caption",
            text="this",
            attachments=(IMAGE,),
            answers=(TAKEN,),
            sent=Sent("wamid.NEW"),
            requests=(
                ExpectedRequest(MESSAGES_URL, json=base(type="image", image={"link": IMAGE.url, "caption": "this"})),
            ),
        ),
        SendCase(
            "a voice note",
            text="",
            attachments=(VOICE,),
            answers=(TAKEN,),
            sent=Sent("wamid.NEW"),
            requests=(
                ExpectedRequest(MESSAGES_URL, json=base(type="audio", audio={"link": VOICE.url, "voice": True})),
            ),
        ),
        SendCase(
            "a document",
            text="",
            attachments=(PAPER,),
            answers=(TAKEN,),
            sent=Sent("wamid.NEW"),
            requests=(
                ExpectedRequest(
                    MESSAGES_URL, json=base(type="document", document={"link": PAPER.url, "filename": "offer.pdf"})
                ),
            ),
        ),
        failed("outside the window", 131047, OutsideReplyWindow),
        failed("undeliverable", 131026, SendRejected),
        failed("too many for this contact", 131056, ContactThrottled, retry_after=6.0),
        failed("too fast", 130429, ChannelThrottled, retry_after=5.0),
        failed("a dead token", 190, ChannelMisconfigured, status=401),
        failed("a permission missing", 200, ChannelSuspect, status=403),
        failed("a problem with the payment", 131042, ChannelMisconfigured),
        failed("out of order for a moment", 131000, ChannelUnreachable, status=500, max_attempts=4),
        failed("a code nobody knows", 999999, SendRejected),
        SendCase("a server error without words", answers=(Answer(502, b"<html>"),), error=SendUncertain),
        SendCase("taken, but which", answers=(Answer(200, b"{}"),), error=SendUncertain),
        SendCase("cut short", answers=(Answer.broken(httpx.ReadTimeout),), error=SendUncertain),
        SendCase("not reached", answers=(Answer.broken(httpx.ConnectError),), error=ChannelUnreachable),
    )

    def sign(self, connection: AnyConnection, webhook: Webhook) -> Webhook:
        settings = connection.settings
        assert isinstance(settings, WhatsAppSettings)
        secret = settings.app_secret.get_secret_value()
        return with_headers(webhook, {"x-hub-signature-256": signature_of(webhook.body, secret)})
