"""Sends whose outcome is unknown: asked about, settled by the provider's word or by an agent's."""

from __future__ import annotations

import pytest

from casella.errors import Conflict, NotFound
from casella.inbox.sending.claims import HOLD
from casella.inbox.sending.settling import look_up_unconfirmed, settle
from casella.plugin import ChannelUnreachable, LookupResult, SendUncertain, Sent
from casella.store.tables import messages, outbox, send_attempts
from tests.house import ANNA, House


@pytest.fixture
def unconfirmed(house: House) -> str:
    """The id of a message of which nobody knows whether it arrived."""
    house.receive(house.says())
    message_id = house.reply("Hello")
    house.acme.provider.answers[ANNA] = [SendUncertain()]
    house.deliver()
    assert state(house, message_id) == "unconfirmed"
    return message_id


def state(house: House, message_id: str) -> str:
    return str(house.one(messages, id=message_id)["state"])


def look_up(house: House) -> int:
    house.clock.move(seconds=21)
    return look_up_unconfirmed(house.rooms, house.http)


def test_taken_settles_it_as_sent_with_the_providers_id(house: House, unconfirmed: str) -> None:
    house.acme.provider.lookups[ANNA] = LookupResult("taken", Sent("found-1"))

    assert look_up(house) == 1
    row = house.one(messages, id=unconfirmed)
    assert (row["state"], row["external_id"]) == ("sent", "found-1")
    assert house.rows(outbox) == []
    assert house.rows(send_attempts)[-1]["outcome"] == "settled_sent"


def test_not_taken_queues_it_again_and_it_is_sent_once(house: House, unconfirmed: str) -> None:
    house.acme.provider.lookups[ANNA] = LookupResult("not_taken")

    assert look_up(house) == 1
    house.deliver()
    assert state(house, unconfirmed) == "sent"
    assert house.acme.provider.texts() == ["Hello", "Hello"]


@pytest.mark.parametrize("answer", [LookupResult("unknown"), LookupResult("taken"), ChannelUnreachable()])
def test_without_an_answer_it_stays_unconfirmed_and_is_asked_about_again(
    house: House, unconfirmed: str, answer: LookupResult | Exception
) -> None:
    house.acme.provider.lookups[ANNA] = answer

    assert look_up(house) == 0
    assert look_up_unconfirmed(house.rooms, house.http) == 0, "its next turn has not come"
    assert look_up(house) == 0
    assert state(house, unconfirmed) == "unconfirmed"
    assert len(house.acme.provider.asked) == 2


def test_nobody_asks_for_ever(house: House, unconfirmed: str) -> None:
    house.clock.move(hours=3)
    assert look_up(house) == 0
    assert house.acme.provider.asked == []


def test_ids_of_other_messages_are_known_to_the_lookup_and_never_taken(house: House, unconfirmed: str) -> None:
    house.reply("Another", house.one(messages, id=unconfirmed)["conversation_id"])
    house.clock.move(seconds=HOLD.total_seconds() + 1)
    house.deliver()
    other = house.one(messages, text="Another")["external_id"]
    house.acme.provider.lookups[ANNA] = LookupResult("taken", Sent(other))

    assert look_up(house) == 0
    assert other in house.acme.provider.asked[0].known_ids
    assert state(house, unconfirmed) == "unconfirmed"


def test_a_plugin_that_fails_in_looking_up_stops_nobody(house: House, unconfirmed: str) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError

    house.acme.instead["lookup"] = fail
    assert look_up(house) == 0
    assert house.host.breakers.last_failure("acme", "lookup").startswith("lookup raised RuntimeError (")


def test_an_agent_may_say_that_it_arrived(house: House, unconfirmed: str) -> None:
    settle(house.rooms, unconfirmed, "sent")

    assert state(house, unconfirmed) == "sent"
    assert house.rows(outbox) == []
    with pytest.raises(Conflict) as caught:
        settle(house.rooms, unconfirmed, "send_again")
    assert caught.value.reason == "not_unconfirmed"


def test_an_agent_may_have_it_sent_again(house: House, unconfirmed: str) -> None:
    settle(house.rooms, unconfirmed, "send_again")
    house.deliver()

    assert state(house, unconfirmed) == "sent"
    assert len(house.acme.provider.arrived) == 2


def test_nothing_is_sent_again_once_a_receipt_has_come(house: House, unconfirmed: str) -> None:
    house.receive(house.receipt("late-1", "delivered", message_id=unconfirmed))

    with pytest.raises(Conflict):
        settle(house.rooms, unconfirmed, "send_again")
    assert look_up(house) == 0
    assert house.deliver() == 0
    assert state(house, unconfirmed) == "delivered"


def test_there_must_be_such_a_message(house: House) -> None:
    with pytest.raises(NotFound):
        settle(house.rooms, "0" * 26, "sent")
