"""Who may only read writes to nobody, by whatever way; and is told so before."""

from __future__ import annotations

import pytest
from sqlalchemy import func, insert, select

from casella.store.tables import desk_versions, messages
from tests.api.conftest import Cast
from tests.builders import NOW, make_conversation, make_message

DESK = """
desk: Test
locales: [en, it]
inboxes: {support: {name: Support}}
agents:
  ann: {name: Ann, email: ann@casella.test, inboxes: [support], may_reply: false}
  bob: {name: Bob, email: bob@casella.test, inboxes: [support]}
"""
CANNED = "canned:\n  signed: {phrase: regards, text: Kind regards}\n"


@pytest.fixture
def conversation(cast: Cast) -> str:
    channel = cast.house.channel(cast.support)
    with cast.house.store.write() as db:
        conversation_id = make_conversation(db, channel_id=channel)
        make_message(db, conversation_id, text="Hi", external_id="SM1", provider_time=NOW)
        files = {"desk/desk.yaml": DESK, "desk/canned.yaml": CANNED}
        db.execute(insert(desk_versions).values(digest="reading", applied_at=NOW, files=files))
    cast.house.rooms.directory.reload()
    assert cast.house.rooms.desk.refresh()
    return conversation_id


def test_who_may_not_reply_writes_to_nobody(cast: Cast, conversation: str) -> None:
    path, ann = f"/api/v1/conversations/{conversation}", cast.client(cast.ann)
    channel = ann.get(path).json()["channel"]["id"]
    for number, (where, body) in enumerate(
        [
            (f"{path}/messages", {"text": "Hello"}),
            (f"{path}/canned", {"key": "signed"}),
            ("/api/v1/conversations", {"channel": channel, "to": "+390555000777", "text": "Hello"}),
        ]
    ):
        answer = ann.post(where, json=body, headers={"Idempotency-Key": f"k{number}", "Accept-Language": "it"})
        assert (answer.status_code, answer.json()["code"]) == (403, "may_not_reply"), (where, answer.text)
        assert answer.json()["detail"] == "Qui puoi leggere, ma non scrivere ai clienti."
    with cast.house.store.read() as db:
        assert db.execute(select(func.count()).where(messages.c.direction == "out")).scalar_one() == 0
    bob = cast.client(cast.bob)
    assert bob.post(f"{path}/messages", json={"text": "Hi"}, headers={"Idempotency-Key": "b"}).status_code == 201


def test_it_is_told_before(cast: Cast, conversation: str) -> None:
    path = f"/api/v1/conversations/{conversation}"
    for agent, expected in ((cast.ann, (False, "may_not_reply")), (cast.bob, (True, None))):
        client = cast.client(agent)
        shown = client.get(path).json()["can_send"]
        previewed = client.post(f"{path}/messages/preview", json={"text": "Hello"}).json()["can_send"]
        assert [(one["allowed"], one["code"]) for one in (shown, previewed)] == [expected, expected]


def test_and_is_given_no_conversation_by_hand(cast: Cast, conversation: str) -> None:
    answer = cast.client(cast.carla).post(
        f"/api/v1/conversations/{conversation}/assign", json={"assignee": cast.ann}, headers={"Idempotency-Key": "c"}
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "may_not_reply")
