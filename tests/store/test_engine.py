"""Reading and writing: one writer at a time on SQLite, in turn; all or nothing; a database away is said so."""

from __future__ import annotations

import random
import string
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, Text, UniqueConstraint, func, insert, select, text, update
from sqlalchemy.exc import DataError, IntegrityError, OperationalError

from casella.errors import ConfigurationError, StoreUnavailable
from casella.store import Store
from casella.store.engine import FairLock
from tests.services import PostgresServer

things = Table(
    "things", MetaData(), Column("id", Integer, primary_key=True), Column("name", Text), UniqueConstraint("name")
)


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    opened = Store(database_url)
    with opened.write() as db:
        things.metadata.create_all(db)
    yield opened
    opened.close()


def names(store: Store) -> list[str]:
    with store.read() as db:
        return list(db.execute(select(things.c.name).order_by(things.c.id)).scalars())


def test_a_write_is_committed_or_as_if_it_had_never_been(store: Store) -> None:
    with store.write() as db:
        db.execute(insert(things), {"name": "kept"})

    def write_and_fail() -> None:
        with store.write() as db:
            db.execute(insert(things), {"name": "lost"})
            raise RuntimeError

    with pytest.raises(RuntimeError):
        write_and_fail()
    assert names(store) == ["kept"]
    with store.write() as db:  # the turn was given back
        db.execute(insert(things), {"name": "next"})
    assert names(store) == ["kept", "next"]


def test_a_reader_is_not_held_up_by_a_writer_and_does_not_see_it_yet(store: Store) -> None:
    with store.write() as db:
        db.execute(insert(things), {"name": "unseen"})
        assert names(store) == []
    assert names(store) == ["unseen"]


def test_counting_in_many_threads_loses_nothing(store: Store) -> None:
    with store.write() as db:
        db.execute(insert(things), {"id": 1, "name": "0"})

    def count() -> None:
        for _ in range(10):
            with store.write() as db:
                row = select(things.c.name).where(things.c.id == 1).with_for_update()
                number = int(db.execute(row).scalar_one())
                db.execute(update(things).values(name=str(number + 1)))

    threads = [threading.Thread(target=count) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert names(store) == ["80"]


def test_mistakes_of_ours_are_not_taken_for_a_database_that_is_away(store: Store) -> None:
    with pytest.raises(IntegrityError), store.write() as db:
        db.execute(insert(things), [{"name": "same"}, {"name": "same"}])


def test_what_postgresql_cannot_store_is_not_taken_for_one_that_is_away(pg_url: str) -> None:
    store = Store(pg_url)
    with store.write() as db:
        things.metadata.create_all(db)
    with pytest.raises(DataError), store.write() as db:
        db.execute(insert(things), {"name": "nul\x00"})
    with pytest.raises(OperationalError), store.write() as db:  # too big for an index row
        db.execute(insert(things), {"name": "".join(random.Random(4).choices(string.printable, k=9000))})
    store.close()


def test_a_file_that_cannot_be_opened_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "folder.db").mkdir()
    store = Store(f"sqlite:///{tmp_path / 'folder.db'}")
    with pytest.raises(StoreUnavailable), store.read() as db:
        db.execute(text("SELECT 1"))
    store.close()


def test_other_databases_are_refused_with_advice() -> None:
    with pytest.raises(ConfigurationError, match="postgresql"):
        Store("mysql://somewhere/else")


def test_sqlite_keeps_its_promises(sqlite_url: str) -> None:
    store = Store(sqlite_url)
    with store.read() as db:
        settings = {
            name: db.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    store.close()

    assert settings == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_parameters_never_stand_in_an_error(store: Store) -> None:
    with pytest.raises(IntegrityError) as caught, store.write() as db:
        db.execute(insert(things), [{"name": "a secret word"}, {"name": "a secret word"}])
    assert store.dialect == "postgresql" or "a secret word" not in str(caught.value)


def test_the_lock_is_given_in_the_order_it_was_asked_for() -> None:
    lock, order, ready = FairLock(), [], threading.Event()

    def wait_in_line(number: int) -> None:
        with lock:
            order.append(number)

    threads = []
    with lock:
        for number in range(20):
            thread = threading.Thread(target=wait_in_line, args=(number,))
            thread.start()
            threads.append(thread)
            while len(lock._waiting) <= number:
                time.sleep(0.001)
        ready.set()
    for thread in threads:
        thread.join()

    assert order == list(range(20))
    with lock:
        pass


@pytest.mark.slow
def test_postgresql_away_is_said_so_and_its_return_is_noticed(private_pg_server: PostgresServer) -> None:
    store = Store(private_pg_server.create_database("away"))
    with store.write() as db:
        things.metadata.create_all(db)
    private_pg_server.stop()
    with pytest.raises(StoreUnavailable) as caught, store.write() as db:
        db.execute(insert(things), {"name": "lost"})
    assert (caught.value.code, caught.value.status) == ("store_unavailable", 503)
    with pytest.raises(StoreUnavailable), store.read() as db:
        db.execute(select(func.count()).select_from(things))

    private_pg_server.start()
    with store.write() as db:
        db.execute(insert(things), {"name": "there"})
    assert names(store) == ["there"]

    def write_while_it_is_killed() -> None:
        with store.write() as db:
            db.execute(insert(things), {"name": "half"})
            private_pg_server.restart("kill")
            db.execute(insert(things), {"name": "other half"})

    with pytest.raises(StoreUnavailable):
        write_while_it_is_killed()
    with pytest.raises(StoreUnavailable), store.read() as db:  # a connection that nobody has tried since
        db.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
    assert names(store) == ["there"]
    store.close()


def test_what_is_read_while_the_store_closes_is_read_to_its_end_and_then_let_go(pg_url: str) -> None:
    store = Store(pg_url)
    with store.read() as db:
        store.close()
        assert db.execute(text("SELECT 1")).scalar_one() == 1
        late: Any = db.connection.dbapi_connection
    assert late is not None
    assert late.closed


def test_a_write_whose_connection_is_lost_half_way_is_said_to_be_unavailable(pg_url: str) -> None:
    """Whoever writes tries again after that, and after that only."""
    store = Store(pg_url)
    with pytest.raises(StoreUnavailable), store.write() as db:
        db.execute(text("SELECT pg_terminate_backend(pg_backend_pid())"))
    with store.write() as db:
        assert db.execute(text("SELECT 1")).scalar_one() == 1
    store.close()
