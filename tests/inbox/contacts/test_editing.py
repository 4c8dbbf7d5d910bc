"""Contacts made and changed by hand (S-65, S-70, S-103)."""

from __future__ import annotations

import pytest

from casella.errors import CasellaError, NotAllowed
from casella.inbox.contacts import Details, editing
from casella.inbox.reading import contacts as reading
from casella.store.tables import contacts, conversations
from tests.house import DESK, House
from tests.inbox.contacts.test_finding import names
from tests.inbox.personal.test_read_marks import member

WITH_PLAN = DESK + "attributes:\n  plan: {type: word, values: [free, gold]}\n  seats: {type: number}\n"


@pytest.fixture
def home(house: House) -> House:
    house.apply(desk=WITH_PLAN)
    return house


def create(house: House, details: Details, by: str = "ann") -> str:
    with house.rooms.store.write() as db:
        return editing.create(db, house.rooms, member(house, by), details, house.clock.now())


def edit(house: House, contact_id: str, details: Details, by: str = "ann") -> None:
    with house.rooms.store.write() as db:
        editing.edit(db, house.rooms, member(house, by), contact_id, details, house.clock.now())


def shown(house: House, contact_id: str, by: str = "ann") -> reading.ContactView:
    with house.rooms.store.read() as db:
        return reading.read_contact(db, house.rooms, member(house, by), contact_id)


def test_a_contact_is_made_found_and_told(home: House) -> None:
    before = home.newest()
    id = create(home, Details("Ada Lovelace", "it", ["+1 (555) 123-4567"], {"plan": "gold"}, ["vip"]))
    made = shown(home, id, "bob")
    assert (made.name, made.linked, made.locale, made.attributes) == ("Ada Lovelace", True, "it", {"plan": "gold"})
    assert ([one.address for one in made.addresses], made.tags) == (["+15551234567"], ["vip"])
    assert names(home, "lovel") == names(home, "4567") == ["Ada Lovelace"]
    [told] = home.told("bob", before)
    assert (told["kind"], told["payload"]["contact"]["id"]) == ("contact.updated", id)
    assert told["payload"]["contact"]["addresses"] == [{"kind": "phone", "address": "+15551234567"}]


def test_who_writes_from_the_number_is_the_contact_that_was_made(home: House) -> None:
    id = create(home, Details("Ada", numbers=["+39 055 5000001"]))
    home.receive(home.says("Hello"))
    assert home.one(conversations)["contact_id"] == id


@pytest.mark.parametrize(
    ("details", "code"),
    [
        (Details(), "no_name_or_number"),
        (Details("  "), "no_name_or_number"),
        (Details("A", numbers=["12345"]), "not_a_number"),
        (Details("A", numbers=["hello"]), "not_a_number"),
        (Details("A", attributes={"colour": "red"}), "unknown_attribute"),
        (Details("A", attributes={"plan": "silver"}), "bad_attribute"),
        (Details("A", attributes={"seats": "many"}), "bad_attribute"),
        (Details("A", tags=["vpi"]), "unknown_tag"),
        (Details("A", "klingon!"), "bad_language"),
        (Details("A", numbers=["+390555000001"]), "number_known"),
    ],
)
def test_what_cannot_be_is_refused_and_leaves_nothing(home: House, details: Details, code: str) -> None:
    home.receive(home.says("Hello"))  # from +390555000001
    with pytest.raises(CasellaError) as refused:
        create(home, details)
    assert refused.value.reason == code
    if code == "number_known":
        assert refused.value.extra["contact_id"] == home.one(contacts)["id"]
    assert len(home.rows(contacts)) == 1


def test_a_name_replaces_the_number_wherever_he_is_shown_and_goes_again(home: House) -> None:
    """A-8: the name replaces the number everywhere."""
    home.receive(home.says("Hello"))
    id, before = str(home.one(contacts)["id"]), home.newest()
    edit(home, id, Details("Ada", changed=["name"]))
    kinds = {event["kind"]: event["payload"] for event in home.told("bob", before)}
    assert kinds["conversation.updated"]["conversation"]["contact"]["display_name"] == "Ada"
    assert kinds["contact.updated"]["contact"]["name"] == "Ada"
    edit(home, id, Details(None, changed=["name"]))
    assert (shown(home, id).name, shown(home, id).linked) == (None, False)


def test_a_name_is_one_line_and_turns_nothing_round(home: House) -> None:
    id = create(home, Details("Ada\u202e ecalevoL\u2029now"))
    assert shown(home, id).name == "Ada ecalevoL now"


def test_what_is_not_named_stays(home: House) -> None:
    id = create(home, Details("Ada", "it", attributes={"plan": "gold", "seats": 3}))
    edit(home, id, Details(attributes={"plan": None}, changed=["attributes"]))
    assert (shown(home, id).name, shown(home, id).locale, shown(home, id).attributes) == ("Ada", "it", {"seats": 3})
    edit(home, id, Details(numbers=["+15551234567"], changed=["numbers"]))
    edit(home, id, Details(numbers=["+1 555 123 4567"], changed=["numbers"]))
    assert [one.address for one in shown(home, id).addresses] == ["+15551234567"]


def test_what_changes_nothing_is_told_to_nobody(home: House) -> None:
    id = create(home, Details("Ada", "it"))
    before = home.newest()
    edit(home, id, Details("Ada", "it", changed=["name", "locale"]))
    assert home.told("bob", before) == []


@pytest.mark.parametrize("who", ["nina", "rob"])
def test_who_is_in_no_inbox_or_may_only_read_makes_none(home: House, who: str) -> None:
    more = "  nina: {name: Nina, email: nina@desk.example}\n"
    more += "  rob: {name: Rob, email: rob@desk.example, teams: [front], may_reply: false}\n"
    home.apply(desk=WITH_PLAN.replace("hours:\n", f"{more}hours:\n", 1))
    with pytest.raises(NotAllowed) as refused:
        create(home, Details("Ada"), by=who)
    assert refused.value.reason == {"nina": "no_inbox", "rob": "may_not_reply"}[who]
