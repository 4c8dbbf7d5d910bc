"""Every kind of update, one row each: what Meta writes, and what everybody else reads."""

from __future__ import annotations

import hmac
from hashlib import sha256
from typing import Any

import pytest

from casella.plugin import MessageEchoed, MessageReceived, Referral, Unsupported, Webhook
from casella_meta.contents import say
from tests.plugins.meta.builders import (
    ACCOUNT,
    AT,
    FOLLOWER,
    INSTAGRAM,
    MESSENGER,
    NOON,
    PAGE,
    PERSON,
    URL,
    echo,
    instagram,
    instagram_events,
    messenger,
    page_body,
    page_events,
    update,
    webhook,
)

CDN = "https://scontent.xx.fbcdn.net/v/1"


def part(type: str, **payload: object) -> dict[str, object]:
    return {"type": type, "payload": payload}


@pytest.mark.parametrize(
    ("attachment", "kind", "text", "facts"),
    [
        (part("image", url=CDN), "image", "", {}),
        (part("audio", url=CDN), "audio", "", {}),
        (part("video", url=CDN), "video", "", {}),
        (part("file", url=CDN), "document", "", {}),
        (part("image", url=CDN, sticker_id=369239263222822), "sticker", "", {}),
        ({"type": "like_heart"}, "sticker", "❤", {}),
        (part("location", coordinates={"lat": 45.5, "long": 7}), "location", "45.5, 7",
         {"latitude": "45.5", "longitude": "7"}),
        (part("location"), "unsupported", "", {"kind": "location"}),
        ({"type": "fallback", "url": CDN, "title": "A page", "payload": None}, "text", f"A page\n{CDN}",
         {"url": CDN, "title": "A page", "share": "fallback"}),
        (part("ig_post", url=CDN, title="Shoes"), "share", f"Shoes\n{CDN}",
         {"url": CDN, "title": "Shoes", "share": "ig_post"}),
        (part("reel", url="/reel/7/", reel_video_id="7"), "share", "/reel/7/", {"url": "/reel/7/", "share": "reel"}),
        (part("template"), "unsupported", "", {"kind": "template"}),
        (part("share"), "unsupported", "", {"kind": "share"}),
        (part("ephemeral"), "unsupported", "", {"kind": "ephemeral"}),
        (part("image"), "unsupported", "", {"kind": "image"}),
        ({}, "unsupported", "", {}),
    ],
)  # fmt: skip
def test_an_attachment(attachment: dict[str, object], kind: str, text: str, facts: dict[str, str]) -> None:
    said = say({"attachments": [attachment]})
    assert (said.kind, said.text, said.metadata) == (kind, text, facts)
    assert len(said.attachments) == (kind in {"image", "audio", "video", "document"} or "sticker_id" in str(attachment))


def test_a_sticker_that_comes_twice_is_shown_once() -> None:
    both = [part("image", url=CDN, sticker_id="9"), part("sticker", url=CDN, sticker_id="9")]
    assert [file.kind for file in say({"attachments": both}).attachments] == ["sticker"]
    assert [file.kind for file in say({"attachments": both[:1]}).attachments] == ["sticker"]


def test_text_and_files_come_together() -> None:
    said = say({"text": "look", "attachments": [part("image", url=CDN), part("video", url=CDN)]})
    assert (said.kind, said.text, len(said.attachments)) == ("image", "look", 2)


@pytest.mark.parametrize("message", [{}, {"is_unsupported": True}, {"text": "x", "is_unsupported": True}])
def test_what_cannot_be_shown(message: dict[str, object]) -> None:
    assert say(message).kind == "unsupported"


def test_a_postback_without_an_id_gets_one_that_stays() -> None:
    pressed = update(postback={"title": "Start", "payload": "GO", "referral": {"ref": "ad7", "source": "ADS"}})
    referral, received = page_events(pressed)
    assert isinstance(received, MessageReceived)
    assert (received.message_kind, received.text, received.metadata) == ("button", "Start", {"payload": "GO"})
    assert isinstance(referral, Referral)
    assert (referral.source, referral.text) == ("ad", "ad7")
    assert page_events(pressed)[1].identity == received.identity
    assert page_events({**pressed, "timestamp": AT + 1})[1].identity != received.identity


def test_in_an_echo_the_contact_is_the_recipient() -> None:
    [event] = page_events(echo(mid="m_1", text="Open until 8"))
    assert isinstance(event, MessageEchoed)
    assert (event.contact_address, event.channel_address, event.message_id) == (PERSON, PAGE, None)
    [unmarked] = page_events({**echo(mid="m_2", text="x"), "message": {"mid": "m_2", "text": "x"}})
    assert isinstance(unmarked, MessageEchoed), "whoever the page writes to is the contact, marked or not"


def test_messages_to_oneself_are_nobodys() -> None:
    assert instagram_events(update(ACCOUNT, FOLLOWER, message={"mid": "x", "text": "x", "is_self": True})) == []


