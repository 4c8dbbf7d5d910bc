"""Contacts from a file and into one: a dry run, progress, what is wrong with which line, and nothing twice."""

from __future__ import annotations

import pytest

from casella.errors import Invalid, NotAllowed
from casella.inbox.contacts import Details, csv_file, importing
from casella.store.tables import contact_imports, contacts
from tests.house import House
from tests.inbox.contacts.test_editing import WITH_PLAN, create, shown
from tests.inbox.contacts.test_finding import names
from tests.inbox.personal.test_read_marks import member

FILE = """\ufeffName,Number,Language,Tags,plan,attribute.seats
Ada Lovelace,+1 555 123 0001;+1 555 123 0002,en,vip;order,gold,"3,5"
"Rossi, Anna",+39 06 1234 5678,it,,,
,+15551230003,,,,
Nobody's,12,,,,
Bad plan,,,,silver,
Bad tag,,,nonsense,,
,,,,,
Too,much,for,the,first,line,here
"""


@pytest.fixture
def home(house: House) -> House:
    house.apply(desk=WITH_PLAN)
    return house


def check(house: House, text: str) -> importing.ImportView:
    with house.rooms.store.read() as db:
        return importing.check(db, house.rooms, member(house, "mara"), "a.csv", text, house.clock.now())


def take(house: House, text: str) -> importing.ImportView:
    with house.rooms.store.write() as db:
        begun = importing.begin(db, house.rooms, member(house, "mara"), "a.csv", text, house.clock.now())
    while importing.take_some(house.rooms):
        pass
    with house.rooms.store.read() as db:
        return importing.find(db, member(house, "mara"), str(begun.id))


def test_a_dry_run_says_what_would_come_of_it_and_writes_nothing(home: House) -> None:
    create(home, Details(None, numbers=["+15551230003"]))
    found = check(home, FILE)
    assert (found.total, found.created, found.changed, found.done) == (7, 2, 1, 0)
    assert [(one.line, one.code) for one in found.mistakes] == [
        (5, "not_a_number"), (6, "bad_attribute"), (7, "unknown_tag"), (9, "too_many_cells"),
    ]  # fmt: skip
    assert len(home.rows(contacts)) == 1
    assert home.rows(contact_imports) == []


def test_each_line_is_taken_by_itself(home: House) -> None:
    known = create(home, Details("Old", numbers=["+15551230002"], attributes={"seats": 1}))
    before = home.newest()
    done = take(home, FILE)
    assert (done.state, done.total, done.done, done.created, done.changed) == ("done", 7, 7, 2, 1)
    assert len(done.mistakes) == 4
    ada = shown(home, known)
    assert (ada.name, ada.locale, ada.tags, ada.attributes) == (
        "Ada Lovelace", "en", ["order", "vip"], {"plan": "gold", "seats": 3.5},
    )  # fmt: skip
    assert [one.address for one in ada.addresses] == ["+15551230002", "+15551230001"]
    assert names(home, "rossi") == ["Rossi, Anna"]
    told = home.told("mara", before)
    assert [one["payload"] for one in told if one["kind"] == "import.updated"][-1]["state"] == "done"
    assert [one["payload"] for one in told if one["kind"] == "contacts.imported"] == [{"created": 2}]
    assert all(one["kind"] != "import.updated" for one in home.told("bob", before))


def test_the_same_file_again_changes_nothing(home: House) -> None:
    take(home, FILE)
    again = take(home, FILE)
    assert (again.created, again.changed) == (0, 0)
    assert len(home.rows(contacts)) == 3


def test_another_worker_goes_on_where_one_has_stopped(home: House) -> None:
    text = "name\n" + "".join(f"Person {number}\n" for number in range(250))
    with home.rooms.store.write() as db:
        importing.begin(db, home.rooms, member(home, "mara"), "a.csv", text, home.clock.now())
    assert importing.take_some(home.rooms)
    assert home.one(contact_imports)["done"] == importing.AT_ONCE
    while importing.take_some(home.rooms):
        pass
    assert len(home.rows(contacts)) == 250
    assert (home.one(contact_imports)["state"], home.one(contact_imports)["done"]) == ("done", 250)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "no_header"),
        ("tags,locale\nvip,it\n", "no_header"),
        ("nmae,numbers\nx,1\n", "unknown_column"),
        ("name\n" + "x\n" * 20_001, "file_too_long"),
        ("name\n" + "x" * 200_000 + "\n", "no_csv"),
    ],
)
def test_what_is_no_such_file_is_refused(home: House, text: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        check(home, text)
    assert refused.value.reason == code
    if code == "unknown_column":
        assert refused.value.extra["nearest"] == "name"


@pytest.mark.parametrize("separator", [";", "\t"])
def test_other_programs_separate_otherwise(home: House, separator: str) -> None:
    text = f"name{separator}locale\nAda{separator}en\n"
    assert (take(home, text).created, names(home, "ada")) == (1, ["Ada"])


def test_what_is_exported_is_what_is_imported(home: House) -> None:
    create(home, Details('=HYPERLINK("x")', "it", ["+15551230001"], {"plan": "gold", "seats": 2}, ["vip"]))
    create(home, Details('Comma, "quoted"\u2028line'))
    before = {str(row["name"]): row["custom"] for row in home.rows(contacts)}
    text = "".join(csv_file.written_rows(home.rooms, importing.everybody(home.rooms, member(home, "mara"))))
    assert "'=HYPERLINK" in text
    assert (check(home, text).mistakes, check(home, text).changed, check(home, text).created) == ([], 1, 1)
    take(home, text)
    assert {str(row["name"]): row["custom"] for row in home.rows(contacts)} == before


def test_who_may_only_read_imports_nothing(home: House) -> None:
    rob = "  rob: {name: Rob, email: rob@desk.example, role: manager, inboxes: [support], may_reply: false}\n"
    home.apply(desk=WITH_PLAN.replace("hours:\n", f"{rob}hours:\n", 1))
    with home.rooms.store.write() as db, pytest.raises(NotAllowed):
        importing.begin(db, home.rooms, member(home, "rob"), "a.csv", "name\nx\n", home.clock.now())
