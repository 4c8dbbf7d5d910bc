"""What contacts have said of marketing, from a file or for a list of them: with evidence, and what is newer counts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, select, update

from casella.errors import NotFound
from casella.inbox.consent import agreed, everywhere, topic_key
from casella.inbox.contacts import Details, agreeing, importing
from casella.inbox.contacts.agreeing import Noted, Said, Skipped
from casella.store.tables import activity, consents, contact_imports
from tests.house import House
from tests.inbox.contacts.test_editing import create
from tests.inbox.contacts.test_files import check, take
from tests.inbox.personal.test_read_marks import member

HEAD = "numbers,consent.marketing,consent.channels,consent.source,consent.at\n"
ADA, ANNA = "+15551230001", "+15551230002"


def says(house: House, state: agreeing.State = "opted_in", **given: object) -> Said:
    values = {"channels": ["main"], "source": "Counter", "at": house.clock.now() - timedelta(days=1), **given}
    return agreeing.said(house.rooms, member(house, "mara"), state, now=house.clock.now(), **values)  # type: ignore[arg-type]  # by name


def note(house: House, ids: list[str], what: Said, *, dry_run: bool = False) -> tuple[Noted, list[Skipped]]:
    with house.rooms.store.write() as db:
        mara, now = member(house, "mara"), house.clock.now()
        noted, skipped = agreeing.note_contacts(db, house.rooms, mara, ids, what, now, dry_run=dry_run)
    return noted, list(skipped)


def willing(house: House, channel: str = "main") -> set[str]:
    entry = house.rooms.directory.current.channel_named(channel)
    assert entry is not None
    with house.rooms.store.read() as db:
        return agreed(house.rooms, db, entry, [ADA, ANNA])


def stop(house: House, number: str, at: datetime) -> None:
    """He has stopped everything."""
    entry = house.rooms.directory.current.channel_named("main")
    assert entry is not None
    row = {"pool": everywhere(entry), "address": number, "state": "opted_out", "source": "keyword", "evidence": "STOP"}
    with house.rooms.store.write() as db:
        db.execute(insert(consents).values(**row, at=at))


def test_a_file_brings_consent_in_with_its_evidence(house: House) -> None:
    text = HEAD + (
        f"{ADA},yes,main;second,Web form,2026-01-05T10:30\n"
        f"{ANNA},no,main,Call,2026-01-06\n"
        "+15551230003,,,,\n"
    )  # fmt: skip
    looked = check(house, text)
    assert (looked.created, looked.consents, looked.mistakes) == (3, Noted(opted_in=2, opted_out=1), [])
    assert house.rows(consents) == []
    before = house.newest()
    done = take(house, text)
    assert (done.created, done.consents) == (3, looked.consents)
    assert (willing(house), willing(house, "second")) == ({ADA}, {ADA})
    rows = house.rows(consents)
    main = house.rooms.directory.current.channel_named("main")
    assert main is not None
    [first] = [row for row in rows if (row["pool"], row["address"]) == topic_key(main, ADA)]
    assert (first["source"], first["evidence"], first["agent_id"]) == ("import", "Web form", house.agent("mara").id)
    assert first["at"] == datetime(2026, 1, 5, 9, 30, tzinfo=UTC), "in the desk's zone"
    told = [one["payload"] for one in house.told("bob", before) if one["kind"] == "contact.consent"]
    assert sorted((one["state"], one["topic"]) for one in told) == [
        ("opted_in", "marketing"), ("opted_in", "marketing"), ("opted_out", "marketing"),
    ]  # fmt: skip
    [audit] = house.rows(activity, what="consent_noted")
    assert audit["after"] == "marketing: 2 opted in, 1 opted out (a.csv)"
    again = take(house, text)
    assert (again.consents, len(house.rows(consents))) == (Noted(known=3), 3)


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        (f"{ADA},yes,main,,2026-01-05", "no_consent_source"),
        (f"{ADA},yes,main,Form,", "no_consent_source"),
        (f"{ADA},yes,main,Form,yesterday", "bad_time"),
        (f"{ADA},yes,main,Form,9999-12-31T23:59-12:00", "bad_time"),
        (f"{ADA},yes,main,Form,2999-01-01", "consent_in_future"),
        (f"{ADA},yes,,Form,2026-01-05", "no_channel"),
        (f"{ADA},yes,mian,Form,2026-01-05", "not_found"),
        (f"{ADA},perhaps,main,Form,2026-01-05", "bad_consent"),
    ],
)
def test_consent_without_its_evidence_is_no_consent(house: House, cells: str, code: str) -> None:
    """The whole line stays out, and the others are taken."""
    done = take(house, f"{HEAD}{cells}\n{ANNA},yes,main,Form,2026-01-05\n")
    assert ([(one.line, one.code) for one in done.mistakes], done.created) == ([(2, code)], 1)
    assert willing(house) == {ANNA}


def test_a_name_alone_agrees_to_nothing(house: House) -> None:
    done = take(house, f"name,{HEAD}Ada,,yes,main,Form,2026-01-05\n")
    assert [(one.line, one.code) for one in done.mistakes] == [(2, "no_number")]


def test_what_is_newer_counts(house: House) -> None:
    ada, now = create(house, Details("Ada", numbers=[ADA])), house.clock.now()
    assert note(house, [ada], says(house, at=now - timedelta(days=3)))[0] == Noted(opted_in=1)
    assert note(house, [ada], says(house, "opted_out", at=now - timedelta(days=4)))[0] == Noted(older=1)
    assert willing(house) == {ADA}
    assert note(house, [ada], says(house, "opted_out", at=now - timedelta(days=2)))[0] == Noted(opted_out=1)
    assert note(house, [ada], says(house, at=now - timedelta(days=3)))[0] == Noted(older=1)
    assert willing(house) == set()


def test_an_older_yes_takes_back_no_stop(house: House) -> None:
    ada, now = create(house, Details("Ada", numbers=[ADA])), house.clock.now()
    stop(house, ADA, now - timedelta(days=2))
    assert note(house, [ada], says(house, at=now - timedelta(days=3)))[0] == Noted(older=1)
    assert note(house, [ada], says(house, at=now - timedelta(days=1)))[0] == Noted(opted_in=1)


def test_a_dry_run_writes_nothing(house: House) -> None:
    ada = create(house, Details("Ada", numbers=[ADA, ANNA]))
    assert note(house, [ada], says(house, channels=["main", "second"]), dry_run=True)[0] == Noted(opted_in=4)
    assert house.rows(consents) == house.rows(activity, what="consent_noted") == []


def test_of_whom_nothing_is_noted_is_said(house: House) -> None:
    nameless, private = create(house, Details("Bo")), create(house, Details("Mine", numbers=[ADA], private=True))
    nobody = "01KB2Z8Q4M7T1V3X5Y7Z9A1C3E"
    noted, skipped = note(house, [nameless, private, nobody], says(house))
    assert noted == Noted()
    assert skipped == [
        Skipped(nameless, "no_number"), Skipped(private, "no_such_contact"), Skipped(nobody, "no_such_contact"),
    ]  # fmt: skip


def test_of_two_lines_about_one_number_the_later_counts(house: House) -> None:
    done = take(house, f"{HEAD}{ADA},no,main,Call,2026-02-01\n{ADA},yes,main,Form,2026-01-01\n")
    assert (done.consents, willing(house)) == (Noted(opted_out=1), set())


def test_a_channel_of_another_inbox_is_refused(house: House) -> None:
    with pytest.raises(NotFound):
        says(house, channels=["third"])


def test_a_file_of_the_version_before_is_taken(house: House) -> None:
    with house.rooms.store.write() as db:
        begun = importing.begin(db, house.rooms, member(house, "mara"), "a.csv", f"numbers\n{ADA}\n", house.clock.now())
        old = contact_imports.c
        [kept] = db.execute(select(old.rows).where(old.id == begun.id)).scalar_one()
        del kept["said"]
        db.execute(update(contact_imports).values(rows=[kept], consents=None))
    assert importing.take_some(house.rooms)
    with house.rooms.store.read() as db:
        done = importing.find(db, member(house, "mara"), str(begun.id))
    assert (done.created, done.consents) == (1, Noted())
