"""What was tried in vain, of every kind in one list, and tried again from there."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import insert, update

from casella.errors import CasellaError, Conflict, NotFound
from casella.ids import new_id
from casella.inbox import dead_letters
from casella.inbox.subscriptions import Wish, subscribe
from casella.store.tables import (
    conversations,
    journal,
    kept_webhooks,
    messages,
    plugin_actions,
    subscription_letters,
    webhook_calls,
    webhooks,
)
from tests.house import House
from tests.inbox.personal.test_read_marks import member


@pytest.fixture
def failures(house: House) -> dict[str, str]:
    """One of each kind: its id."""
    house.receive(house.says("Hello"))
    conversation, now = str(house.one(conversations)["id"]), house.clock.now()
    message = house.reply("In vain")
    made = {kind: new_id() for kind in ("call", "action", "letter", "webhook")}
    effect = {"cause_id": "c", "rule": "R", "action": 0, "conversation_id": conversation, "due_at": now}
    failed = {"state": "failed", "attempts": 7, "created_at": now}
    with house.rooms.store.write() as db:
        hook = new_id()
        db.execute(insert(webhooks).values(id=hook, key="crm", url="https://crm.example/"))
        call = {"id": made["call"], "webhook_id": hook, "body": "{}", "error": "answered 500"}
        db.execute(insert(webhook_calls).values(**effect, **failed, **call))
        action = {"id": made["action"], "name": "acme.book", "request": "{}", "result": "No such table."}
        db.execute(insert(plugin_actions).values(**effect, **failed, **action))
        wish = Wish("https://crm.example/")
        subscription, _ = subscribe(db, house.rooms, member(house, "mara"), wish, now)
        letter = {
            "id": made["letter"], "subscription_id": subscription.id, "event_id": 1, "kind": "message.created",
            "conversation_id": conversation, "body": "{}", "due_at": now, "error": "answered 404",
        }  # fmt: skip
        db.execute(insert(subscription_letters).values(**failed, **letter))
        kept = {
            "id": made["webhook"], "connection_key": "acme", "reason": "plugin_failed", "method": "POST", "query": "",
            "headers_sealed": house.rooms.sealer.seal("[]"), "body": b"{}", "received_at": now, "attempts": 3,
        }  # fmt: skip
        db.execute(insert(kept_webhooks).values(kept))
        db.execute(update(journal).values(state="failed", error="KeyError: 'x'", attempts=5))
        why = {"state": "failed", "error_text": "No route.", "error_retryable": True}
        db.execute(update(messages).where(messages.c.id == message).values(why))
    return {**made, "message": message, "event": str(house.one(journal)["id"])}


def listed(house: House, who: str = "mara") -> dict[str, dead_letters.DeadLetter]:
    with house.rooms.store.read() as db:
        return {one.kind: one for one in dead_letters.newest(db, member(house, who), 50)}


def again(house: House, kind: dead_letters.Kind, id: str) -> None:
    with house.rooms.store.write() as db:
        dead_letters.try_again(db, house.rooms, member(house, "mara"), kind, id, house.clock.now())


def test_every_kind_is_in_one_list_with_its_reason(house: House, failures: dict[str, str]) -> None:
    found = listed(house)
    assert {kind: one.id for kind, one in found.items()} == failures
    assert {kind: (one.what, one.reason) for kind, one in found.items()} == {
        "webhook": ("acme", "Its plugin fails at it."), "event": ("message_received", "KeyError: 'x'"),
        "message": ("text", "No route."), "call": ("crm", "answered 500"), "action": ("acme.book", "No such table."),
        "letter": ("message.created", "answered 404"),
    }  # fmt: skip
    assert all(one.may_retry for one in found.values())


@pytest.mark.parametrize("kind", dead_letters.KINDS)
def test_tried_again_it_is_on_its_way_and_out_of_the_list(
    house: House, failures: dict[str, str], kind: dead_letters.Kind
) -> None:
    again(house, kind, failures[kind])
    left = listed(house)
    if kind == "message":  # the failed one stays as it is, and says that it was sent again
        assert not left.pop(kind).may_retry
    assert set(left) == set(dead_letters.KINDS) - {kind}
    with pytest.raises((NotFound, Conflict)):
        again(house, kind, failures[kind])


def test_an_event_that_is_tried_again_is_applied(house: House, failures: dict[str, str]) -> None:
    again(house, "event", failures["event"])
    assert house.drain() == 1
    assert house.one(journal)["state"] == "done"


@pytest.mark.parametrize("kind", dead_letters.KINDS)
def test_what_one_does_not_see_is_not_there(house: House, failures: dict[str, str], kind: dead_letters.Kind) -> None:
    stranger = replace(member(house, "mara"), inbox_ids=frozenset())
    with house.rooms.store.write() as db:
        assert dead_letters.newest(db, stranger, 50) == []
        assert dead_letters.list_dead_letters(db, stranger, kind, None, 50) == []
        for id in (failures[kind], "1", "01KB2Z8Q4M7T1V3X5Y7Z9A1C3E"):
            with pytest.raises(CasellaError) as refused:
                dead_letters.try_again(db, house.rooms, stranger, kind, id, house.clock.now())
            assert refused.value.status == 404
