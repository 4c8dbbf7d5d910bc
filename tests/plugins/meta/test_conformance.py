"""casella_meta under the conformance kit: the case tables of a page and of an Instagram account."""

from __future__ import annotations

import httpx

from casella.plugin import (
    ChannelMisconfigured,
    ChannelThrottled,
    ChannelUnreachable,
    DeliveredSeen,
    MediaRef,
    MessageDeleted,
    MessageEchoed,
    MessageEdited,
    MessageReceived,
    MessageStatusChanged,
    OutgoingAttachment,
    OutsideReplyWindow,
    ReactionChanged,
    ReadSeen,
    SendRejected,
    SendUncertain,
    Sent,
    Webhook,
)
from casella.plugin.testing import Answer, ChannelConformance, ExpectedRequest, SendCase, WebhookCase, with_headers
from casella.plugin.testing.subject import AnyConnection
from casella_meta.channel import InstagramChannel, MessengerChannel
from tests.plugins.meta.builders import (
    ACCOUNT,
    AT,
    FOLLOWER,
    INSTAGRAM_SETTINGS,
    MESSENGER_SETTINGS,
    OTHER_PAGE,
    PAGE,
    PERSON,
    THEN,
    TOKEN,
    echo,
    entry,
    instagram_body,
    page_body,
    secret_of,
    signature_of,
    update,
)

ON_PAGE = {"channel_address": PAGE, "contact_address": PERSON, "provider_time": THEN}
ON_INSTAGRAM = {"channel_address": ACCOUNT, "contact_address": FOLLOWER, "provider_time": THEN}
CDN = "https://scontent.xx.fbcdn.net/v/1.jpg?oh=1"
PICTURE = MediaRef(ref=CDN, kind="image", mime="image/jpeg")
IMAGE = OutgoingAttachment("https://desk.example/files/x9", "image", "image/jpeg", 40_000, "roof.jpg")
PAPER = OutgoingAttachment("https://desk.example/files/p1", "document", "application/pdf", 9_000, "offer.pdf")
TAKEN = Answer.of_json(200, {"recipient_id": PERSON, "message_id": "m_S1"})
PAGE_URL = f"https://graph.facebook.com/v25.0/{PAGE}/messages"
ME_URL = "https://graph.facebook.com/v25.0/me/messages"


def on_page(label: str, *updates: object, events: tuple[object, ...]) -> WebhookCase:
    return WebhookCase.of_json(label, page_body(entry(*updates)), events=events)  # type: ignore[arg-type]  # a case is checked as it is made


def on_instagram(label: str, what: dict[str, object], *events: object) -> WebhookCase:
    document = instagram_body(update(ACCOUNT, FOLLOWER, **what))
    return WebhookCase.of_json(label, document, events=events)  # type: ignore[arg-type]  # a case is checked as it is made


def failed(label: str, code: int, subcode: int | None, raised: type[Exception], **limits: object) -> SendCase:
    error = {"message": f"(#{code}) No", "type": "OAuthException", "code": code, "fbtrace_id": "A"}
    answer = Answer.of_json(400, {"error": {**error, **({"error_subcode": subcode} if subcode else {})}})
    return SendCase(label, answers=(answer,), error=raised, **limits)  # type: ignore[arg-type]  # a case is checked as it is made


TEXT = on_page(
    "a text",
    update(message={"mid": "m_1", "text": "café 🚀"}),
    events=(MessageReceived(**ON_PAGE, external_id="m_1", text="café 🚀"),),
)
FAILURES = (
    failed("behind the window", 10, 2018278, OutsideReplyWindow, provider_code="10/2018278"),
    failed("behind the window of Instagram", 10, 2534022, OutsideReplyWindow),
    failed("restricted", 10, 1893063, ChannelMisconfigured),
    failed("a person who is away", 551, None, SendRejected, provider_code="551"),
    failed("nobody", 100, 2018001, SendRejected),
    failed("too fast", 613, None, ChannelThrottled, retry_after=10.0),
    failed("out of order for a moment", 2, None, ChannelUnreachable, max_attempts=3),
    failed("a broken answer, perhaps delivered", 1, 1357046, SendUncertain),
    failed("a dead token", 190, 463, ChannelMisconfigured, provider_code="190/463"),
    failed("blocked for a policy", 368, None, ChannelMisconfigured),
    SendCase("a server error without words", answers=(Answer(502, b"<html>"),), error=SendUncertain),
    SendCase("taken, but which", answers=(Answer(200, b"{}"),), error=SendUncertain),
    SendCase("cut short", answers=(Answer.broken(httpx.ReadTimeout),), error=SendUncertain),
    SendCase("not reached", answers=(Answer.broken(httpx.ConnectError),), error=ChannelUnreachable),
)


