"""What a plugin is given to deliver: everything the contract documents, also when it is asked what became of it."""

from __future__ import annotations

import dataclasses

from casella.inbox.sending.settling import look_up_unconfirmed
from casella.plugin import OutgoingMessage, SendUncertain
from casella.store.tables import conversations, messages
from tests.house import ANNA, House


def sent(house: House) -> OutgoingMessage:
    """A person's reply that quotes and carries a file."""
    house.receive(house.says("A question", external_id="q-1"))
    question = house.one(messages, direction="in")
    house.acme.provider.answers[ANNA] = [SendUncertain()]
    house.reply("An answer", question["conversation_id"], attachment_ids=[house.upload()], reply_to=question["id"])
    house.deliver()
    return house.acme.provider.arrived[-1].message


def test_every_documented_field_is_filled(house: House) -> None:
    message = sent(house)
    conversation = house.one(conversations)["id"]
    assert message.metadata == {"conversation_id": conversation}
    filled = {field.name for field in dataclasses.fields(message) if getattr(message, field.name)}
    assert filled | {"content"} == {field.name for field in dataclasses.fields(OutgoingMessage)}


def test_whoever_looks_it_up_is_given_the_same_message(house: House) -> None:
    """So that a request which the provider does once for one key may be made again."""
    message = sent(house)
    house.clock.move(seconds=21)
    look_up_unconfirmed(house.rooms, house.http)
    [attempt] = house.acme.provider.asked
    for name in ("id", "to", "text", "reply_to", "metadata", "content", "by_person", "status_url"):
        assert getattr(attempt.message, name) == getattr(message, name), name
    assert [one.name for one in attempt.message.attachments] == [one.name for one in message.attachments]
