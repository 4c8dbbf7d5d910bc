"""Agents choose, preview and send canned messages; what is missing is asked for by name, nothing leaves with holes."""

from __future__ import annotations

import pytest
from sqlalchemy import insert, select

from casella.desk import reread_desk
from casella.store.tables import desk_versions, inboxes, messages
from tests.api.conftest import Cast
from tests.builders import NOW, make_conversation, make_message
from tests.desk.desks import catalogue

CANNED = """
canned:
  greeting:
    phrase: hello
    text: {en: "Hello {{ contact.first_name }}!", it: "Ciao {{ contact.first_name }}!"}
  signed: {phrase: "Kind  Regards", text: "Kind regards, {{ agent.name }}", description: At the end}
  elsewhere: {phrase: other, text: Not here, inboxes: [other]}
"""


@pytest.fixture
def conversation(cast: Cast) -> str:
    channel = cast.house.channel(cast.support)
    with cast.house.store.write() as db:
        conversation_id = make_conversation(db, channel_id=channel)
        make_message(db, conversation_id, text="Hi", external_id="SM1", provider_time=NOW)
        key = db.execute(select(inboxes.c.key).where(inboxes.c.id == cast.support)).scalar_one()
        desk = f"desk: Test\nlocales: [en, it]\ninboxes:\n  {key}: {{name: Support}}\n  other: {{name: Other}}\n"
        files = {"desk/desk.yaml": desk, "desk/canned.yaml": CANNED}
        db.execute(insert(desk_versions).values(digest="canned", applied_at=NOW, files=files))
    cast.house.rooms.directory.reload()
    assert cast.house.rooms.desk.refresh()
    return conversation_id


def test_the_messages_of_the_inbox_are_listed_and_found_by_their_phrase(cast: Cast, conversation: str) -> None:
    client = cast.client(cast.ann)
    listed = client.get(f"/api/v1/conversations/{conversation}/canned").json()
    assert [one["key"] for one in listed] == ["greeting", "signed"]
    assert listed[0]["variables"] == ["contact.first_name"]
    assert listed[0]["locales"] == ["en", "it"]
    found = client.get(f"/api/v1/conversations/{conversation}/canned", params={"phrase": "KIND regards"}).json()
    assert [one["key"] for one in found] == ["signed"]
    assert client.get(f"/api/v1/conversations/{conversation}/canned", params={"phrase": "other"}).json() == []


def test_a11_a_key_phrase_is_for_every_member_and_nobody_else(cast: Cast, conversation: str) -> None:
    """A-11, and two messages of one inbox with the same phrase are no desk."""
    path, typed = f"/api/v1/conversations/{conversation}/canned", {"phrase": " kind   REGARDS"}
    for who in (cast.ann, cast.bob, cast.carla, cast.dora):
        found = cast.client(who).get(path, params=typed)
        assert [one["key"] for one in found.json()] == ["signed"], found.text
    assert cast.client(cast.eve).get(path, params=typed).status_code == 404
    desk = "desk: Test\nlocales: [en, it]\ninboxes:\n  support: {name: Support}\n  other: {name: Other}\n"
    twice = CANNED + "  again: {phrase: KIND regards, text: Bye}\n"
    elsewhere = CANNED + "  again: {phrase: KIND regards, text: Bye, inboxes: [other]}\n"
    apart = elsewhere.replace("description: At the end", "inboxes: [support]")
    for text, problems in ((twice, 1), (elsewhere, 1), (apart, 0)):
        _, found_problems = reread_desk({"desk/desk.yaml": desk, "desk/canned.yaml": text}, catalogue())
        phrases = [one for one in found_problems if "stands for" in one.message]
        assert bool(phrases) == bool(problems), found_problems


def test_a_preview_says_what_is_missing_and_then_what_would_be_said(cast: Cast, conversation: str) -> None:
    client = cast.client(cast.ann)
    wish: dict[str, object] = {"conversation_id": conversation, "locale": "it"}
    first = client.post("/api/v1/canned/greeting/preview", json=wish).json()
    assert first == {"key": "greeting", "locale": "it", "text": None, "missing": ["contact.first_name"]}
    wish["inputs"] = {"contact.first_name": "Ada"}
    assert client.post("/api/v1/canned/greeting/preview", json=wish).json()["text"] == "Ciao Ada!"
    wish["inputs"] = {"contact.shoe_size": "38"}
    refused = client.post("/api/v1/canned/greeting/preview", json=wish)
    assert (refused.status_code, refused.json()["code"]) == (422, "unknown_input")
    assert client.post("/api/v1/canned/elsewhere/preview", json=wish).status_code == 404


def test_it_is_sent_filled_once_and_never_with_holes(cast: Cast, conversation: str) -> None:
    client = cast.client(cast.ann)
    path = f"/api/v1/conversations/{conversation}/canned"
    refused = client.post(path, json={"key": "greeting"}, headers={"Idempotency-Key": "a"})
    assert (refused.status_code, refused.json()["code"]) == (422, "canned_inputs_missing")
    assert refused.json()["missing"] == "contact.first_name"
    for _ in range(2):
        sent = client.post(path, json={"phrase": "kind regards"}, headers={"Idempotency-Key": "b"})
        assert (sent.status_code, sent.json()["text"]) == (201, "Kind regards, Ann")
    with cast.house.store.read() as db:
        assert [row.text for row in db.execute(select(messages).where(messages.c.direction == "out"))] == [
            "Kind regards, Ann"
        ]
    assert "deliveries" in cast.house.bell.rung


def test_it_is_for_those_who_see_the_conversation(cast: Cast, conversation: str) -> None:
    stranger = cast.client(cast.eve)
    assert stranger.get(f"/api/v1/conversations/{conversation}/canned").status_code == 404
    wish = {"conversation_id": conversation}
    assert stranger.post("/api/v1/canned/signed/preview", json=wish).status_code == 404
