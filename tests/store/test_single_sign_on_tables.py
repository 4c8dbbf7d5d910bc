"""0027: an existing database learns which sign-ins were used, and its sessions stay."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import inspect, select, text

from casella.inbox.reading import create_token
from casella.inbox.sign_on import SignInStale, prune, spend
from casella.store import Store, migrate
from casella.store.tables import access_tokens, spent_sign_ins
from tests.builders import NOW, make_agent


def test_it_goes_up_and_down_from_the_version_before(database_url: str) -> None:
    store = Store(database_url)
    migrate.upgrade(store)
    with store.write() as db:
        create_token(db, make_agent(db, key="ann"), "kept", NOW)
    migrate.downgrade(store, "0026")
    with store.write() as db:
        assert "spent_sign_ins" not in inspect(db).get_table_names()
        assert db.execute(text("SELECT label FROM access_tokens")).scalars().all() == ["kept"]
    migrate.upgrade(store)
    with store.write() as db:
        assert db.execute(select(access_tokens.c.label, access_tokens.c.factor_proven)).all() == [("kept", False)]
        spend(db, "one", NOW)
        spend(db, "two", NOW + timedelta(hours=1))
        with pytest.raises(SignInStale):
            spend(db, "two", NOW)
        assert prune(db, NOW + timedelta(minutes=1)) == 1
        assert db.execute(select(spent_sign_ins.c.digest)).scalars().all() == ["two"]
    store.close()
