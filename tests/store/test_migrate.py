"""Migrations: up, down and up again, and what they make is what the tables say."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, select, text

from casella.store import Store, migrate
from casella.store.queries import personal_queries
from casella.store.tables import contact_favourites, contact_imports, contact_terms, conversations, metadata

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


@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection of expression-based index")  # it cannot, on SQLite
@pytest.mark.filterwarnings("ignore:autogenerate skipping metadata-specified expression-based index")
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


def test_what_the_house_had_not_read_is_unread_for_every_member_and_the_rest_read(store: Store) -> None:
    """0014: a database of the version before, with three conversations of one inbox."""
    migrate.upgrade(store, "0013")
    with store.write() as db:
        for statement in BEFORE_0014.split(";"):
            db.execute(text(re.sub(r"\{(\d)\}", partial(_moment, store.dialect), statement)))
    migrate.upgrade(store)

    found = select(
        conversations.c.id, conversations.c.inbound_count, conversations.c.last_message_direction,
        *(is_so(agent).label(f"{agent}_{name}") for name, is_so in IS_SO.items() for agent in ("ann", "bob")),
    )  # fmt: skip
    with store.read() as db:
        rows = {row.id: row._asdict() for row in db.execute(found)}
    assert {id: row["inbound_count"] for id, row in rows.items()} == {"new": 1, "read": 1, "more": 2}
    assert {row["last_message_direction"] for row in rows.values()} == {"in", "out"}
    for agent in ("ann", "bob"):
        assert {id for id, row in rows.items() if row[f"{agent}_unread"]} == {"new", "more"}
    assert {id for id, row in rows.items() if row["ann_with_me"]} == {"read"}, "she answered it"
    assert {id for id, row in rows.items() if row["bob_with_me"]} == {"more"}, "it is his"


def test_favourites_become_those_of_who_has_the_conversation_and_contacts_are_found(store: Store) -> None:
    """0022: a database of the version before."""
    migrate.upgrade(store, "0021")
    with store.write() as db:
        for statement in BEFORE_0022.split(";"):
            db.execute(text(re.sub(r"\{(\d)\}", partial(_moment, store.dialect), statement)))
    migrate.upgrade(store)
    with store.read() as db:
        marked = db.execute(select(contact_favourites.c.agent_id, contact_favourites.c.contact_id)).all()
        terms = set(db.execute(select(contact_terms.c.term).where(contact_terms.c.contact_id == "c")).scalars())
    assert [tuple(row) for row in marked] == [("bob", "c")]
    assert terms == {"zoe", "muller", "#390612", "~216093"}
    migrate.downgrade(store, "0021")
    with store.read() as db:
        kept = db.execute(text("SELECT id FROM contacts WHERE favourite")).scalars().all()
    assert kept == ["c"]


def test_a_file_that_waits_while_the_version_changes_is_taken_afterwards(store: Store) -> None:
    """0040: nothing is known of consent in it."""
    migrate.upgrade(store, "0037")
    with store.write() as db:
        for statement in BEFORE_0040.split(";"):
            db.execute(text(re.sub(r"\{(\d)\}", partial(_moment, store.dialect), statement)))
    migrate.upgrade(store)
    with store.read() as db:
        assert db.execute(select(contact_imports.c.consents, contact_imports.c.total)).all() == [(None, 1)]
    migrate.downgrade(store, "0037")
    with store.read() as db:
        assert db.execute(text("SELECT total FROM contact_imports")).scalars().all() == [1]


def _moment(dialect: str, found: re.Match[str]) -> str:
    """So many seconds after some time of last year, as this database writes it."""
    second = int(found[1])
    return f"'2025-11-23 10:00:0{second}+00'" if dialect == "postgresql" else f"{(1763892000 + second) * 10**6}"


IS_SO = {"unread": personal_queries.unread, "with_me": personal_queries.takes_part}
BEFORE_0040 = """
INSERT INTO agents (id, key, name, skills) VALUES ('ann', 'ann', 'Ann', '[]');
INSERT INTO contact_imports (id, agent_id, name, rows, total, problems, at)
  VALUES ('a', 'ann', 'a.csv', '[]', 1, '[]', {1})
