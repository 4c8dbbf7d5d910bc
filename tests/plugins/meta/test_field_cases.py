"""What people in the field met with Messenger and Instagram, each with its public report, and the kinds behind."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from casella.plugin import Event, MessageDeleted, MessageEchoed, MessageEdited, MessageReceived, ReactionChanged
from casella_meta.contents import say
from tests.plugins.meta.builders import (
    ACCOUNT,
    AT,
    PAGE,
    PERSON,
    echo,
    instagram_events,
    page_events,
    update,
)

BUTTONS = [
    {"type": "web_url", "url": "https://shop.example", "title": "View website"},
    {"type": "postback", "title": "Start chatting", "payload": "X"},
]
HATS = {
    "template_type": "generic",
    "elements": [
        {"title": "Brown hat", "subtitle": "25 EUR", "image_url": "https://shop.example/h.png", "buttons": BUTTONS},
        {"title": "Red hat", "subtitle": "30 EUR"},
    ],
}


# I: one guard against oneself, for every kind (langx/langx#1464)

KINDS: dict[str, dict[str, object]] = {
    "message": {"mid": "m_1", "text": "x"},
    "postback": {"mid": "m_2", "title": "I followed", "payload": "F"},
    "reaction": {"mid": "m_0", "action": "react", "emoji": "❤"},
    "message_edit": {"mid": "m_0", "text": "y", "num_edit": 1},
    "delivery": {"mids": ["m_0"], "watermark": AT},
    "read": {"mid": "m_0", "watermark": AT},
    "referral": {"ref": "x", "source": "SHORTLINK"},
    "optin": {"type": "notification_messages"},
}


@pytest.mark.parametrize("kind", KINDS)
def test_what_the_account_does_with_itself_is_nobodys(kind: str) -> None:
    own = {"sender": {"id": ACCOUNT}, "recipient": {"id": ACCOUNT}, "timestamp": AT, kind: KINDS[kind]}
    assert instagram_events(own) == []
    person = {"sender": {"id": "118700"}, "recipient": {"id": ACCOUNT}, "timestamp": AT}
    assert instagram_events({**person, "is_self": True, kind: KINDS[kind]}) == []
    assert instagram_events({**person, kind: {**KINDS[kind], "is_self": True}}) == []


@pytest.mark.parametrize("kind", KINDS)
def test_what_the_page_does_is_no_contacts_doing(kind: str) -> None:
    """No event of the page's own makes a message of, or a read mark by, the person it is about."""
    found = page_events({"sender": {"id": PAGE}, "recipient": {"id": PERSON}, "timestamp": AT, kind: KINDS[kind]})
    assert all(event.contact_address == PERSON for event in found)
    assert {event.kind for event in found} <= {"message_echoed", "message_edited", "reaction", "unsupported"}
    assert all(event.by_business for event in found if isinstance(event, ReactionChanged | MessageEdited))


@pytest.mark.parametrize("mid", [{}, {"mid": "m_9"}])
@pytest.mark.parametrize("kind", ["message", "postback"])
def test_a_copy_in_standby_is_the_same_event(kind: str, mid: dict[str, str]) -> None:
    """Standby leaves payloads out: no key of ours is made of one (ker0x/messenger#72)."""
    whole: Any = {"title": "Details", "payload": "DETAILS_1", **mid}
    if kind == "message":
        whole = {"text": "Details", "quick_reply": {"payload": "DETAILS_1"}, "mid": "m_9"}
    copy: Any = {name: value for name, value in whole.items() if name not in ("payload", "quick_reply")}
    [first], [second] = page_events(update(**{kind: whole})), page_events(update(**{kind: copy}), name="standby")
    assert first.identity == second.identity
    [later] = page_events({**update(**{kind: copy}), "timestamp": AT + 1})
    assert (later.identity == first.identity) is ("mid" in whole)


# H: whoever writes is shown


@given(
    sender=st.one_of(
        st.none(), st.text(max_size=600), st.integers(1, 2**62), st.dictionaries(st.just("user_ref"), st.text())
    )
)
def test_a_message_of_any_sender_is_shown(sender: object) -> None:
    side = sender if isinstance(sender, dict) else {"id": sender}
    found = page_events(
        {"sender": side, "recipient": {"id": PAGE}, "timestamp": AT, "message": {"mid": "m", "text": "hi"}}
    )
    if sender in (PAGE, int(PAGE)):
        return
    [event] = found
    assert isinstance(event, MessageReceived)
    assert event.text == "hi"
    assert 0 < len(event.contact_address) <= 512
    assert event.replyable is bool(next(iter(side.values()), None) not in (None, "", "\x00"))


# E, F: echoes, templates, several attachments (airyhq/airy#2116, airyhq/airy#856, chatwoot/chatwoot#14554, #14813)


