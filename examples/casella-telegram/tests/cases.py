"""What Telegram sends and answers, and what it must give: the tables of the conformance kit. Updates are written as the
Bot API's reference shows them, with values of our own."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import httpx

from casella.plugin import (
    ButtonsContent,
    ChannelMisconfigured,
    ChannelThrottled,
    ChannelUnreachable,
    Choice,
    ConsentChanged,
    ContactStopped,
    MediaRef,
    MessageEdited,
    MessageReceived,
    OutgoingAttachment,
    ReactionChanged,
    ReactionContent,
    SendRejected,
    SendUncertain,
    Sent,
    Unsupported,
)
from casella.plugin.testing import Answer, ExpectedRequest, SendCase, WebhookCase

BOT, ADA = "123456789", "5550001"
TOKEN, SECRET = f"{BOT}:AAF-the_token_of_the_tests", "a-secret_of_the_tests"
SETTINGS = {"token": TOKEN, "webhook_secret": SECRET}
WHO = {"channel_address": BOT, "contact_address": ADA}
AT = 1_795_000_000
THEN = datetime.fromtimestamp(AT, UTC)
CHAT = {"id": int(ADA), "type": "private", "first_name": "Ada", "last_name": "Lovelace"}
SENDER = {"id": int(ADA), "is_bot": False, "first_name": "Ada", "last_name": "Lovelace", "language_code": "it"}
NAMED: dict[str, Any] = {**WHO, "provider_time": THEN, "contact_name": "Ada Lovelace", "metadata": {"language": "it"}}


def message(number: int, **parts: object) -> dict[str, object]:
    return {"message_id": number, "from": SENDER, "chat": CHAT, "date": AT, **parts}


def update(number: int, **parts: object) -> dict[str, object]:
    return {"update_id": 900_000 + number, **parts}


def received(label: str, number: int, parts: dict[str, object], **expected: Any) -> WebhookCase:
    fields = {**NAMED, "external_id": f"{ADA}:{number}", **expected}
    fields["metadata"] = {**expected.get("metadata", {}), "language": "it"}
    return WebhookCase.of_json(
        label, update(number, message=message(number, **parts)), events=(MessageReceived(**fields),)
    )


def file(kind: str, ref: str, mime: str, **more: Any) -> dict[str, Any]:
    return {"message_kind": kind, "attachments": (MediaRef(ref=ref, kind=kind, mime=mime, **more),)}


HELLO = received("a text", 1, {"text": "Hello"}, text="Hello")
PHOTO = [
    {"file_id": "small", "file_unique_id": "s", "width": 90, "height": 60, "file_size": 1000},
    {"file_id": "AgACbig", "file_unique_id": "b", "width": 1280, "height": 853, "file_size": 98_765},
]
SEVEN = {"text": "Seven", "callback_data": "order-7"}
WEBHOOKS = (
    HELLO,
    received(
        "a link behind a word, after an emoji",
        2,
        {
            "text": "🙂 see here!",
            "entities": [
                {"type": "bold", "offset": 3, "length": 3},
                {"type": "text_link", "offset": 7, "length": 4, "url": "https://shop.example/a"},
            ],
        },
        text="🙂 see here (https://shop.example/a)!",
    ),
    received(
        "a picture with a caption",
        3,
        {"photo": PHOTO, "caption": "The roof"},
        text="The roof",
        **file("image", "AgACbig", "image/jpeg", size=98_765),
    ),
    received(
        "a voice note",
        4,
        {"voice": {"file_id": "AwACvoice", "duration": 3, "mime_type": "audio/ogg", "file_size": 4000}},
        **file("voice", "AwACvoice", "audio/ogg", size=4000),
    ),
    received(
        "a document in an album",
        5,
        {
            "document": {"file_id": "BQACdoc", "file_name": "a.pdf", "mime_type": "application/pdf"},
            "media_group_id": "7",
        },
        metadata={"album": "7"},
        **file("document", "BQACdoc", "application/pdf", name="a.pdf"),
    ),
    received(
        "a sticker",
        6,
        {"sticker": {"file_id": "CAACst", "is_animated": False}},
        **file("sticker", "CAACst", "image/webp"),
    ),
    received(
        "a place",
        7,
        {"location": {"latitude": 45.4642, "longitude": 9.19}},
        message_kind="location",
        text="45.464200, 9.190000",
        metadata={"latitude": "45.464200", "longitude": "9.190000"},
    ),
    received(
        "a contact",
        8,
        {"contact": {"phone_number": "+39055500001", "first_name": "Bert"}},
        message_kind="contacts",
        text="Bert, +39055500001",
    ),
    received("a quoted reply", 9, {"text": "Yes", "reply_to_message": message(1)}, text="Yes", reply_to=f"{ADA}:1"),
    received("something newer than this plugin", 10, {"dice": {"value": 6}}, message_kind="unsupported"),
    WebhookCase.of_json(
        "an edit",
        update(11, edited_message=message(1, edit_date=AT + 5, text="Hello there")),
        events=(
            MessageEdited(
                **WHO,
                provider_time=datetime.fromtimestamp(AT + 5, UTC),
                external_id=f"{ADA}:1",
                text="Hello there",
            ),
        ),
    ),
    dataclasses.replace(
        WebhookCase.of_json(
            "a pressed button",
            update(
                12,
                callback_query={
                    "id": "4382bfdwdsb323b2d9",
                    "from": SENDER,
                    "data": "order-7",
                    "message": message(20, text="Which?", reply_markup={"inline_keyboard": [[SEVEN]]}),
                },
            ),
            events=(
                MessageReceived(
                    **WHO,
                    external_id="button:4382bfdwdsb323b2d9",
                    message_kind="button",
                    text="Seven",
                    contact_name="Ada Lovelace",
                    reply_to=f"{ADA}:20",
                    metadata={"payload": "order-7"},
                ),
            ),
        ),
        answer=b'{"method":"answerCallbackQuery","callback_query_id":"4382bfdwdsb323b2d9"}',
    ),
    WebhookCase.of_json(
        "a reaction",
        update(
            13,
            message_reaction={
                "chat": CHAT, "message_id": 20, "user": SENDER, "date": AT,
                "old_reaction": [], "new_reaction": [{"type": "emoji", "emoji": "👍"}],
            },
        ),
        events=(ReactionChanged(**WHO, provider_time=THEN, external_id=f"{ADA}:20", emoji="👍"),),
    ),
    WebhookCase.of_json(
        "somebody blocks the bot",
        update(14, my_chat_member={"chat": CHAT, "date": AT, "new_chat_member": {"status": "kicked"}}),
        events=(
            ConsentChanged(
                **WHO,
                provider_time=THEN,
                state="opted_out",
                source="provider",
                evidence="kicked",
                external_id="update:900014",
            ),
        ),
    ),
    WebhookCase.of_json(
        "a group",
        update(15, message={**message(15, text="Hi all"), "chat": {"id": -100, "type": "group"}}),
        events=(Unsupported(channel_address=BOT, contact_address="-100", what="group_message"),),
    ),
    WebhookCase.of_json(
        "a kind of update nobody asked for",
        update(16, poll={"id": "1"}),
        events=(Unsupported(channel_address=BOT, contact_address="", what="poll", raw="900016"),),
    ),
    HELLO.refused("without the secret", 403, signed=False),
    WebhookCase.of_json("no update", {"message": {}}).refused("no update", 400),
)  # fmt: skip


def taken(number: int) -> Answer:
    return Answer.of_json(200, {"ok": True, "result": {"message_id": number, "chat": CHAT, "date": AT}})


def refused(status: int, description: str, **parameters: int) -> Answer:
    document = {"ok": False, "error_code": status, "description": description}
    return Answer.of_json(status, {**document, **({"parameters": parameters} if parameters else {})})


def at(method: str, document: dict[str, object]) -> ExpectedRequest:
    """What logs may show of the address: the bot's number, not its token."""
    return ExpectedRequest(f"https://api.telegram.org/bot{BOT}/{method}", json={"chat_id": int(ADA), **document})


