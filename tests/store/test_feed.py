"""The feed's cursor: nothing is missed and nothing comes twice, however slow a writer is."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text, update

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


def append_and_fail(store: Store) -> None:
    with suppress(RuntimeError), store.write() as db:
        feed.append(db, [FeedEvent("never was", None)], NOW)
        raise RuntimeError


def read(store: Store, cursor: Cursor, limit: int = 500) -> tuple[list[str], Cursor]:
    with store.read() as db:
        rows = feed.after(db, cursor, limit)
    return [row.kind for row in rows], Cursor(rows[-1].id, rows[-1].xact) if rows else cursor


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
    append_and_fail(store)
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


def test_of_two_transactions_the_one_that_got_the_lock_later_is_told_later(migrated_pg_url: str) -> None:
    """However early it took its id: 41 of 3,569 messages ended wrong on a client's screen."""
    store = Store(migrated_pg_url)
    with store.write() as early:
        early.execute(text("SELECT pg_current_xact_id()"))
        append(store, "got the lock, and is done")
        feed.append(early, [FeedEvent("waited for it", None)], NOW)

    assert read(store, Cursor())[0] == ["got the lock, and is done", "waited for it"]
    store.close()


def test_a_transaction_that_has_told_nothing_yet_holds_nobody(migrated_pg_url: str) -> None:
    """A stopped process may have a transaction open for seconds."""
    store = Store(migrated_pg_url)
    with store.write() as stopped:
        stopped.execute(text("SELECT pg_current_xact_id()"))
        append(store, "told")
        assert read(store, Cursor())[0] == ["told"]
    store.close()


def test_many_slow_writers_and_a_reader_who_follows(store: Store) -> None:
    writers, each = 6, 15
    random.seed(4)
    seen: list[str] = []
    done = threading.Event()

    def write(number: int) -> None:
        pause = threading.Event()
        for turn in range(each):
            if turn % 3 == 0:
                append_and_fail(store)
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
    append(store, "new")

    assert read(store, Cursor())[0] == ["old", "new"]
    store.close()


def test_pruning_forgets_what_is_old(store: Store) -> None:
    append(store, "old")
    with store.write() as db:
        feed.append(db, [FeedEvent("young", None)], NOW + timedelta(days=2))
        feed.prune(db, NOW + timedelta(days=1))

    assert read(store, Cursor())[0] == ["young"]


@given(st.integers(0, 2**62), st.integers(0, 2**62))
def test_a_cursor_is_what_it_is_written_as(xact: int, number: int) -> None:
    assert str(Cursor.parse(str(Cursor(number, xact)))) == f"{xact}.{number}"


@pytest.mark.parametrize(
    "written", ["", ".", "1", "1.", ".1", "1.2.3", "-1.2", "1.-2", "a.b", "1 .2", "１.２", "9" * 41 + ".1"]
)
def test_other_things_are_no_cursor(written: str) -> None:
    with pytest.raises(ValueError, match="cursor"):
        Cursor.parse(written)