class _Signed(ChannelConformance):
    signature_headers = ("x-hub-signature-256",)

    def sign(self, connection: AnyConnection, webhook: Webhook) -> Webhook:
        signature = signature_of(webhook.body, secret_of(connection.settings))
        return with_headers(webhook, {"x-hub-signature-256": signature})


class TestMessengerChannel(_Signed):
    plugin = MessengerChannel()
    settings = MESSENGER_SETTINGS
    address, contact = PAGE, PERSON

    webhooks = (
        TEXT,
        on_page(
            "two pictures that quote",
            update(message={"mid": "m_2", "reply_to": {"mid": "m_0"}, "attachments": [
                {"type": "image", "payload": {"url": CDN}}, {"type": "image", "payload": {"url": CDN}}]}),
            events=(
                MessageReceived(
                    **ON_PAGE, external_id="m_2", message_kind="image", attachments=(PICTURE, PICTURE), reply_to="m_0"
                ),
            ),
        ),
        on_page(
            "a quick reply",
            update(message={"mid": "m_3", "text": "M", "quick_reply": {"payload": "SIZE_M"}}),
            events=(
                MessageReceived(
                    **ON_PAGE, external_id="m_3", message_kind="button", text="M", metadata={"payload": "SIZE_M"}
                ),
            ),
        ),
        on_page(
            "an echo of ours",
            echo(mid="m_4", text="Hi", metadata="m-77", app_id=26390203743090),
            events=(
                MessageEchoed(
                    **ON_PAGE, external_id="m_4", text="Hi", message_id="m-77", metadata={"app": "26390203743090"}
                ),
            ),
        ),
        on_page(
            "delivered, without ids",
            update(delivery={"watermark": AT}),
            events=(DeliveredSeen(**ON_PAGE, watermark=THEN),),
        ),
        on_page(
            "delivered, with ids",
            update(delivery={"mids": ["m_5"], "watermark": AT + 1000}),
            events=(
                MessageStatusChanged(**ON_PAGE, external_id="m_5", status="delivered"),
                DeliveredSeen(**ON_PAGE, watermark=THEN.replace(second=1)),
            ),
        ),
        on_page("read", update(read={"watermark": AT}), events=(ReadSeen(**ON_PAGE, watermark=THEN),)),
        on_page(
            "a reaction",
            update(reaction={"mid": "m_4", "action": "react", "reaction": "love", "emoji": "❤"}),
            events=(ReactionChanged(**ON_PAGE, external_id="m_4", emoji="❤", revision=str(AT)),),
        ),
        on_page(
            "a reaction taken back",
            update(reaction={"mid": "m_4", "action": "unreact"}),
            events=(ReactionChanged(**ON_PAGE, external_id="m_4", emoji="", revision=str(AT)),),
        ),
        on_page(
            "an edit",
            update(message_edit={"mid": "m_1", "text": "cafe", "num_edit": 2}),
            events=(MessageEdited(**ON_PAGE, external_id="m_1", text="cafe", revision="2", number=2),),
        ),
        WebhookCase.of_json(
            "two pages, the second in standby",
            page_body(
                entry(update(message={"mid": "m_6", "text": "one"})),
                entry(update(OTHER_PAGE, message={"mid": "m_7", "text": "two"}), page=OTHER_PAGE, name="standby"),
            ),
            events=(
                MessageReceived(**ON_PAGE, external_id="m_6", text="one"),
                MessageReceived(
                    **{**ON_PAGE, "channel_address": OTHER_PAGE}, external_id="m_7", text="two", provider_replies=True,
                    metadata={"standby": "yes"},
                ),
            ),
        ),
        TEXT.refused("not signed", 403, signed=False),
        WebhookCase(
            "the handshake",
            method="GET",
            query="hub.mode=subscribe&hub.challenge=0042&hub.verify_token=verify-token-of-the-test",
            outcome="answered",
            status=200,
            answer=b"0042",
        ),
    )  # fmt: skip

    sends = (
        SendCase(
            "a text that quotes",
            reply_to="m_0",
            answers=(TAKEN,),
            sent=Sent("m_S1"),
            requests=(
                ExpectedRequest(
                    PAGE_URL,
                    json={
                        "recipient": {"id": PERSON},
                        "messaging_type": "RESPONSE",
                        "message": {"metadata": "m-1", "text": "Hello", "reply_to": {"mid": "m_0"}},
                    },
                    headers={"authorization": f"Bearer {TOKEN}"},
                ),
            ),
        ),
        SendCase(
            "a document",
            text="",
            attachments=(PAPER,),
            answers=(TAKEN,),
            sent=Sent("m_S1"),
            requests=(
                ExpectedRequest(
                    PAGE_URL,
                    json={
                        "recipient": {"id": PERSON},
                        "messaging_type": "RESPONSE",
                        "message": {
                            "metadata": "m-1",
                            "attachment": {"type": "file", "payload": {"url": PAPER.url, "is_reusable": False}},
                        },
                    },
                ),
            ),
        ),
        *FAILURES,
    )


