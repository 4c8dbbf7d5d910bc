"""No stopped process holds the others: its session ends, its locks go, and it finds out at its next statement."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from sqlalchemy import select, text, update

from casella.errors import StoreUnavailable
from casella.store import Store, migrate
from casella.store.sessions import BRIEFLY, SESSION, TRANSACTION, hold_briefly, prepare
from casella.store.tables import lanes
from tests.integration.rig.programs import until


@pytest.fixture
def store(pg_url: str) -> Iterator[Store]:
    found = Store(pg_url, pool_size=2)
    migrate.upgrade(found)
    with found.write() as db:
        db.execute(lanes.insert().values(lane=1))
    yield found
    found.close()


def test_every_session_is_bounded(store: Store) -> None:
    with store.read() as db:
        for name, value in SESSION.items():
            if not name.startswith("tcp_"):  # a Unix socket has none
                assert db.execute(text(f"SHOW {name}")).scalar_one() == value
        known = db.execute(text("SELECT current_setting('transaction_timeout', true)")).scalar_one()
        assert known in (TRANSACTION["transaction_timeout"], None)  # None: before PostgreSQL 17


def test_a_look_at_history_may_take_its_time(store: Store) -> None:
    with store.snapshot() as db:
        assert db.execute(text("SHOW idle_in_transaction_session_timeout")).scalar_one() == "0"
        assert db.execute(text("SELECT current_setting('transaction_timeout', true)")).scalar_one() in ("0", None)
    with store.read() as db:
        assert db.execute(text("SHOW idle_in_transaction_session_timeout")).scalar_one() == "8s"


def test_who_holds_what_everybody_needs_has_less_time_which_the_operator_may_change(store: Store) -> None:
    ask = text("SHOW idle_in_transaction_session_timeout")
    with store.write() as db:
        db.execute(text("SET LOCAL casella.brief_timeout = ''"))
        hold_briefly(db)
        assert db.execute(ask).scalar_one() == BRIEFLY
    with store.write() as db:
        assert db.execute(ask).scalar_one() == SESSION["idle_in_transaction_session_timeout"]
        db.execute(text("SET LOCAL casella.brief_timeout = '3s'"))
        hold_briefly(db)
        assert db.execute(ask).scalar_one() == "3s"


def test_who_stands_still_in_a_transaction_loses_his_locks_and_finds_out_before_he_acts(store: Store) -> None:
    with pytest.raises(StoreUnavailable):
        _stand_still(store)
    with store.read() as db:
        assert db.execute(select(lanes.c.lane)).scalars().all() == [1]


def _stand_still(store: Store) -> None:
    with store.write() as stopped:
        stopped.execute(text("SET idle_in_transaction_session_timeout = '300ms'"))  # as the bound, only sooner
        stopped.execute(select(lanes).where(lanes.c.lane == 1).with_for_update())
        with store.write() as other:  # waits for the lock, and gets it when the server has ended the other session
            other.execute(select(lanes).where(lanes.c.lane == 1).with_for_update())
        stopped.execute(update(lanes).values(lane=2))


def test_who_is_stopped_in_the_middle_of_a_pipeline_is_ended_too(store: Store, pg_url: str) -> None:
    session = psycopg.connect(pg_url.replace("+psycopg", ""))
    prepare(session, None)
    if session.info.server_version < 170000:
        pytest.skip("only PostgreSQL 17 and later can bound a transaction")
    session.execute("SET transaction_timeout = '300ms'")  # as the bound, only sooner
    session.commit()
    session.pgconn.enter_pipeline_mode()
    for statement in (b"BEGIN", b"SELECT lane FROM lanes FOR UPDATE"):
        session.pgconn.send_query_params(statement, None)
    session.pgconn.send_flush_request()
    while session.pgconn.flush():
        pass
    until(lambda: _locked(store), "it has the lock, and the rest of the pipeline never comes")
    with store.write() as other:  # waits for the lock, and gets it when the server has ended the other session
        other.execute(select(lanes).where(lanes.c.lane == 1).with_for_update())
    session.close()


def _locked(store: Store) -> bool:
    with store.write() as db:
        return not db.execute(select(lanes.c.lane).with_for_update(skip_locked=True)).all()


def test_the_url_may_say_how_long_what_everybody_needs_may_be_held(pg_url: str) -> None:
    store = Store(f"{pg_url}{'&' if '?' in pg_url else '?'}options=-c%20casella.brief_timeout%3D5s")
    with store.write() as db:
        hold_briefly(db)
        assert db.execute(text("SHOW idle_in_transaction_session_timeout")).scalar_one() == "5s"
    store.close()


def test_what_the_operator_writes_into_the_url_counts(pg_url: str) -> None:
    store = Store(f"{pg_url}{'&' if '?' in pg_url else '?'}application_name=mine")
    with store.read() as db:
        assert db.execute(text("SHOW application_name")).scalar_one() == "mine"
    store.close()
