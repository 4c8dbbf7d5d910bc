"""Lanes: in order, once, by one worker at a time, and no row that cannot be applied stops the ones behind it."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import orjson
import pytest
from sqlalchemy import Connection, func, select

from casella.errors import StoreUnavailable
from casella.inbox.receiving.lanes import drain_lane
from casella.store import journal as journal_queries
from casella.store.tables import (
    channels,
    contact_addresses,
    contacts,
    conversations,
    feed,
    journal,
    messages,
)
from tests.fakes import AcmeChannel
from tests.house import ANNA, DESK, MAIN, SECOND, House

DONE = select(func.count()).where(journal.c.state == "done")


def poison(house: House, external_id: str) -> None:
    """Make a stored event unreadable, as a bug or a downgrade would."""
    with house.rooms.store.write() as db:
        db.execute(journal.update().where(journal.c.identity == external_id).values(event="{"))


def test_two_quick_messages_of_a_new_contact_are_one_conversation_in_order(house: House) -> None:
    house.post(house.webhook(house.says("first")), house.webhook(house.says("second")))
    house.drain()

    assert len(house.rows(contacts)) == 1
    conversation = house.one(conversations)
    rows = sorted(house.rows(messages), key=lambda row: row["sequence"])
    assert [(row["sequence"], row["text"]) for row in rows] == [(1, "first"), (2, "second")]
    assert {row["conversation_id"] for row in rows} == {conversation["id"]}
    assert (conversation["message_count"], conversation["last_message_text"]) == (2, "second")


def test_the_next_message_goes_into_the_open_conversation(house: House) -> None:
    house.receive(house.says("one", contact_name="Anna"))
    house.receive(house.says("two"))

    assert len(house.rows(conversations)) == 1
    assert house.one(contacts)["name"] == "Anna"


def test_after_closing_the_next_message_begins_another_conversation(house: House) -> None:
    house.receive(house.says("one"))
    house.close_conversation(house.one(conversations)["id"])
    house.receive(house.says("two"))

    assert sorted(row["status"] for row in house.rows(conversations)) == ["closed", "open"]
    assert len(house.rows(contacts)) == 1


def test_one_person_on_two_channels_is_one_contact_with_two_conversations(house: House) -> None:
    house.receive(house.says(to=MAIN), house.says(to=SECOND))

    assert len(house.rows(contacts)) == 1
    assert len(house.rows(conversations)) == 2


def test_scoped_addresses_are_people_of_their_own_on_each_channel(migrated_sqlite_url: str, tmp_path: Path) -> None:
    with House(migrated_sqlite_url, tmp_path, plugins=[AcmeChannel(address_scoped=True)]) as house:
        house.receive(house.says(to=MAIN), house.says(to=SECOND))

        assert len(house.rows(contacts)) == 2


def drain_together(house: House, workers: int, rounds: int = 1) -> None:
    """Several workers drain every lane at the same time, as several processes would."""
    barrier = threading.Barrier(workers)
    failures: list[BaseException] = []

    def work() -> None:
        barrier.wait()
        try:
            for _ in range(rounds):
                for lane in range(house.settings.lanes):
                    drain_lane(house.rooms, lane)
        except BaseException as error:  # noqa: BLE001 - shown below
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_order_per_contact_holds_with_many_workers(house: House) -> None:
    people = [f"+39055{number:04}" for number in range(10)]
    events = [house.says(f"{number}", sender=person) for number in range(20) for person in people]
    for start in range(0, len(events), 40):
        house.post(house.webhook(*events[start : start + 40]))
    drain_together(house, 4, rounds=2)

    said: dict[str, list[int]] = defaultdict(list)
    for row in sorted(house.rows(messages), key=lambda row: row["sequence"]):
        said[row["sender_id"]].append(int(row["text"]))
    assert len(said) == 10
    assert all(texts == list(range(20)) for texts in said.values())
    assert all(row["message_count"] == 20 for row in house.rows(conversations))


def test_a_new_contact_on_two_channels_at_the_same_instant_is_one_contact(house: House) -> None:
    """The lanes differ, so two workers make the same contact at once: the database decides, the loser goes again."""
    people = [f"+39055{number:04}" for number in range(30)]
    for person in people:
        house.post(house.webhook(house.says("a", sender=person, to=MAIN), house.says("b", sender=person, to=SECOND)))
    drain_together(house, 4, rounds=3)
    house.drain()

    assert {row["state"] for row in house.rows(journal)} == {"done"}
    assert len(house.rows(contacts)) == len(house.rows(contact_addresses)) == 30
    assert len(house.rows(conversations)) == len(house.rows(messages)) == 60


def test_a_poisoned_row_is_parked_after_three_tries_and_the_lane_goes_on(house: House) -> None:
    house.post(house.webhook(*[house.says(f"m{number}", external_id=f"m{number}") for number in range(9)]))
    poison(house, "m4")
    house.drain()

    row = house.one(journal, state="failed")
    assert (row["identity"], row["attempts"]) == ("m4", 3)
    assert "ValidationError" in row["error"]
    assert [row["text"] for row in sorted(house.rows(messages), key=lambda row: row["sequence"])] == [
        f"m{number}" for number in range(9) if number != 4
    ]
    assert house.drain() == 0


def test_a_parked_row_that_was_mended_comes_in(house: House) -> None:
    house.post(house.webhook(house.says("late", external_id="m1")))
    event = house.one(journal)["event"]
    poison(house, "m1")
    house.drain()
    with house.rooms.store.write() as db:
        db.execute(journal.update().values(event=event))
        assert journal_queries.retry_failed(db) == 1
    house.drain()

    assert house.one(messages)["text"] == "late"
    assert house.one(journal)["state"] == "done"


def test_a_row_applied_by_another_worker_meanwhile_cannot_be_parked(house: House) -> None:
    house.receive(house.says("done already"))
    with house.rooms.store.write() as db:
        journal_queries.fail(db, house.one(journal)["id"], "too late", final=True)

    assert house.one(journal)["state"] == "done"


def test_a_large_batch_with_one_bad_row_takes_few_tries(house: House) -> None:
    """Halving, not one by one: else 256 rows would be applied 32,000 times."""
    house.post(*[house.webhook(*[house.says(external_id=f"{n}-{m}") for m in range(50)]) for n in range(5)])
    poison(house, "4-25")
    tried: list[int] = []
    original = house.rooms.store.write

    class Counting:
        dialect = house.rooms.store.dialect
        read = house.rooms.store.read

        @staticmethod
        def write() -> object:
            tried.append(1)
            return original()

    rooms = replace(house.rooms, store=Counting())  # type: ignore[arg-type]  # counts, and passes on
    for lane in house.waiting_lanes():
        drain_lane(rooms, lane)

    assert len(house.rows(messages)) == 249
    assert len(tried) < 40


def test_a_batch_for_which_the_database_has_no_patience_comes_again_with_less(house: House) -> None:
    """A session that stands still for too long is ended: on a crowded machine a whole batch may never get through."""
    house.post(house.webhook(*[house.says(external_id=f"m{number}") for number in range(50)]))

    class Impatient:
        dialect = house.rooms.store.dialect
        read = house.rooms.store.read

        @staticmethod
        @contextmanager
        def write() -> Iterator[Connection]:
            with house.rooms.store.write() as db:
                before = db.execute(DONE).scalar_one()
                yield db
                if db.execute(DONE).scalar_one() - before > 10:
                    raise StoreUnavailable

    rooms = replace(house.rooms, store=Impatient())  # type: ignore[arg-type]  # refuses large ones, and passes on
    for lane in house.waiting_lanes():
        drain_lane(rooms, lane)

    assert len(house.rows(messages)) == 50
    assert house.waiting_lanes() == []


def test_nobody_waits_for_a_lane_that_another_process_holds(migrated_pg_url: str, tmp_path: Path) -> None:
    """It may have stopped; whoever waited for each of its lanes would soon wait with all his threads."""
    with House(migrated_pg_url, tmp_path) as house:
        house.post(house.webhook(house.says("later")))
        [lane] = house.waiting_lanes()
        with house.rooms.store.write() as db:
            assert journal_queries.hold_lane(db, lane)
            assert drain_lane(house.rooms, lane) == 0
        assert drain_lane(house.rooms, lane) == 1


def test_the_messages_own_guard_holds_when_the_journal_was_pruned(house: House) -> None:
    house.receive(house.says("once", external_id="m1"))
    with house.rooms.store.write() as db:
        assert journal_queries.prune(db, house.one(journal)["received_at"].replace(year=2100)) == 1
    house.receive(house.says("once", external_id="m1"))

    assert len(house.rows(messages)) == 1
    assert house.one(conversations)["message_count"] == 1


def test_waiting_rows_are_not_pruned(house: House) -> None:
    house.post(house.webhook(house.says()))
    with house.rooms.store.write() as db:
        assert journal_queries.prune(db, house.one(journal)["received_at"].replace(year=2100)) == 0


def test_a_worker_that_has_not_heard_of_a_new_channel_yet_asks_before_it_gives_up(house: House, tmp_path: Path) -> None:
    with House(house.settings.database_url, tmp_path, desk=None) as worker:
        house.apply(
            desk=DESK.replace(
                "teams:\n  front", '  new: {connection: acme, inbox: support, address: "+15559"}\nteams:\n  front'
            )
        )
        house.post(house.webhook(house.says("to the new one", to="+15559")))
        worker.drain()

    assert house.one(journal)["state"] == "done"
    assert house.one(messages)["text"] == "to the new one"


def test_the_feed_tells_the_version_that_is_stored(house: House) -> None:
    house.receive(house.says("one"))
    house.receive(house.says("two"))
    house.receive(house.says("three"), house.says("four"))

    told = [orjson.loads(row["payload"])["conversation"] for row in house.rows(feed, kind="message.created")]
    assert [item["version"] for item in told] == [1, 2, 3, 3]
    assert house.one(conversations)["version"] == 3


@pytest.mark.parametrize("kind", ["reaction", "referral", "address_changed", "unsupported"])
def test_kinds_nothing_is_done_about_yet_stay_in_the_journal(house: House, kind: str) -> None:
    more = {"reaction": {"external_id": "x", "emoji": "👍"}, "referral": {"source": "ad"},
            "address_changed": {"new_address": "+1"}, "unsupported": {"what": "poll"}}  # fmt: skip
    house.receive({"kind": kind, "channel_address": MAIN, "contact_address": ANNA, **more.get(kind, {})})

    assert (house.one(journal)["kind"], house.one(journal)["state"]) == (kind, "done")
    assert house.rows(messages) == []


def test_a_removed_channel_parks_its_rows_until_it_is_back(house: House) -> None:
    house.post(house.webhook(house.says(to=SECOND)))
    without = "\n".join(line for line in DESK.splitlines() if "+15550002" not in line)
    house.apply(desk=without)
    house.drain()
    assert house.one(journal)["state"] == "failed"

    house.apply(desk=DESK)
    with house.rooms.store.write() as db:
        journal_queries.retry_failed(db)
    house.drain()
    assert house.one(journal)["state"] == "done"
    with house.rooms.store.read() as db:
        assert db.execute(select(channels.c.removed_at).where(channels.c.address == SECOND)).scalar_one() is None
