"""One contact with several addresses, and one who changes his."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from casella.inbox.house import phone_of
from casella.store.tables import consents, contact_addresses, contacts, conversations, messages
from tests.fakes import AcmeChannel
from tests.house import ANNA, BERT, House

ID = "DE.4711"
NEW = "+390555000009"


@pytest.fixture
def house(migrated_url: str, tmp_path: Path) -> Iterator[House]:
    with House(migrated_url, tmp_path, plugins=[AcmeChannel(aliases=True)]) as built:
        yield built


def moved(house: House, old: str = ANNA, new: str = NEW) -> None:
    house.receive(
        {"kind": "address_changed", "channel_address": "+15550001", "contact_address": old, "new_address": new}
    )


def addresses(house: House) -> set[str]:
    return {row["address"] for row in house.rows(contact_addresses)}


def test_two_addresses_are_one_contact_in_one_conversation(house: House) -> None:
    house.receive(house.says("by number", aliases=[ID]))
    house.receive(house.says("by id", sender=ID))
    house.one(contacts)
    conversation = house.one(conversations)
    assert [row["text"] for row in house.rows(messages)] == ["by number", "by id"]
    house.reply("there?")
    house.deliver()
    assert house.acme.provider.arrived[-1].message.to == ID, "the address that wrote last is the one to answer"
    assert house.one(conversations)["id"] == conversation["id"]


def test_they_may_come_in_one_batch(house: House) -> None:
    house.receive(house.says("one", aliases=[ID]), house.says("two", sender=ID, aliases=[ANNA]))
    house.one(contacts)
    house.one(conversations)


def test_who_was_two_becomes_one(house: House) -> None:
    house.receive(house.says("by number", contact_name="Anna"))
    house.receive(house.says("by id", sender=ID))
    assert len(house.rows(contacts)) == 2
    house.receive(house.says("both", aliases=[ID]))
    [kept] = {row["contact_id"] for row in house.rows(contact_addresses)}
    assert {row["contact_id"] for row in house.rows(conversations)} == {kept}
    assert {row["sender_id"] for row in house.rows(messages)} == {kept}


def test_a_known_spelling_of_the_number_leads_to_the_contact(house: House) -> None:
    house.receive(house.says("old spelling", contact_name="Anna"))
    house.receive(house.says("new spelling", sender=NEW, aliases=[ANNA]))
    assert house.one(contacts)["name"] == "Anna"
    assert addresses(house) == {ANNA, NEW}


def test_without_the_capability_addresses_stand_alone(migrated_url: str, tmp_path: Path) -> None:
    with House(migrated_url, tmp_path) as house:
        house.receive(house.says())
        house.receive(house.says(sender=BERT))
        assert len(house.rows(contacts)) == len(house.rows(conversations)) == 2


def test_a_changed_number_keeps_contact_and_conversation(house: House) -> None:
    house.receive(house.says("Hello", contact_name="Anna"))
    moved(house)
    house.receive(house.says("from my new phone", sender=NEW))
    assert house.one(contacts)["name"] == "Anna"
    house.one(conversations)
    assert addresses(house) == {NEW}
    house.reply()
    house.deliver()
    assert house.acme.provider.arrived[-1].message.to == NEW


def test_a_change_to_a_number_that_is_known_unites_both(house: House) -> None:
    house.receive(house.says("Hello", contact_name="Anna"))
    house.receive(house.says("Hi", sender=NEW))
    moved(house)
    assert len({row["contact_id"] for row in house.rows(contact_addresses)}) == 1
    assert addresses(house) == {ANNA, NEW}


def test_a_change_of_somebody_unknown_changes_nothing(house: House) -> None:
    moved(house)
    moved(house, ANNA, ANNA)
    assert addresses(house) == set()


def test_an_opt_out_moves_along(house: House) -> None:
    house.receive(house.says("STOP"))
    house.receive(
        {"kind": "consent", "channel_address": "+15550001", "contact_address": ANNA, "state": "opted_out",
         "source": "keyword", "evidence": "STOP"}
    )  # fmt: skip
    moved(house)
    assert {(row["address"], row["state"]) for row in house.rows(consents)} == {(ANNA, "opted_out"), (NEW, "opted_out")}


SECOND_ID, PARENT_ID = "US.20000000000000000002", "US.ENT.1"


def notice(new: str, *aliases: str, old: str = ID) -> dict[str, object]:
    return {"kind": "address_changed", "channel_address": "+15550001", "contact_address": old, "new_address": new,
            "aliases": aliases}  # fmt: skip


def test_every_id_of_a_notice_leads_to_one_contact_in_one_conversation(house: House) -> None:
    """chatwoot/chatwoot#15357: a new phone, and a new user id."""
    house.receive(house.says("before my new phone", sender=ID, contact_name="Rae"))
    house.receive(notice(SECOND_ID, ID, PARENT_ID))
    house.receive(house.says("after my new phone", sender=SECOND_ID), house.says("and again", sender=SECOND_ID))
    assert (house.one(contacts)["name"], house.one(conversations)["message_count"]) == ("Rae", 3)
    assert addresses(house) == {ID, SECOND_ID, PARENT_ID}
    house.reply()
    house.deliver()
    assert house.acme.provider.arrived[-1].message.to == SECOND_ID


def test_whichever_of_the_named_ids_is_known_it_is_the_contact(house: House) -> None:
    house.receive(house.says("by number"))
    house.receive(notice(SECOND_ID, ID, ANNA))
    house.one(contacts)
    house.receive(house.says("by the new id", sender=SECOND_ID))
    house.one(conversations)


def test_an_id_that_only_a_notice_of_somebody_known_tells_leads_to_him(house: House) -> None:
    """A receipt tells the user id of a number that has written: by this id he may write next."""
    house.receive(house.says("Hello", ANNA))
    house.receive(notice(ANNA, SECOND_ID))
    house.receive(house.says("It is me", SECOND_ID))
    house.receive(house.says("Again", ID))
    house.one(contacts)
    house.one(conversations)


def test_an_echo_names_the_contact_too(house: House) -> None:
    house.receive(house.says("by number"))
    where = {"kind": "message_echoed", "channel_address": "+15550001", "contact_address": ID, "external_id": "e-1"}
    house.receive({**where, "text": "Hello", "contact_name": "Anna", "aliases": [ANNA]})
    assert house.one(contacts)["name"] == "Anna"
    house.one(conversations)


@pytest.mark.parametrize(
    ("kind", "address", "phone"),
    [("phone", ANNA, ANNA), ("phone", ID, None), ("phone", "group:1", None), ("psid", "4711", None)],
)
def test_an_id_is_nobodys_phone(kind: str, address: str, phone: str | None) -> None:
    assert phone_of(kind, address) == phone
