"""The harness itself: a house stands, hears, answers, on both databases."""

from __future__ import annotations

from casella.store.tables import conversations, journal, messages, outbox
from tests.fakes import CHALLENGE
from tests.house import ANNA, House


def test_a_message_comes_in_and_an_answer_goes_out(house: House) -> None:
    house.receive(house.says("Where is my order?"))
    house.reply("On its way!")

    assert house.deliver() == 1

    assert [row["text"] for row in house.rows(messages)] == ["Where is my order?", "On its way!"]
    assert [item.message.to for item in house.acme.provider.arrived] == [ANNA]
    assert house.one(messages, direction="out")["state"] == "sent"
    assert house.rows(outbox) == []
    assert house.one(conversations)["message_count"] == 2
    assert {row["state"] for row in house.rows(journal)} == {"done"}


def test_forged_webhooks_and_handshakes_are_answered_and_store_nothing(house: House) -> None:
    answers = house.post(
        house.webhook(house.says(), secret="wrong"), house.webhook(body=CHALLENGE), house.webhook(house.says())
    )

    assert [(answer.status, answer.body) for answer in answers] == [(403, b""), (200, b"echo"), (200, b"taken")]
    assert len(house.rows(journal)) == 1