def test_what_another_app_told_the_customer_can_be_read() -> None:
    [event] = page_events(echo(mid="m_1", attachments=[{"type": "template", "payload": HATS}]))
    assert isinstance(event, MessageEchoed)
    assert event.text.splitlines() == [
        *("Brown hat", "25 EUR", "image url: https://shop.example/h.png"),
        *("[View website] https://shop.example", "[Start chatting] X", "Red hat", "30 EUR"),
    ]
    question = {"template_type": "button", "text": "Which size?", "buttons": [{"title": "M", "payload": "M"}]}
    [event] = page_events(echo(mid="m_2", attachments=[{"type": "template", "payload": question}]))
    assert isinstance(event, MessageEchoed)
    assert event.text == "Which size?\n[M] M"


def test_two_shared_posts_stand_side_by_side() -> None:
    posts = [
        {"type": "post", "payload": {"url": "https://fb.example/p/1", "title": "Sofa A"}},
        {"type": "post", "payload": {"url": "https://fb.example/p/2", "title": "Sofa B"}},
    ]
    said = say({"text": "which of the two", "attachments": posts})
    assert (said.kind, said.text) == ("share", "which of the two")
    assert said.metadata == {
        "title": "Sofa A",
        "url": "https://fb.example/p/1",
        "share": "post",
        "title_2": "Sofa B",
        "url_2": "https://fb.example/p/2",
        "share_2": "post",
    }


def test_an_echo_quotes_and_is_edited_and_taken_back() -> None:
    [quoting] = page_events(echo(mid="m_1", text="Yes", reply_to={"mid": "m_0"}))
    assert isinstance(quoting, MessageEchoed)
    assert quoting.reply_to == "m_0"
    [deleted] = page_events(echo(mid="m_1", is_deleted=True))
    assert isinstance(deleted, MessageDeleted)
    assert (deleted.by_business, deleted.contact_address) == (True, PERSON)


def test_an_edit_says_which_it_is() -> None:
    [event] = page_events(update(message_edit={"mid": "m_1", "text": "v2", "num_edit": 2}))
    assert isinstance(event, MessageEdited)
    assert event.number == 2


READABLE: list[dict[str, Any]] = [
    {"text": "§"},
    {"text": "§", "quick_reply": {"payload": "§"}},
    {"quick_reply": {"payload": "§"}},
    {"text": "§", "reply_to": {"story": {"url": "§", "id": "1"}}},
    {"text": "§", "commands": [{"name": "§"}]},
    {"text": "§", "referral": {"ref": "§", "source": "ADS", "ad_id": "§", "ads_context_data": {"ad_title": "§"}}},
    *({"text": "§", "attachments": [{"type": kind, "payload": {"url": "§", "title": "§"}}] * 2}
      for kind in ("fallback", "share", "post", "ig_post", "reel", "ig_reel", "ig_story", "image", "file", "hologram")),
    {"attachments": [{"type": "fallback", "url": "§", "title": "§"}]},
    {"attachments": [{"type": "template", "payload": {"template_type": "button", "text": "§", "buttons": [
        {"type": "postback", "title": "§", "payload": "§"}, {"type": "web_url", "title": "§", "url": "§"}]}}]},
    {"text": "§", "attachments": [{"type": "template", "payload": {"template_type": "generic", "elements": [
        {"title": "§", "subtitle": "§", "buttons": [{"title": "§", "payload": "x"}]}, {"title": "§"}]}}]},
    {"attachments": [{"type": "template", "payload": {"template_type": "receipt", "recipient_name": "§",
        "order_number": "§", "currency": "§", "address": {"street_1": "§", "city": "§"},
        "elements": [{"title": "§", "quantity": 2}], "adjustments": [{"name": "§", "amount": 3}]}}]},
    {"text": "§", "attachments": [{"type": "share", "payload": {"product": {"elements": [
        {"id": "1", "title": "§", "subtitle": "§"}, {"id": "2", "title": "§"}]}}}]},
    {"attachments": [{"type": "appointment_booking", "payload": {"service": "§", "when": "§"}}]},
    {"attachments": [{"type": "template", "title": "§", "subtitle": "§", "url": "§",
        "payload": {"template_type": "generic", "sharable": True}}]},
    {"attachments": [{"type": "poll", "caption": "§", "payload": {"question": "§", "options": ["§", "§"]}}]},
    {"attachments": [{"type": "location", "payload": {"coordinates": {"lat": 1, "long": 2}, "title": "§"}}]},
]  # fmt: skip


@pytest.mark.parametrize("message", READABLE, ids=range(len(READABLE)))
@pytest.mark.parametrize("build", [lambda **what: update(message=what), echo])
def test_every_word_can_be_read(message: dict[str, object], build: object) -> None:
    """Each "§" stands for words; each comes out in the text, the facts or a file's name."""
    marks: list[str] = []
    document = orjson.loads(orjson.dumps(_marked(message, marks)))
    found: list[Event] = page_events(build(mid="m_1", **document))  # type: ignore[operator]  # one of the two above
    shown = "\n".join(event.model_dump_json() for event in found)
    missing = [words for words in marks if words not in shown]
    assert missing == [] or (build is echo and "referral" in message)  # what a page sends comes from no advertisement