class TestInstagramChannel(_Signed):
    plugin = InstagramChannel()
    settings = INSTAGRAM_SETTINGS
    address, contact = ACCOUNT, FOLLOWER

    webhooks = (
        on_instagram(
            "a text",
            {"message": {"mid": "aWd0", "text": "Ciao"}},
            MessageReceived(**ON_INSTAGRAM, external_id="aWd0", text="Ciao"),
        ),
        on_instagram(
            "a reply to a story",
            {"message": {"mid": "aWd1", "text": "love it", "reply_to": {"story": {"url": CDN, "id": "1800"}}}},
            MessageReceived(
                **ON_INSTAGRAM,
                external_id="aWd1",
                message_kind="story_reply",
                text="love it",
                metadata={"story_id": "1800", "story_url": CDN},
            ),
        ),
        on_instagram(
            "a mention in a story",
            {"message": {"mid": "aWd2", "attachments": [{"type": "story_mention", "payload": {"url": CDN}}]}},
            MessageReceived(
                **ON_INSTAGRAM, external_id="aWd2", message_kind="story_mention", metadata={"story_url": CDN}
            ),
        ),
        on_instagram(
            "an unsend",
            {"message": {"mid": "aWd3", "is_deleted": True}},
            MessageDeleted(**ON_INSTAGRAM, external_id="aWd3"),
        ),
        on_instagram(
            "seen",
            {"read": {"mid": "aWd4"}},
            MessageStatusChanged(**ON_INSTAGRAM, external_id="aWd4", status="read", and_earlier=True),
        ),
        on_instagram(
            "an edit that is none",
            {"message_edit": {"mid": "aWd5", "num_edit": 0}},
        ),
        on_instagram(
            "a kind nobody knows",
            {"message": {"mid": "aWd6", "attachments": [{"type": "hologram", "payload": {}}]}},
            MessageReceived(
                **ON_INSTAGRAM, external_id="aWd6", message_kind="unsupported", metadata={"kind": "hologram"}
            ),
        ),
        on_instagram("not signed", {"message": {"mid": "aWd0", "text": "x"}}).refused("not signed", 403, signed=False),
    )

    sends = (
        SendCase(
            "a picture",
            text="",
            attachments=(IMAGE,),
            answers=(TAKEN,),
            sent=Sent("m_S1"),
            requests=(
                ExpectedRequest(
                    ME_URL,
                    json={
                        "recipient": {"id": FOLLOWER},
                        "messaging_type": "RESPONSE",
                        "message": {
                            "metadata": "m-1",
                            "attachment": {"type": "image", "payload": {"url": IMAGE.url, "is_reusable": False}},
                        },
                    },
                ),
            ),
        ),
        *FAILURES,
    )