"""
BEFORE_0022 = """
INSERT INTO inboxes (id, key, name, settings) VALUES ('support', 'support', 'Support', '{}');
INSERT INTO connections (id, key, channel_type, settings_sealed) VALUES ('acme', 'acme', 'acme', 'x');
INSERT INTO channels (id, key, connection_id, inbox_id, address, name, options)
  VALUES ('main', 'main', 'acme', 'support', '+1', 'Main', '{}');
INSERT INTO agents (id, key, name, skills) VALUES ('ann', 'ann', 'Ann', '[]'), ('bob', 'bob', 'Bob', '[]');
INSERT INTO contacts (id, name, custom, created_at, favourite) VALUES
  ('c', 'Zoë Müller', '{}', {1}, true), ('d', 'Dan', '{}', {1}, false);
INSERT INTO contact_addresses (id, contact_id, kind, scope, address) VALUES
  ('a1', 'c', 'phone', '', '+390612'), ('a2', 'd', 'phone', '', '+390613');
INSERT INTO conversations (id, inbox_id, channel_id, contact_id, address_id, assignee_id, status, opened_at, turned_at)
  VALUES ('one', 'support', 'main', 'c', 'a1', 'bob', 'open', {1}, {1}),
  ('two', 'support', 'main', 'c', 'a1', 'bob', 'closed', {1}, {1}),
  ('three', 'support', 'main', 'd', 'a2', 'ann', 'open', {1}, {1})
"""
BEFORE_0014 = """
INSERT INTO inboxes (id, key, name, settings) VALUES ('support', 'support', 'Support', '{}');
INSERT INTO connections (id, key, channel_type, settings_sealed) VALUES ('acme', 'acme', 'acme', 'x');
INSERT INTO channels (id, key, connection_id, inbox_id, address, name, options)
  VALUES ('main', 'main', 'acme', 'support', '+1', 'Main', '{}');
INSERT INTO agents (id, key, name, skills) VALUES ('ann', 'ann', 'Ann', '[]'), ('bob', 'bob', 'Bob', '[]');
INSERT INTO inbox_members (inbox_id, agent_id) VALUES ('support', 'ann'), ('support', 'bob');
INSERT INTO contacts (id, custom, created_at) VALUES ('c', '{}', {1});
INSERT INTO contact_addresses (id, contact_id, kind, scope, address) VALUES
  ('a1', 'c', 'phone', '', '1'), ('a2', 'c', 'phone', '', '2'), ('a3', 'c', 'phone', '', '3');
INSERT INTO conversations (id, inbox_id, channel_id, contact_id, address_id, assignee_id, read_at, opened_at, turned_at)
  VALUES ('new', 'support', 'main', 'c', 'a1', NULL, NULL, {1}, {1}),
  ('read', 'support', 'main', 'c', 'a2', NULL, {2}, {1}, {1}),
  ('more', 'support', 'main', 'c', 'a3', 'bob', {2}, {1}, {1});
INSERT INTO messages (id, conversation_id, channel_id, sequence, direction, kind, text, sender_kind, sender_id,
  received_at, shown_at, state) VALUES
  ('m1', 'new', 'main', 1, 'in', 'text', 'x', 'contact', 'c', {2}, {2}, 'received'),
  ('m2', 'read', 'main', 1, 'in', 'text', 'x', 'contact', 'c', {2}, {2}, 'received'),
  ('m3', 'read', 'main', 2, 'out', 'text', 'x', 'agent', 'ann', {3}, {3}, 'sent'),
  ('m4', 'more', 'main', 1, 'in', 'text', 'x', 'contact', 'c', {2}, {2}, 'received'),
  ('m5', 'more', 'main', 2, 'in', 'text', 'x', 'contact', 'c', {3}, {3}, 'received')
"""