def test_somebody_else_owns_the_conversation() -> None:
    [event] = page_events(update(message={"mid": "m_1", "text": "Hi"}), name="standby")
    assert isinstance(event, MessageReceived)
    assert (event.provider_replies, event.metadata) == (True, {"standby": "yes"})


def test_the_consoles_test_button() -> None:
    value = {
        "sender": {"id": FOLLOWER},
        "recipient": {"id": ACCOUNT},
        "timestamp": "1789387200",
        "message": {"mid": "r", "text": "random"},
    }
    document = {"object": "instagram", "entry": [{"id": ACCOUNT, "changes": [{"field": "messages", "value": value}]}]}
    [event] = INSTAGRAM.translate(instagram().connection, webhook(document))
    assert isinstance(event, MessageReceived)
    assert event.provider_time is not None
    comment = {"object": "instagram", "entry": [{"id": ACCOUNT, "changes": [{"field": "comments", "value": {}}]}]}
    [told] = INSTAGRAM.translate(instagram().connection, webhook(comment))
    assert isinstance(told, Unsupported)
    assert (told.what, told.contact_address) == ("An update of the kind comments.", "")


@pytest.mark.parametrize(
    "what",
    [
        {"pass_thread_control": {"new_owner_app_id": "1"}},
        {"optin": {"type": "notification_messages"}},
        {"policy_enforcement": {"action": "block"}},
        {"account_linking": {"status": "linked"}},
        {"delivery": {}},
        {"read": None},
        {"reaction": {"action": "react"}},
        {"referral": {}},
        {},
    ],
)
def test_the_rest_is_only_kept(what: dict[str, Any]) -> None:
    assert [event.kind for event in page_events(update(**what))] == ["unsupported"]


def test_a_sender_may_be_missing() -> None:
    found = page_events(
        {"recipient": {"id": PAGE}, "message": {"mid": "m", "text": "x"}}, {"sender": {"user_ref": "r"}}
    )
    assert [event.kind for event in found] == ["message_received", "unsupported"]


def test_one_bad_element_takes_no_neighbour_along() -> None:
    good = update(message={"mid": "m_1", "text": "good"})
    assert [event.kind for event in page_events(None, [], good, 7)] == [
        *("unsupported", "unsupported", "message_received", "unsupported")
    ]


def test_numbers_as_ids_are_ids() -> None:
    [event] = page_events({"sender": {"id": 730100}, "recipient": {"id": 314500}, "timestamp": AT, "read": {"mid": 7}})
    assert (event.contact_address, event.channel_address) == ("730100", PAGE)


def test_the_other_product_is_kept_for_whom_it_may_concern() -> None:
    [event] = INSTAGRAM.translate(instagram().connection, webhook(page_body()))
    assert isinstance(event, Unsupported)


def test_meta_signs_the_bytes_it_sent() -> None:
    """The vector of channels.md §4: escapes and all."""
    body = (
        b'{"object":"page","entry":[{"id":"314572800778899","time":1789387200123,"messaging":[{"sender":{"id":"7001"},'
        b'"recipient":{"id":"314572800778899"},"timestamp":1789387200000,"message":{"mid":"m_vec1","text":'
        b'"caf\\u00e9 \\ud83d\\ude80"}}]}]}'
    )
    given = "sha256=2d1fceefff8c2002e8d94ff38f943db360abbb29a011186226919a8d527f919b"
    signed = Webhook("POST", URL, "", {"x-hub-signature-256": given}, body, NOON)
    connection = messenger().connection
    assert MESSENGER.verify(connection, signed).outcome == "authentic"
    rotated = messenger(app_secret="new", further_app_secrets=["9d2f0c6b7a184e53bb10c2d4e6f80a1c"]).connection
    assert MESSENGER.verify(rotated, signed).outcome == "authentic"
    written_anew = Webhook("POST", URL, "", {"x-hub-signature-256": given}, body.decode("unicode-escape").encode(
        "utf-16", "surrogatepass"), NOON)  # fmt: skip
    assert MESSENGER.verify(connection, written_anew).outcome == "refused"


@pytest.mark.parametrize("header", ["", "sha1=0", "sha256=", "sha256=" + "é" * 64, "sha256=" + "0" * 64])
def test_what_is_no_signature_is_refused(header: str) -> None:
    signed = Webhook("POST", URL, "", {"x-hub-signature-256": header}, b"{}", NOON)
    assert MESSENGER.verify(messenger().connection, signed).outcome == "refused"
    old = hmac.new(b"9d2f0c6b7a184e53bb10c2d4e6f80a1c", b"{}", sha256).hexdigest()
    legacy = Webhook("POST", URL, "", {"x-hub-signature": f"sha1={old}"}, b"{}", NOON)
    assert MESSENGER.verify(messenger().connection, legacy).reason == "no_signature"
