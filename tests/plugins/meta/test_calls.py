"""What we ask the Graph API besides sending texts."""

from __future__ import annotations

import orjson
import pytest

from casella.plugin import (
    ButtonsContent,
    Channel,
    ChannelMisconfigured,
    Choice,
    MediaRef,
    MediaUnavailable,
    OutgoingMessage,
    OutsideReplyWindow,
    ReactionContent,
    SendRejected,
    Sent,
)
from casella.plugin.testing import Answer, Provider
from tests.plugins.meta.builders import (
    ACCOUNT,
    INSTAGRAM,
    MESSENGER,
    PAGE,
    PERSON,
    TOKEN,
    instagram,
    messenger,
    outgoing,
)

TAKEN = Answer.of_json(200, {"recipient_id": PERSON, "message_id": "m_S1"})
GRAPH = "https://graph.facebook.com/v25.0"


def sent(message: OutgoingMessage) -> dict[str, object]:
    provider = Provider((TAKEN,))
    with provider.client() as http:
        MESSENGER.send(messenger(), message, http)
    found: dict[str, object] = orjson.loads(provider.requests[-1].content)
    return found


def test_behind_the_window_a_person_writes_under_the_tag() -> None:
    assert sent(outgoing())["messaging_type"] == "RESPONSE"
    late = sent(outgoing(in_window=False))
    assert (late["messaging_type"], late["tag"]) == ("MESSAGE_TAG", "HUMAN_AGENT")


def test_a_rule_never_does() -> None:
    provider = Provider((TAKEN,))
    with provider.client() as http, pytest.raises(OutsideReplyWindow):
        MESSENGER.send(messenger(), outgoing(in_window=False, by_person=False), http)
    assert provider.requests == []


def test_the_longer_window_is_there_where_meta_has_granted_it() -> None:
    assert MESSENGER.capabilities_of(messenger()).human_reply_window == 7 * 86_400
    assert MESSENGER.capabilities_of(messenger(human_agent=False)).human_reply_window is None


def test_buttons_are_quick_replies() -> None:
    content = ButtonsContent(choices=(Choice(id="SIZE_M", title="M"), Choice(id="SIZE_L", title="L")))
    message = sent(outgoing("Which size?", content=content))["message"]
    assert message == {
        "metadata": "m-1",
        "text": "Which size?",
        "quick_replies": [
            {"content_type": "text", "title": "M", "payload": "SIZE_M"},
            {"content_type": "text", "title": "L", "payload": "SIZE_L"},
        ],
    }
    with pytest.raises(SendRejected):
        sent(outgoing("?", content=ButtonsContent(choices=(Choice(id="1", title="x" * 21),))))


@pytest.mark.parametrize(
    ("emoji", "action", "payload"),
    [
        ("❤", "react", {"message_id": "m_0", "reaction": "love"}),
        ("👍", "react", {"message_id": "m_0", "reaction": "👍"}),
        ("", "unreact", {"message_id": "m_0"}),
    ],
)
def test_a_reaction_is_an_action(emoji: str, action: str, payload: dict[str, str]) -> None:
    provider = Provider((Answer.of_json(200, {"recipient_id": PERSON}),))
    with provider.client() as http:
        found = MESSENGER.send(messenger(), outgoing(content=ReactionContent(emoji=emoji), reply_to="m_0"), http)
    body = orjson.loads(provider.requests[0].content)
    assert (found, body["sender_action"], body["payload"]) == (Sent("reaction:m-1"), action, payload)


def test_typing_and_read_marks_have_requests_of_their_own() -> None:
    provider = Provider((TAKEN,))
    with provider.client() as http:
        MESSENGER.show_typing(messenger(), PERSON, None, http)
        MESSENGER.mark_read(messenger(), PERSON, "m_1", http)
    bodies = [orjson.loads(request.content) for request in provider.requests]
    assert [body["sender_action"] for body in bodies] == ["typing_on", "mark_seen"]
    assert all("message" not in body for body in bodies)


@pytest.mark.parametrize(
    ("answer", "name"),
    [
        ({"first_name": "Ada", "last_name": "Lovelace"}, "Ada Lovelace"),
        ({"name": "Ada", "username": "ada"}, "Ada"),
        ({"username": "ada"}, "ada"),
        ({}, None),
    ],
)
def test_names(answer: dict[str, str], name: str | None) -> None:
    provider = Provider((Answer.of_json(200, answer),))
    with provider.client() as http:
        assert MESSENGER.profile(messenger(), PERSON, http).name == name
    assert str(provider.requests[0].url).startswith(f"{GRAPH}/{PERSON}?fields=first_name")


@pytest.mark.parametrize(
    ("channel", "url"),
    [
        (instagram(), f"{GRAPH}/me/messages"),
        (instagram(login="instagram"), f"https://graph.instagram.com/v25.0/{ACCOUNT}/messages"),
    ],
)
def test_instagram_has_two_logins(channel: Channel, url: str) -> None:
    provider = Provider((TAKEN,))
    with provider.client() as http:
        INSTAGRAM.send(channel, outgoing(), http)  # type: ignore[arg-type]  # its settings are Instagram's
    assert str(provider.requests[0].url) == url
    assert provider.requests[0].headers["authorization"] == f"Bearer {TOKEN}"


def test_instagram_counts_bytes() -> None:
    assert INSTAGRAM.measure(instagram(), "é" * 500).fits
    assert not INSTAGRAM.measure(instagram(), "é" * 501).fits
    assert MESSENGER.measure(messenger(), "é" * 2000).fits


def test_a_page_without_a_token_stops_its_channel() -> None:
    with Provider((TAKEN,)).client() as http, pytest.raises(ChannelMisconfigured):
        MESSENGER.send(messenger(pages={"999": "t"}), outgoing(), http)


def test_health() -> None:
    with Provider((Answer.of_json(200, {"id": PAGE}),)).client() as http:
        assert MESSENGER.health(messenger(), http) is None
    with Provider((Answer.of_json(400, {"error": {"code": 190}}),)).client() as http:
        assert MESSENGER.health(messenger(), http) is not None


@pytest.mark.parametrize("url", ["https://scontent.xx.fbcdn.net/v/1", "https://lookaside.fbsbx.com/x?a=1"])
def test_files_are_fetched_without_credentials(url: str) -> None:
    with Provider(()).client() as http:
        request = MESSENGER.locate_media(messenger(), MediaRef(ref=url), http)
    assert (request.url, dict(request.headers)) == (url, {})


@pytest.mark.parametrize(
    "url", ["http://scontent.xx.fbcdn.net/1", "https://fbcdn.net.evil.example/", "https://x:y@a.fbcdn.net/"]
)
def test_files_elsewhere_are_not(url: str) -> None:
    with Provider(()).client() as http, pytest.raises(MediaUnavailable):
        MESSENGER.locate_media(messenger(), MediaRef(ref=url), http)
