"""What people note about a contact is a fact for rules."""

from __future__ import annotations

from casella.inbox.contacts.noting import add_tag, set_favourite
from casella.store.tables import contact_tags, contacts, conversations
from tests.house import House
from tests.inbox.personal.test_read_marks import member
from tests.inbox.rule_texts import rule, tags, use


def test_rules_see_them(house: House) -> None:
    use(house, rule("tag: order", condition="{contact.tags: {has: vip}, contact.favourite: true}"))
    house.receive(house.says("one"))
    contact = str(house.one(contacts)["id"])
    with house.rooms.store.write() as db:
        add_tag(db, house.rooms, contact, "vip")
        set_favourite(db, member(house, "bob"), contact, True)
    house.receive(house.says("two"))
    assert tags(house) == set()  # nobody has it, and it is nobody's favourite
    house.assign(str(house.one(conversations)["id"]), "ann")
    house.receive(house.says("three"))
    assert tags(house) == set()  # Bob's is not Ann's
    house.assign(str(house.one(conversations)["id"]), "bob", expected="ann")
    house.receive(house.says("four"))
    assert tags(house) == {"order"}
    assert [row["tag"] for row in house.rows(contact_tags)] == ["vip"]
