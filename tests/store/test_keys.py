"""Many rows by keys of several columns: the right ones, and from an index."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from sqlalchemy import Column, insert, select, text

from casella.store import Store, migrate
from casella.store.keys import ByKeys, one_of
from casella.store.tables import consents, contact_addresses, messages, receipts_pending
from tests.builders import NOW


class Address(NamedTuple):
    address: str


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Store]:
    store = Store(f"sqlite:///{tmp_path / 'keys.db'}")
    migrate.upgrade(store)
    yield store
    store.close()


def test_keys_of_several_groups_find_their_own_rows_only(sqlite: Store) -> None:
    entry = {"state": "opted_out", "source": "keyword", "evidence": "STOP", "at": NOW}
    keys = [(pool, address) for pool in ("a", "b") for address in ("1", "2", "3")]
    wanted = [("a", "1"), ("a", "3"), ("b", "2"), ("c", "1")]
    with sqlite.write() as db:
        db.execute(insert(consents), [entry | {"pool": pool, "address": address} for pool, address in keys])
        query = select(consents.c.pool, consents.c.address).where(one_of((consents.c.pool, consents.c.address), wanted))
        assert sorted(map(tuple, db.execute(query))) == [("a", "1"), ("a", "3"), ("b", "2")]


def test_no_keys_find_nothing(sqlite: Store) -> None:
    with sqlite.read() as db:
        assert db.execute(select(messages).where(one_of((messages.c.channel_id, messages.c.id), []))).all() == []


@pytest.mark.parametrize(
    "columns",
    [
        (consents.c.pool, consents.c.address),
        (contact_addresses.c.kind, contact_addresses.c.scope, contact_addresses.c.address),
        (receipts_pending.c.channel_id, receipts_pending.c.external_id),
        (messages.c.channel_id, messages.c.direction, messages.c.external_id),
    ],
    ids=lambda columns: columns[0].table.name,
)
def test_sqlite_answers_from_an_index(sqlite: Store, columns: tuple[Column[str], ...]) -> None:
    keys = [("x",) * (len(columns) - 1) + (last,) for last in ("1", "2", "3")]
    query = select(columns[0].table).where(one_of(columns, keys))
    written = str(query.compile(sqlite.engine, compile_kwargs={"literal_binds": True}))
    with sqlite.read() as db:
        plan = [row.detail for row in db.execute(text(f"EXPLAIN QUERY PLAN {written}"))]
    assert plan, written
    assert all(step.startswith("SEARCH") and "USING" in step for step in plan), plan


def test_a_query_built_once_asks_for_other_keys_each_time(sqlite: Store) -> None:
    entry = {"state": "opted_out", "source": "keyword", "evidence": "STOP", "at": NOW}
    query = ByKeys(
        (consents.c.pool, consents.c.address), Address, lambda wanted: select(consents.c.address).where(wanted)
    )
    with sqlite.write() as db:
        rows = [entry | {"pool": pool, "address": f"{pool}{number}"} for pool in "ab" for number in range(5)]
        db.execute(insert(consents), rows)
        for wanted in ([("a", "a1")], [("a", "a2"), ("a", "a3")], [("b", "b1"), ("a", "a4"), ("a", "b2")], []):
            found = {row.address for row in query(db, wanted)}
            assert found == {address for pool, address in wanted if address.startswith(pool)}


def test_a_query_built_once_is_answered_from_an_index(sqlite: Store) -> None:
    query = ByKeys(
        (consents.c.pool, consents.c.address), Address, lambda wanted: select(consents.c.address).where(wanted)
    )
    with sqlite.read() as db:
        asked = query.query(2).text(db.dialect)
        plan = [row.detail for row in db.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked}", ("a", "[]", "b", "[]"))]
    assert sum("(pool=? AND address=?)" in step for step in plan) == 2, plan
