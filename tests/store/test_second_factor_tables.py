"""0026: an existing database gets the tables of second factors, and loses nothing on the way back."""

from __future__ import annotations

from sqlalchemy import insert, inspect, select

from casella.ids import new_id
from casella.store import Store, migrate
from casella.store.queries import second_factor_queries
from casella.store.tables import agents
from tests.builders import NOW, make_agent

TABLES = {"second_factors", "recovery_codes"}


def test_it_goes_up_and_down_from_the_version_before(database_url: str) -> None:
    store = Store(database_url)
    migrate.upgrade(store, "0026")
    migrate.downgrade(store, "0026-1")
    with store.write() as db:
        assert not TABLES & set(inspect(db).get_table_names())
        db.execute(insert(agents).values(id=new_id(), key="ann", name="Ann", skills=[]))
    migrate.upgrade(store)
    with store.read() as db:
        assert set(inspect(db).get_table_names()) >= TABLES
        assert db.execute(select(agents.c.key)).scalars().all() == ["ann"]
    with store.write() as db:
        bob = make_agent(db, key="bob")
        second_factor_queries.begin(db, bob, "sealed", NOW)
        second_factor_queries.activate(db, bob, NOW)
        assert second_factor_queries.take_step(db, bob, 7)
        assert not second_factor_queries.take_step(db, bob, 7)
    store.close()
