"""What processes share is timed by the database, whatever a machine's own clock says or is set to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from casella.store import Store
from casella.store.database_clock import DatabaseClock


@pytest.fixture
def store(pg_url: str) -> Iterator[Store]:
    found = Store(pg_url, pool_size=2)
    yield found
    found.close()


def asked(store: Store) -> datetime:
    with store.read() as db:
        at: datetime = db.execute(select(func.clock_timestamp())).scalar_one()
    return at


@pytest.mark.parametrize("seconds", [300, -300])
def test_a_machines_wrong_clock_changes_nothing_and_is_named(store: Store, seconds: int) -> None:
    clock = DatabaseClock(store, machine=lambda: datetime.now(UTC) + timedelta(seconds=seconds))

    before = asked(store)
    now = clock.now()
    assert before - timedelta(seconds=1) < now < asked(store) + timedelta(seconds=1)
    assert clock.problem().startswith(
        "this machine's clock is 300 s " if seconds > 0 else "this machine's clock is 300 s behind"
    )


def test_steps_of_ntp_both_ways_do_not_move_it(store: Store) -> None:
    step = timedelta()
    clock = DatabaseClock(store, machine=lambda: datetime.now(UTC) + step)
    first = clock.now()
    step = timedelta(hours=1)
    second = clock.now()
    step = timedelta(hours=-1)
    third = clock.now()

    assert first <= second <= third < first + timedelta(seconds=30)


def test_a_right_clock_is_no_problem(store: Store) -> None:
    assert DatabaseClock(store).problem() == ""


def test_it_counts_on_by_itself_and_follows_the_database_when_asked(store: Store) -> None:
    elapsed = [1000.0]
    clock = DatabaseClock(store, elapsed=lambda: elapsed[0])
    began = clock.now()
    elapsed[0] += 3600
    assert clock.now() - began == timedelta(hours=1)
    clock.follow()
    assert clock.now() - began < timedelta(minutes=1)
