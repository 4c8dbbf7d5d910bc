"""Migrations: up, down and up again, and what they make is what the tables say."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

from casella.store import Store, migrate
from casella.store.tables import metadata

SEARCH = "message_search"  # FTS5 and tsvector tables are no part of the metadata


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    opened = Store(database_url)
    yield opened
    opened.close()


def tables(store: Store) -> set[str]:
    with store.read() as db:
        return {name for name in inspect(db).get_table_names() if not name.startswith(SEARCH)} - {"alembic_version"}


def differences(store: Store) -> list[object]:
    def ours(name: str | None, kind: str, _: object) -> bool:
        return not (kind == "table" and (name or "").startswith(SEARCH))

    with store.read() as db:
        options = {"include_name": ours, "compare_type": store.dialect == "postgresql", "compare_server_default": False}
        return list(compare_metadata(MigrationContext.configure(db, opts=options), metadata))


def test_up_down_and_up_again_makes_what_the_tables_say(store: Store) -> None:
    migrate.upgrade(store)
    assert differences(store) == []
    assert tables(store) == set(metadata.tables)

    migrate.downgrade(store)
    assert tables(store) == set()
    with store.read() as db:
        assert migrate.current(db) is None

    migrate.upgrade(store)
    assert differences(store) == []
    with store.read() as db:
        assert migrate.current(db) == migrate.newest()


def test_the_newest_revision_is_the_one_alembic_finds() -> None:
    folder = Path(migrate.__file__).parent / "migrations"
    assert migrate.newest() == ScriptDirectory(str(folder)).get_current_head()


def test_upgrading_what_is_up_to_date_does_nothing(store: Store) -> None:
    migrate.upgrade(store)
    with store.write() as db:
        db.exec_driver_sql("DROP TABLE timers")  # a trace: whoever ran the migration anew would make it again
    migrate.upgrade(store)

    assert "timers" not in tables(store)


def test_two_processes_that_start_at_once_both_find_the_tables(database_url: str) -> None:
    stores = [Store(database_url) for _ in range(4)]
    barrier = threading.Barrier(len(stores))
    failures: list[BaseException] = []

    def start(store: Store) -> None:
        barrier.wait()
        try:
            migrate.upgrade(store)
        except BaseException as error:  # noqa: BLE001 - shown below
            failures.append(error)

    threads = [threading.Thread(target=start, args=(store,)) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    assert tables(stores[0]) == set(metadata.tables)
    for store in stores:
        store.close()


def test_a_migration_that_fails_leaves_nothing_half_made(store: Store) -> None:
    with store.write() as db:
        db.exec_driver_sql("CREATE TABLE timers (id INTEGER PRIMARY KEY)")
    with pytest.raises(Exception, match="timers"):
        migrate.upgrade(store)

    assert tables(store) == {"timers"}