PICTURE = OutgoingAttachment("https://desk.example/files/x9", "image", "image/png", 4000, "roof.png")
UPLOAD = OutgoingAttachment(PICTURE.url, "voice", "audio/ogg", 5, "a.ogg", lambda: BytesIO(b"OggS1"))
QUOTE: dict[str, object] = {"reply_parameters": {"message_id": 1, "allow_sending_without_reply": True}}
KEYBOARD = {"inline_keyboard": [[{"text": "Yes", "callback_data": "y"}], [{"text": "No", "callback_data": "n"}]]}
SENDS = (
    SendCase(
        "a text",
        answers=(taken(30),),
        sent=Sent(f"{ADA}:30"),
        requests=(at("sendMessage", {"text": "Hello"}),),
    ),
    SendCase(
        "a quoted reply",
        reply_to=f"{ADA}:1",
        answers=(taken(31),),
        sent=Sent(f"{ADA}:31"),
        requests=(at("sendMessage", {"text": "Hello", **QUOTE}),),
    ),
    SendCase(
        "a picture that Telegram fetches",
        attachments=(PICTURE,),
        answers=(taken(32),),
        sent=Sent(f"{ADA}:32"),
        requests=(at("sendPhoto", {"photo": PICTURE.url, "caption": "Hello"}),),
    ),
    SendCase("a voice note that is uploaded", attachments=(UPLOAD,), answers=(taken(33),), sent=Sent(f"{ADA}:33")),
    SendCase(
        "throttled",
        answers=(refused(429, "Too Many Requests: retry after 7", retry_after=7),),
        error=ChannelThrottled,
        retry_after=7.0,
    ),
    SendCase("blocked", answers=(refused(403, "Forbidden: bot was blocked by the user"),), error=ContactStopped),
    SendCase("a wrong token", answers=(refused(401, "Unauthorized"),), error=ChannelMisconfigured),
    SendCase("nobody there", answers=(refused(400, "Bad Request: chat not found"),), error=SendRejected),
    SendCase("too long", answers=(refused(400, "Bad Request: message is too long"),), error=SendRejected),
    SendCase("a fault at Telegram", answers=(refused(502, "Bad Gateway"),), error=SendUncertain),
    SendCase("taken, but which", answers=(Answer.of_json(200, {"ok": True, "result": True}),), error=SendUncertain),
    SendCase("not reached", answers=(Answer.broken(httpx.ConnectError),), error=ChannelUnreachable),
)
BUTTONS = ButtonsContent(choices=(Choice(id="y", title="Yes"), Choice(id="n", title="No")))
THUMB = ReactionContent(emoji="👍")
