"""How urgent a conversation is, said by people over HTTP; and rules hear of it."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from sqlalchemy import insert, select

from casella.store.tables import decisions, desk_versions, feed, messages
from tests.api.conftest import Cast
from tests.builders import NOW, make_conversation

DESK = """
desk: Test
locales: [en]
tags: [vip]
inboxes: {support: {name: Support}}
agents:
  ann: {name: Ann, email: ann@casella.test, inboxes: [support]}
"""
RULES = """
rules:
  - name: Urgent ones are seen to
    when: conversation_prioritized
    if: {conversation.priority: {changed_to: urgent}}
    then: [{note: This is urgent.}, {reply: {text: We see to it.}}]
"""


@pytest.fixture
def path(cast: Cast) -> str:
    """A conversation in support."""
    channel = cast.house.channel(cast.support)
    cast.house.desk_changed()
    with cast.house.store.write() as db:
        return f"/api/v1/conversations/{make_conversation(db, channel_id=channel)}"


def use_rules(cast: Cast) -> None:
    files = {"desk/desk.yaml": DESK, "desk/canned.yaml": "canned: {}\n", "desk/rules.yaml": RULES}
    with cast.house.store.write() as db:
        db.execute(insert(desk_versions).values(digest="priorities", applied_at=NOW, files=files))
    cast.house.rooms.directory.reload()
    assert cast.house.rooms.desk.refresh()


def rows(cast: Cast, query: Any) -> list[Any]:
    with cast.house.store.read() as db:
        return list(db.execute(query).scalars())


def test_58_a_rule_hears_that_a_person_has_made_it_urgent(cast: Cast, path: str) -> None:
    use_rules(cast)
    client = cast.client(cast.ann)
    for priority in ("high", "urgent", "urgent"):
        assert client.put(f"{path}/priority", json={"priority": priority}).json()["priority"] == priority
    heard = [orjson.loads(text) for text in rows(cast, select(decisions.c.facts).order_by(decisions.c.id))]
    assert [(event, facts["previous.priority"], facts["conversation.priority"]) for event, facts in heard] == [
        ("conversation_prioritized", "normal", "high"),
        ("conversation_prioritized", "high", "urgent"),
    ]
    assert sorted(rows(cast, select(messages.c.text))) == ["This is urgent.", "We see to it."]
    assert cast.house.bell.rung[-2:] == ["deliveries", "feed"]


def test_it_is_set_and_told_once(cast: Cast, path: str) -> None:
    client = cast.client(cast.ann)
    before = client.get(path).json()
    assert before["priority"] == "normal"
    headers = {"Idempotency-Key": "hurry"}
    first = client.put(f"{path}/priority", json={"priority": "urgent"}, headers=headers)
    assert (first.status_code, first.json()["version"]) == (200, before["version"] + 1)
    client.put(f"{path}/priority", json={"priority": "low"})
    again = client.put(f"{path}/priority", json={"priority": "urgent"}, headers=headers)
    assert (again.json(), again.headers["Idempotent-Replayed"]) == (first.json(), "true")
    other = client.put(f"{path}/priority", json={"priority": "high"}, headers=headers)
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_mismatch")
    assert client.put(f"{path}/priority", json={"priority": "low"}).json()["version"] == before["version"] + 2

    told = [orjson.loads(text) for text in rows(cast, select(feed.c.payload).order_by(feed.c.id))]
    assert [(one["was"]["priority"], one["conversation"]["priority"]) for one in told] == [
        ("normal", "urgent"),
        ("urgent", "low"),
    ]
    assert told[0]["by"] == {"agent_id": cast.ann}
    assert set(rows(cast, select(feed.c.kind))) == {"conversation.updated"}


def test_only_what_is_ones_own_and_only_priorities_there_are(cast: Cast, path: str) -> None:
    assert cast.client(cast.eve).put(f"{path}/priority", json={"priority": "low"}).status_code == 404
    client = cast.client(cast.ann)
    for wrong in ({"priority": "asap"}, {"priority": None}, {}, {"priority": "low", "why": "x"}):
        answer = client.put(f"{path}/priority", json=wrong)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    assert client.get(path).json()["priority"] == "normal"
