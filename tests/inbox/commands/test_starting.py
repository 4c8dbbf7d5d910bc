"""Beginning a conversation: with anybody where that is possible, and a way out where it is not (S-11, S-12, A-3)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from casella.errors import CasellaError, Invalid, NotFound, SendRefused
from casella.inbox.commands import starting
from casella.inbox.reading.members import find_member
from casella.inbox.sending.outbox import Draft
from casella.plugin import Refusal
from casella.store.tables import contact_addresses, contacts, conversations, messages
from tests.fakes import AcmeChannel
from tests.house import ANNA, BERT, DESK, House
from tests.inbox.rule_texts import matched, rule, tags, the

CHAT = "+15550009"
TWO = DESK.replace(
    "connections:\n", 'connections:\n  chat: {type: chat, settings: {secret: "${ACME_SECRET}"}}\n'
).replace("channels:\n", f'channels:\n  web: {{connection: chat, inbox: support, address: "{CHAT}"}}\n')


@pytest.fixture
def house(migrated_url: str, tmp_path: Path) -> Iterator[House]:
    plugins = [AcmeChannel(), AcmeChannel("chat", business_may_start=False, reply_window=86_400.0)]
    with House(migrated_url, tmp_path, plugins=plugins, desk=None) as built:
        built.apply(desk=TWO)
        yield built


def start(
    house: House, channel: str = "main", to: str | None = BERT, contact: str | None = None, by: str = "ann"
) -> str:
    with house.rooms.store.write() as db:
        member = find_member(db, house.agent(by).id)
        assert member is not None
        draft = Draft("Hello", sender_id=member.id)
        return starting.start(db, house.rooms, member, channel, to, contact, draft, house.clock.now())[0]


def refusal(house: House, **how: str | None) -> CasellaError:
    with pytest.raises(CasellaError) as raised:
        start(house, **how)  # type: ignore[arg-type]  # a short way to write tests
    return raised.value


def test_a_message_to_somebody_new(house: House) -> None:
    conversation_id = start(house)
    house.deliver()
    row = house.one(conversations, id=conversation_id)
    assert (row["started_by"], row["assignee_id"], row["message_count"]) == ("agent", house.agent("ann").id, 1)
    assert house.one(contact_addresses)["address"] == BERT
    assert house.acme.provider.texts(BERT) == ["Hello"]


def test_42_what_is_begun_by_the_api_meets_the_rules_in_their_order(house: House) -> None:
    """The number of docs/complaints.md. Neither the names nor who began it change the order."""
    by_agents = "{conversation.started_by: agent}"
    house.apply(
        desk=TWO,
        rules="rules:\n"
        + rule("note: first", "priority: high", "tag: vip", name="Z", when="conversation_opened", condition=by_agents)
        + rule("note: second", "priority: urgent", name="A", when="conversation_opened")
        + rule("note: third", name="M", when="conversation_opened", condition="{conversation.priority: high}")
        + rule("note: fourth", name="B", when="message_sent", condition=by_agents)
        + rule("tag: refund", name="C", when="message_received"),
    )
    start(house)
    house.deliver()
    house.fire()
    assert matched(house, "conversation_opened") == ["Z", "A"]  # facts are what was there when the run began
    assert [row["text"] for row in house.rows(messages, direction="note")] == ["first", "second", "fourth"]
    assert (tags(house), the(house)["priority"]) == ({"vip"}, "urgent")


def test_the_answer_lands_in_it(house: House) -> None:
    conversation_id = start(house)
    house.receive(house.says("Yes?", sender=BERT))
    assert {row["conversation_id"] for row in house.rows(messages)} == {conversation_id}


def test_an_open_conversation_goes_on(house: House) -> None:
    house.receive(house.says())
    assert start(house, to=ANNA) == house.one(conversations)["id"]
    house.one(contacts)


def test_a_contact_that_is_known(house: House) -> None:
    house.receive(house.says())
    contact = str(house.one(contacts)["id"])
    start(house, to=None, contact=contact)
    assert start(house, "second", to=None, contact=contact)
    house.one(contacts)
    assert len(house.rows(conversations)) == 2


def test_where_only_the_contact_may_begin_another_channel_is_named(house: House) -> None:
    house.receive(house.says())
    error = refusal(house, channel="web", to=ANNA)
    assert isinstance(error, SendRefused)
    assert error.reason == "conversation_not_startable"
    assert (error.extra["alternative_channel_type"], error.extra["alternative_address"]) == ("acme", ANNA)


def test_no_alternative_is_named_that_does_not_reach_the_contact(house: House) -> None:
    assert "alternative_channel_id" not in refusal(house, channel="web", to="somebody").extra
    house.receive(house.says())
    house.acme.provider.refusals[ANNA] = Refusal("not_a_number", "No.")
    assert "alternative_channel_id" not in refusal(house, channel="web", to=ANNA).extra


def test_nobody_is_made_a_contact_by_a_refusal(house: House) -> None:
    house.acme.provider.refusals[BERT] = Refusal("not_a_number", "No.")
    assert refusal(house).reason == "not_a_number"
    assert house.rows(contacts) == []


def test_channels_and_contacts_of_others_are_not_there(house: House) -> None:
    assert isinstance(refusal(house, channel="nowhere"), NotFound)
    assert isinstance(refusal(house, to=None, contact="01KB2Z8Q4M7T1V3X5Y7Z9A1C3E"), NotFound)


def test_a_contact_without_an_address_there(house: House) -> None:
    house.receive(house.says())
    contact = house.one(contacts)["id"]
    with house.rooms.store.write() as db:
        db.execute(contact_addresses.update().values(kind="other"))
    error = refusal(house, to=None, contact=str(contact))
    assert isinstance(error, Invalid)
    assert error.reason == "no_address_for_channel"
