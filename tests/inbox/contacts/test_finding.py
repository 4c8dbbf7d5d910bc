"""Finding contacts by name, and by number in any spelling (S-66, S-89, A-15, W-12)."""

from __future__ import annotations

import pytest

from casella.inbox.contacts import noting
from casella.inbox.reading import contacts
from casella.inbox.reading.contacts import ContactPage
from casella.store.queries.people import contact_index
from casella.store.tables import contact_terms
from casella.store.tables import contacts as contact_rows
from tests.builders import make_contact
from tests.house import DESK, House
from tests.inbox.personal.test_read_marks import member

ITALIAN = DESK.replace('"+15550001"', '"+390699990001"').replace('"+15550002"', '"+12025550002"')
PEOPLE = {
    "Anna Müller-Rossi": "+390612345678", "Annalisa Bianchi": "+393331234567", "Anton Rossi": "+12025550123",
    "Émile Zola": "+442079460000", "Rossana Anni": "+390611111111",
}  # fmt: skip


@pytest.fixture
def people(house: House) -> House:
    """Our own numbers are Italian and American."""
    house.apply(desk=ITALIAN)
    with house.rooms.store.write() as db:
        made = [make_contact(db, name=name, address=number) for name, number in PEOPLE.items()]
        contact_index.renew(db, made)
    return house


def search(house: House, q: str, key: str = "ann", *, favourites: bool = False) -> ContactPage:
    with house.rooms.store.read() as db:
        return contacts.search_contacts(db, house.rooms, member(house, key), q, None, 25, favourites=favourites)


def names(house: House, q: str, key: str = "ann", *, favourites: bool = False) -> list[str]:
    return [str(one.name) for one in search(house, q, key, favourites=favourites).items]


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("anna", ["Anna Müller-Rossi", "Annalisa Bianchi"]),
        ("ANN", ["Anna Müller-Rossi", "Annalisa Bianchi", "Rossana Anni"]),
        ("rossi", ["Anna Müller-Rossi", "Anton Rossi"]),
        ("ross an", ["Anna Müller-Rossi", "Rossana Anni", "Anton Rossi"]),
        ("rossi anna", ["Anna Müller-Rossi"]),
        ("muller", ["Anna Müller-Rossi"]),
        ("émile", ["Émile Zola"]),
        ("emi zo", ["Émile Zola"]),
        ("nna", []),
        ("...", []),
        ("%", []),
    ],
)
def test_by_words_of_a_name_or_beginnings(people: House, q: str, found: list[str]) -> None:
    assert sorted(names(people, q)) == sorted(found)


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("+39 06 1234 5678", ["Anna Müller-Rossi"]),
        ("0039 06-12345678", ["Anna Müller-Rossi"]),
        ("06 12345678", ["Anna Müller-Rossi"]),
        ("06 12", ["Anna Müller-Rossi"]),
        ("+39 06", ["Anna Müller-Rossi", "Rossana Anni"]),
        ("06", ["Anna Müller-Rossi", "Rossana Anni"]),
        ("5678", ["Anna Müller-Rossi"]),
        ("4567", ["Annalisa Bianchi"]),
        ("333 123", ["Annalisa Bianchi"]),
        ("(202) 555", ["Anton Rossi"]),
        ("555-0123", ["Anton Rossi"]),
        ("345", []),
        ("1", []),
    ],
)
def test_by_a_number_in_any_spelling(people: House, q: str, found: list[str]) -> None:
    assert sorted(names(people, q)) == sorted(found)


@pytest.mark.parametrize(
    ("q", "offered"),
    [
        ("202555019", None),  # nine digits
        ("2025550199", "+12025550199"),
        ("202 555-0199", "+12025550199"),
        ("+39 333 7654321", "+393337654321"),
        ("3337654321", "+393337654321"),
        ("2025550123", None),  # Anton's
        ("99999999999999999", None),  # nobody's anywhere
        ("anna", None),
    ],
)
def test_a15_a_whole_number_that_is_nobodys_is_offered(people: House, q: str, offered: str | None) -> None:
    page = search(people, q)
    assert page.unknown_number == offered
    if q == "2025550123":
        assert [one.name for one in page.items] == ["Anton Rossi"]


def test_pages_give_everybody_once_in_order(people: House) -> None:
    whole, walked, behind = names(people, "an"), list[str](), None
    assert len(whole) == len(set(whole)) == 4
    while True:
        with people.rooms.store.read() as db:
            page = contacts.search_contacts(db, people.rooms, member(people, "ann"), "an", behind, 1)
        walked += [str(one.name) for one in page.items]
        behind = page.behind
        if behind is None:
            break
    assert walked == whole


def test_who_writes_is_found_from_his_first_message_on(house: House) -> None:
    house.receive(house.says("Hello", "+390555000777", contact_name="Zeno Cosini"))
    assert names(house, "cosini") == ["Zeno Cosini"]
    assert names(house, "0777") == ["Zeno Cosini"]


def test_who_tells_his_name_later_is_found_by_it(house: House) -> None:
    house.receive(house.says("Hello", "+390555000777"))
    assert names(house, "cosini") == []
    house.receive(house.says("It is me", "+390555000777", contact_name="Zeno Cosini"))
    assert names(house, "zeno") == ["Zeno Cosini"]


def test_the_terms_are_those_of_the_rows_whatever_happened(house: House) -> None:
    house.receive(house.says("Hello", "+390555000777"), house.says("Hello", "+390555000778", contact_name="Bo Bo"))
    house.receive(
        {"kind": "address_changed", "channel_address": "+15550001", "contact_address": "+390555000778",
         "new_address": "+390555000779"},
        house.says("Hi", "+390555000777", contact_name="Zeno Cosini"),
    )  # fmt: skip
    before = {(row["term"], row["contact_id"]) for row in house.rows(contact_terms)}
    with house.rooms.store.write() as db:
        contact_index.renew(db, [str(row["id"]) for row in house.rows(contact_rows)])
    assert {(row["term"], row["contact_id"]) for row in house.rows(contact_terms)} == before
    assert ("#390555000779", next(id for term, id in before if term == "bo")) in before


def test_favourites_are_ones_own(people: House) -> None:
    """S-22, S-106."""
    anton = search(people, "anton").items[0].id
    with people.rooms.store.write() as db:
        for _ in range(2):
            noting.set_favourite(db, member(people, "ann"), anton, favourite=True)
    assert names(people, "rossi", favourites=True) == ["Anton Rossi"]
    assert names(people, "rossi", "bob", favourites=True) == []
    with people.rooms.store.read() as db:
        mine = [
            contacts.list_contacts(db, people.rooms, member(people, key), None, 25, favourites=True).items
            for key in ("ann", "bob")
        ]
    assert [[one.name for one in page] for page in mine] == [["Anton Rossi"], []]
    assert (mine[0][0].favourite, search(people, "anton", "bob").items[0].favourite) == (True, False)


def test_who_belongs_to_no_inbox_finds_nobody(people: House) -> None:
    people.apply(desk=ITALIAN.replace("hours:\n", "  nina: {name: Nina, email: nina@desk.example}\nhours:\n", 1))
    page = search(people, "rossi", "nina")
    assert (page.items, page.unknown_number) == ([], None)
    assert search(people, "2025550199", "nina").unknown_number is None