def test_every_word_of_a_referral_by_itself_can_be_read() -> None:
    """It waits for the contact's next conversation, and there is no message beside which it could stand."""
    marks: list[str] = []
    ad = {"ref": "§", "source": "ADS", "ad_id": "§", "ads_context_data": {"ad_title": "§", "photo_url": "§"}}
    [found] = page_events(update(referral=_marked(ad, marks)))
    assert found.kind == "referral"
    assert [words for words in marks if words not in found.model_dump_json()] == []
    assert found.text.startswith(marks[2])


def _marked(value: object, marks: list[str]) -> object:
    if isinstance(value, dict):
        return {name: _marked(inner, marks) for name, inner in value.items()}
    if isinstance(value, list):
        return [_marked(inner, marks) for inner in value]
    if value != "§":
        return value
    marks.append(f"Words {len(marks)}.")
    return marks[-1]


@pytest.mark.parametrize(
    ("attachment", "kind"),
    [
        ({"type": "share"}, "unsupported"),
        ({"type": "share", "payload": {"url": ""}}, "unsupported"),
        ({"type": "share", "payload": {"title": "Shoes"}}, "share"),
        ({"type": "fallback", "url": "https://x.example"}, "text"),
        ({"type": "fallback"}, "unsupported"),
        ({"type": "template", "payload": {"template_type": "generic"}}, "unsupported"),
    ],
)
def test_what_is_shared_without_words_or_link_cannot_be_shown(attachment: dict[str, object], kind: str) -> None:
    assert say({"attachments": [attachment]}).kind == kind


@pytest.mark.parametrize(
    ("happening", "words"),
    [
        ({"order": {"products": [{"name": "Tie", "quantity": 2}], "note": "as a gift"}}, ["Tie", "as a gift"]),
        (
            {"messaging_feedback": {"feedback_screens": [{"screen_id": 0, "questions": {"q1": {
                "type": "csat", "payload": "4", "follow_up": {"type": "free_form", "payload": "good service"}}}}]}},
            ["4", "good service"],
        ),
        ({"optin": {"type": "notification_messages", "title": "Weekly news", "notification_messages_token": "t0k"}},
         ["Weekly news"]),
        ({"messaging_customer_information": {"screens": [{"screen_id": "q1", "responses": [
            {"key": "email", "value": "ada@mail.example"}]}]}}, ["messaging_customer_information", "ada@mail.example"]),
        ({"call_permission_reply": {"response": "accept"}}, ["call_permission_reply", "accept"]),
        ({"policy_enforcement": {"action": "warning", "reason": "Against our policies"}}, ["Against our policies"]),
        ({"pass_thread_control": {"new_owner_app_id": "1", "metadata": "the bot gives up"}}, ["the bot gives up"]),
    ],
)  # fmt: skip
def test_what_a_contact_says_beside_messages_can_be_read(happening: dict[str, Any], words: list[str]) -> None:
    """Of the kind J: acknowledged is seen, his own words too, and no token."""
    [event] = page_events(update(**happening))
    assert event.kind == "unsupported"
    assert event.contact_address == PERSON
    assert all(one in event.what for one in words), event.what
    assert "t0k" not in event.what


@given(
    st.from_regex(r"[a-z_]{3,20}", fullmatch=True).map("x_".__add__),
    st.recursive(
        st.from_regex(r"[A-Za-z]{4,12}", fullmatch=True),
        lambda inner: (
            st.lists(inner, min_size=1, max_size=3)
            | st.dictionaries(st.sampled_from(["answer", "note", "lines", "title"]), inner, min_size=1, max_size=3)
        ),
        max_leaves=6,
    ),
)
def test_words_of_updates_that_nobody_knows_yet_are_told(name: str, said: Any) -> None:
    [event] = page_events(update(**{name: said}))
    assert event.kind == "unsupported"
    assert name in event.what
    assert all(word in event.what for word in _words(said))
    assert "timestamp" not in event.what


def _words(said: Any) -> list[str]:
    if isinstance(said, dict):
        return [word for one in said.values() for word in _words(one)]
    return [word for one in said for word in _words(one)] if isinstance(said, list) else [said]


def test_where_a_place_is_and_which_product_is_meant_is_kept() -> None:
    place = {"type": "location", "title": "Home", "url": "https://maps.example/1"}
    [event] = page_events(update(message={"mid": "m", "attachments": [
        {**place, "payload": {"coordinates": {"lat": 1.5, "long": 2.5}}}]}))  # fmt: skip
    assert isinstance(event, MessageReceived)
    assert event.metadata["url"] == "https://maps.example/1"
    [broken] = page_events(update(message={"mid": "m", "attachments": [{**place, "payload": {}}]}))
    assert isinstance(broken, MessageReceived)
    assert broken.text == "Home\nhttps://maps.example/1"
    asked = {"mid": "m", "text": "how much?", "referral": {"product": {"id": "P1"}}}
    found = [event for event in page_events(update(message=asked)) if isinstance(event, MessageReceived)]
    assert found[0].metadata == {"product": "P1"}
