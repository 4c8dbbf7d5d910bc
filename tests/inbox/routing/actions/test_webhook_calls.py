"""Calls of other systems: signed, once, to public addresses, again when they fail."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from casella.inbox.routing.actions.webhook_calls import call_due, signature
from casella.store.tables import effects, webhook_calls, webhooks
from tests.house import DESK, ENVIRONMENT, House
from tests.inbox.other_system import OtherSystem
from tests.inbox.rule_texts import rule

WEBHOOKS = 'webhooks: {crm: {url: "https://crm.example/casella?token=t0p", secret: "${CRM_SECRET}"}}\n'
SECRETS = {**ENVIRONMENT, "CRM_SECRET": "not so secret"}


@pytest.fixture
def crm() -> Iterator[OtherSystem]:
    made = OtherSystem()
    yield made
    made.http.close()


@pytest.fixture
def house(migrated_url: str, tmp_path: Path) -> Iterator[House]:
    with House(migrated_url, tmp_path, private_hosts="crm.example:443") as built:
        built.apply(desk=DESK + WEBHOOKS, rules="rules:\n" + rule("webhook: crm"), environment=SECRETS)
        yield built


def test_a_call_says_what_happened_and_is_signed(house: House, crm: OtherSystem) -> None:
    house.receive(house.says("Hello"))
    assert call_due(house.rooms, crm.http) == 1
    assert call_due(house.rooms, crm.http) == 0

    [request] = crm.told
    body = json.loads(request.content)
    assert (body["event"], body["rule"], body["inbox"], body["message"]["text"]) == (
        "message_received", "R", "support", "Hello",
    )  # fmt: skip
    call = house.one(webhook_calls)
    assert request.headers["casella-call"] == call["id"]
    assert request.headers["casella-signature"] == signature("not so secret", call["id"], request.content)
    assert request.headers["host"] == "crm.example"
    assert (call["state"], call["status"]) == ("done", 200)
    assert len(house.rows(effects)) == 1


def test_the_secret_is_sealed_and_kept_when_nothing_changed(house: House) -> None:
    before = house.one(webhooks)["secret_sealed"]
    assert "not so secret" not in before
    applied = house.apply(desk=DESK + WEBHOOKS, rules="rules:\n" + rule("webhook: crm"), environment=SECRETS)
    assert applied.changes == ()
    assert house.one(webhooks)["secret_sealed"] == before


def test_a_system_that_is_away_is_called_again_with_the_same_id(house: House, crm: OtherSystem) -> None:
    crm.answers = [httpx.ConnectError("refused"), 503, 200]
    house.receive(house.says("Hello"))
    for _ in range(6):
        call_due(house.rooms, crm.http)
        house.clock.move(minutes=1)
    assert len({request.headers["casella-call"] for request in crm.told}) == 1
    assert len(crm.told) == 3
    assert house.one(webhook_calls)["state"] == "done"


@pytest.mark.parametrize("status", [400, 404, 410])
def test_a_call_that_is_wrong_is_not_repeated(house: House, crm: OtherSystem, status: int) -> None:
    crm.answers = [status]
    house.receive(house.says("Hello"))
    call_due(house.rooms, crm.http)
    house.clock.move(hours=1)
    assert call_due(house.rooms, crm.http) == 0
    row = house.one(webhook_calls)
    assert (row["state"], row["status"], row["error"]) == ("failed", status, f"answered {status}")


def test_a_call_whose_process_died_is_made_again(house: House, crm: OtherSystem) -> None:
    crm.answers = [KeyboardInterrupt()]
    house.receive(house.says("Hello"))
    with pytest.raises(KeyboardInterrupt):
        call_due(house.rooms, crm.http)
    assert call_due(house.rooms, crm.http) == 0
    house.clock.move(minutes=3)
    assert call_due(house.rooms, crm.http) == 1
    assert house.one(webhook_calls)["state"] == "done"


def test_what_keeps_failing_is_given_up_after_a_day(house: House, crm: OtherSystem) -> None:
    crm.answers = [500] * 99
    house.receive(house.says("Hello"))
    for _ in range(40):
        call_due(house.rooms, crm.http)
        house.clock.move(hours=1)
    assert house.one(webhook_calls)["state"] == "failed"
    assert len(crm.told) <= 30


def test_who_is_away_is_left_in_peace_and_asked_again(house: House, crm: OtherSystem) -> None:
    crm.answers = [503] * 1000
    for number in range(20):
        house.receive(house.says(f"{number}", f"+39055500{number:04}"))
    for _ in range(60):
        while call_due(house.rooms, crm.http):
            pass
        house.clock.move(minutes=1)
    assert len(crm.told) < 160, "and not twenty a minute"
    assert house.one(webhooks)["failures"] > 3
    crm.answers = []
    house.clock.move(hours=3)
    while call_due(house.rooms, crm.http):
        pass
    assert {row["state"] for row in house.rows(webhook_calls)} == {"done"}
    assert (house.one(webhooks)["failures"], house.one(webhooks)["paused_until"]) == (0, None)


def test_another_address_is_asked_at_once(house: House, crm: OtherSystem) -> None:
    crm.answers = [503] * 20
    for number in range(4):
        house.receive(house.says("Hello", f"+39055500{number:04}"))
    call_due(house.rooms, crm.http)
    assert house.one(webhooks)["paused_until"] is not None
    elsewhere = WEBHOOKS.replace("crm.example/", "crm.example/v2/")
    house.apply(desk=DESK + elsewhere, rules="rules:\n" + rule("webhook: crm"), environment=SECRETS)
    assert (house.one(webhooks)["failures"], house.one(webhooks)["paused_until"]) == (0, None)


def test_an_address_within_the_house_is_not_called(house: House, crm: OtherSystem) -> None:
    inside = WEBHOOKS.replace("crm.example", "127.0.0.1")
    house.apply(desk=DESK + inside, rules="rules:\n" + rule("webhook: crm"), environment=SECRETS)
    house.receive(house.says("Hello"))
    call_due(house.rooms, crm.http)
    assert crm.told == []
    assert house.one(webhook_calls)["error"].endswith(
        "is not public; if it is in your own network, CASELLA_PRIVATE_HOSTS has to name it"
    )
