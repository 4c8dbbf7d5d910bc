"""The feed's cursor: nothing is missed and nothing comes twice, however slow a writer is."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from casella.store import Store, feed
from casella.store.feed import Cursor, FeedEvent
from casella.store.tables import feed as table

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.fixture
def store(migrated_url: str) -> Iterator[Store]:
    opened = Store(migrated_url)
    yield opened
    opened.close()


def append(store: Store, *kinds: str) -> None:
    with store.write() as db:
        feed.append(db, [FeedEvent(kind, "inbox", {"kind": kind}) for kind in kinds], NOW)


def read(store: Store, cursor: Cursor, limit: int = 500) -> tuple[list[str], Cursor]:
    with store.read() as db:
        rows = feed.after(db, cursor, limit)
    return [row.kind for row in rows], Cursor(rows[-1].xact, rows[-1].id) if rows else cursor


def test_events_come_in_order_and_once(store: Store) -> None:
    append(store, "a", "b")
    kinds, cursor = read(store, Cursor())
    append(store, "c")

    assert kinds == ["a", "b"]
    assert read(store, cursor)[0] == ["c"]
    assert read(store, read(store, cursor)[1])[0] == []


def test_pages_join_without_a_gap(store: Store) -> None:
    append(store, *"abcde")
    append(store, *"fgh")
    seen, cursor = "", Cursor()
    while kinds := read(store, cursor, limit=3)[0]:
        seen += "".join(kinds)
        cursor = read(store, cursor, limit=3)[1]

    assert seen == "abcdefgh"


def test_an_event_rolled_back_never_was(store: Store) -> None:
    def write_and_fail() -> None:
        with store.write() as db:
            feed.append(db, [FeedEvent("lost", None)], NOW)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        write_and_fail()
    append(store, "kept")

    assert read(store, Cursor())[0] == ["kept"]


def test_a_transaction_that_commits_late_with_an_earlier_id_is_not_overtaken(migrated_pg_url: str) -> None:
    """The trap of every feed on PostgreSQL: ids are given before commits."""
    store = Store(migrated_pg_url)
    with store.write() as slow:
        feed.append(slow, [FeedEvent("early id, late commit", None)], NOW)
        append(store, "later id, early commit")
        kinds, cursor = read(store, Cursor())
        assert kinds == [], "the reader stops before the transaction that still runs"
        with store.read() as db:
            assert feed.newest(db) == Cursor()
    assert read(store, cursor)[0] == ["early id, late commit", "later id, early commit"]
    store.close()


def test_a_transaction_that_wrote_nothing_to_the_feed_yet_holds_readers_only_once_it_writes(
    migrated_pg_url: str,
) -> None:
    store = Store(migrated_pg_url)
    with store.write() as slow:
        slow.execute(select(table))  # only reads so far: it has no transaction id
        append(store, "first")
        assert read(store, Cursor())[0] == ["first"]
        feed.append(slow, [FeedEvent("second", None)], NOW)
    assert read(store, Cursor())[0] == ["first", "second"]
    store.close()


def test_many_slow_writers_and_a_reader_who_follows(store: Store) -> None:
    writers, each = 6, 15
    random.seed(4)
    seen: list[str] = []
    done = threading.Event()

    def write(number: int) -> None:
        pause = threading.Event()
        for turn in range(each):
            with store.write() as db:
                feed.append(db, [FeedEvent(f"{number}-{turn}", None)], NOW)
                if store.dialect == "postgresql":
                    pause.wait(random.random() * 0.01)

    def follow() -> None:
        cursor = Cursor()
        while True:
            last = done.is_set()
            kinds, cursor = read(store, cursor, limit=7)
            seen.extend(kinds)
            if last and not kinds:
                return

    threads = [threading.Thread(target=write, args=(number,)) for number in range(writers)]
    reader = threading.Thread(target=follow)
    reader.start()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    done.set()
    reader.join()

    assert len(seen) == len(set(seen)) == writers * each
    for number in range(writers):
        mine = [kind for kind in seen if kind.startswith(f"{number}-")]
        assert mine == [f"{number}-{turn}" for turn in range(each)]


def test_newest_is_behind_everything_there_is(store: Store) -> None:
    append(store, "a", "b")
    with store.read() as db:
        cursor = feed.newest(db)
    assert read(store, cursor)[0] == []
    append(store, "c")
    assert read(store, cursor)[0] == ["c"]


def test_after_a_restore_elsewhere_old_events_stand_before_new_ones(migrated_pg_url: str) -> None:
    store = Store(migrated_pg_url)
    append(store, "old")
    with store.write() as db:
        db.execute(update(table).values(xact=2**60))  # as of a cluster that was far ahead
    append(store, "hidden behind the future?")
    with store.write() as db:
        feed.rebase(db)

    assert read(store, Cursor(0, 0))[0] == ["old", "hidden behind the future?"]
    append(store, "new")
    assert read(store, Cursor(0, 0))[0] == ["old", "hidden behind the future?", "new"]
    store.close()


def test_a_rebase_in_daily_life_changes_nothing(store: Store) -> None:
    append(store, "a")
    append(store, "b")
    _, cursor = read(store, Cursor())
    with store.write() as db:
        feed.rebase(db)

    assert read(store, Cursor())[0] == ["a", "b"]
    assert read(store, cursor)[0] == []


def test_pruning_forgets_what_is_old(store: Store) -> None:
    append(store, "old")
    with store.write() as db:
        feed.append(db, [FeedEvent("young", None)], NOW + timedelta(days=2))
        feed.prune(db, NOW + timedelta(days=1))

    assert read(store, Cursor())[0] == ["young"]


@given(st.integers(0, 2**62), st.integers(0, 2**62))
def test_a_cursor_is_what_it_is_written_as(xact: int, number: int) -> None:
    assert Cursor.parse(str(Cursor(xact, number))) == Cursor(xact, number)


@pytest.mark.parametrize(
    "written", ["", ".", "1", "1.", ".1", "1.2.3", "-1.2", "1.-2", "a.b", "1 .2", "１.２", "9" * 41 + ".1"]
)
def test_other_things_are_no_cursor(written: str) -> None:
    with pytest.raises(ValueError, match="cursor"):
        Cursor.parse(written)
