"""One thing done to many conversations: each is answered by itself, and done once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import select, update

from casella.ids import new_id
from casella.store.tables import activity, conversations
from tests.api.conftest import Cast
from tests.api.endpoints.conversations.test_conversation import fill
from tests.builders import NOW, make_conversation, make_message

BULK = "/api/v1/conversations/bulk"


def do(client: httpx.Client, ids: list[str], key: str | None = None, **command: object) -> list[dict[str, Any]]:
    headers = {"Idempotency-Key": key} if key else {}
    answer = client.post(BULK, json={"ids": ids, "command": command}, headers=headers)
    assert answer.status_code == 200, answer.text
    items: list[dict[str, Any]] = answer.json()["items"]
    assert [item["id"] for item in items] == list(dict.fromkeys(ids))
    return items


def test_each_is_answered_by_itself(cast: Cast) -> None:
    first, second = fill(cast, ["one", "two"])
    with cast.house.store.write() as db:
        theirs = make_conversation(db, inbox_id=cast.sales, subject="theirs")
    nowhere = new_id()
    items = do(cast.client(cast.ann, **{"Accept-Language": "it"}), [second, theirs, first, nowhere], do="close")
    assert [item["done"] for item in items] == [True, False, True, False]
    assert [item["conversation"] and item["conversation"]["status"] for item in items] == ["closed", None] * 2
    assert items[0]["problem"] is None
    hidden, missing = items[1]["problem"], items[3]["problem"]
    assert hidden == missing  # what is not his is not there
    assert (hidden["code"], hidden["status"]) == ("not_found", 404)
    assert hidden["detail"] == "Questa conversazione non esiste, o non puoi vederla."


def test_what_was_refused_keeps_no_other_from_being_done_and_may_be_tried_again(cast: Cast) -> None:
    opened, closed = fill(cast, ["open", "closed"])
    client = cast.client(cast.ann)
    client.post(f"/api/v1/conversations/{closed}/close")
    items = do(client, [opened, closed], "once", do="snooze", until=(NOW + timedelta(hours=1)).isoformat())
    assert [item["problem"] and item["problem"]["code"] for item in items] == [None, "conversation_closed"]
    client.post(f"/api/v1/conversations/{closed}/reopen")
    again = do(client, [opened, closed], "once", do="snooze", until=(NOW + timedelta(hours=1)).isoformat())
    assert [item["conversation"]["status"] for item in again] == ["snoozed", "snoozed"]


def test_the_same_key_does_it_once(cast: Cast) -> None:
    ids = fill(cast, ["one", "two", "three"])
    client = cast.client(cast.ann)
    do(client, ids, "a-key", do="assign", assignee="me")
    client.post(f"/api/v1/conversations/{ids[0]}/assign", json={"assignee": None, "expected": "me"})
    do(client, ids, "a-key", do="assign", assignee="me")
    with cast.house.store.read() as db:
        deeds = db.execute(select(activity.c.what).where(activity.c.conversation_id.in_(ids))).scalars().all()
        holders = db.execute(select(conversations.c.assignee_id).where(conversations.c.id.in_(ids))).scalars().all()
    assert len([what for what in deeds if what == "assigned"]) == 3
    assert sorted(str(one) for one in holders) == sorted([str(None), cast.ann, cast.ann])
    other = do(client, ids, "a-key", do="close")
    assert {item["problem"]["code"] for item in other} == {"idempotency_mismatch"}


@pytest.mark.parametrize(
    ("command", "field", "value"),
    [
        ({"do": "prioritize", "priority": "urgent"}, "priority", "urgent"),
        ({"do": "tag", "tag": "vip"}, "tags", ["vip"]),
        ({"do": "untag", "tag": "vip"}, "tags", []),
        ({"do": "reopen"}, "status", "open"),
    ],
)
def test_commands(cast: Cast, command: dict[str, object], field: str, value: object) -> None:
    ids = fill(cast, ["one", "two"])
    items = do(cast.client(cast.ann), ids, None, **command)
    assert [item["conversation"][field] for item in items] == [value, value]


def test_read_and_unread(cast: Cast) -> None:
    ids = fill(cast, ["one", "two"])
    with cast.house.store.write() as db:
        for id in ids:
            make_message(db, id, at=NOW + timedelta(hours=1))
        db.execute(update(conversations).values(inbound_count=2, inbound_received_at=NOW + timedelta(hours=1)))
    client = cast.client(cast.ann)
    assert [item["conversation"]["mine"]["unread"] for item in do(client, ids, do="read")] == [0, 0]
    assert [item["conversation"]["mine"]["unread"] for item in do(client, ids, do="unread")] == [1, 1]


def test_what_a_role_may_not_is_refused_for_each(cast: Cast) -> None:
    [id] = fill(cast, ["one"])
    [item] = do(cast.client(cast.ann), [id], do="assign", assignee=cast.bob)
    assert (item["problem"]["code"], item["problem"]["status"]) == ("assign_self_only", 403)


@pytest.mark.parametrize(
    "body",
    [
        {"ids": [], "command": {"do": "close"}},
        {"ids": [new_id() for _ in range(201)], "command": {"do": "close"}},
        {"ids": ["x"], "command": {"do": "close"}},
        {"ids": [new_id()], "command": {"do": "explode"}},
        {"ids": [new_id()], "command": {"do": "tag"}},
        {"ids": [new_id()], "command": {"do": "close", "tag": "vip"}},
    ],
    ids=["none", "too-many", "no-id", "no-such-command", "no-tag", "one-thing-too-much"],
)
def test_what_cannot_be_meant_is_refused_as_a_whole(lite_cast: Cast, body: dict[str, object]) -> None:
    answer = lite_cast.client(lite_cast.ann).post(BULK, json=body)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid"), answer.text
