"""What is said of locks, and the database whose commits take longer: on a real PostgreSQL."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from bench.rig.figures.locks import Held, LockWatch, WatchedCursor, lock_of
from bench.rig.figures.slow_commit import slow_commit
from sqlalchemy import create_engine, select, text

from casella.inbox.assignment.candidates import AGENTS
from casella.store import Store, feed_order, journal
from casella.store.migrate import upgrade


@pytest.fixture
def watch() -> Iterator[LockWatch]:
    made = LockWatch()
    made.begin()
    yield made
    made.end()


def test_a_lock_is_told_by_what_takes_it() -> None:
    assert lock_of("SELECT a.id \nFROM agents a ORDER BY a.id FOR NO KEY UPDATE") == "agents"
    assert lock_of("SELECT lanes.lane FROM lanes WHERE lanes.lane = 1 FOR UPDATE SKIP LOCKED") == "lanes"
    assert lock_of("INSERT INTO conversation_turns (conversation_id) SELECT 1") == "turns"
    assert lock_of("SELECT agents.id FROM agents ORDER BY agents.id") is None
    assert lock_of("UPDATE agents SET available = true") is None


def test_what_the_product_locks_is_seen_from_its_statement_to_its_commit(watch: LockWatch, pg_url: str) -> None:
    store = Store(pg_url)
    upgrade(store)
    with store.write() as db:
        journal.ensure_lanes(db, 2)
    with store.write() as db:
        assert journal.hold_lane(db, 1)
        AGENTS(db)
        AGENTS(db)
        time.sleep(0.02)  # held for at least so long
        feed_order.begin(db, ["one"])
        assert isinstance(db.connection.cursor(), WatchedCursor), "all that is said to the database passes here"
    with store.read() as db:
        db.execute(select(1))
    assert {name: lock.transactions for name, lock in watch.locks.items()} == {"lanes": 1, "agents": 1, "turns": 1}
    assert watch.locks["lanes"].held_seconds >= watch.locks["agents"].held_seconds >= 0.02
    assert watch.locks["agents"].held_seconds >= watch.locks["turns"].held_seconds > 0
    watch.forget()
    assert watch.locks == dict[str, Held]()
    store.close()


def test_a_slow_commit_delays_commits_alone(pg_url: str) -> None:
    with slow_commit(pg_url, 400) as url:
        engine = create_engine(url)
        with engine.connect() as db:
            db.execute(text("CREATE TABLE kept (id int)"))
            began = time.perf_counter()
            db.commit()
            assert time.perf_counter() - began >= 0.4
            took = []
            for _ in range(3):
                began = time.perf_counter()
                db.execute(text("INSERT INTO kept VALUES (1)"))
                took.append(time.perf_counter() - began)
            db.rollback()
        engine.dispose()
    assert min(took) < 0.4
    direct = create_engine(pg_url)
    with direct.connect() as db:
        assert db.execute(text("SELECT count(*) FROM kept")).scalar_one() == 0
    direct.dispose()
