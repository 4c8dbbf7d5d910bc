"""0029: an existing database gets the table of settings, and loses nothing on the way back."""

from __future__ import annotations

from sqlalchemy import insert, inspect, select

from casella.ids import new_id
from casella.store import Store, migrate
from casella.store.queries import personal_queries
from casella.store.tables import agents
from tests.builders import NOW


def test_it_goes_up_and_down_from_the_version_before(database_url: str) -> None:
    store = Store(database_url)
    migrate.upgrade(store, "0029")
    migrate.downgrade(store, "0029-1")
    ann = new_id()
    with store.write() as db:
        assert "agent_settings" not in inspect(db).get_table_names()
        db.execute(insert(agents).values(id=ann, key="ann", name="Ann", skills=[]))
    migrate.upgrade(store)
    with store.write() as db:
        assert db.execute(select(agents.c.key)).scalars().all() == ["ann"]
        personal_queries.begin_settings(db, ann, NOW)
        personal_queries.begin_settings(db, ann, NOW)
        personal_queries.keep_settings(db, ann, settings={"theme": "dark"}, version=1)
        row = personal_queries.own_settings(db, ann)
        assert row is not None
        assert (row.settings, row.version) == ({"theme": "dark"}, 1)
    store.close()
