"""Moments are exact, aware and in order; naive ones are refused."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Column, Integer, MetaData, Table, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import StatementError

from casella.store import Store
from casella.store.types import Instant

MOMENTS = st.datetimes(datetime(1900, 1, 1), datetime(2900, 1, 1), timezones=st.timezones())
times = Table("times", MetaData(), Column("id", Integer, primary_key=True), Column("at", Instant))


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    opened = Store(database_url)
    with opened.write() as db:
        times.metadata.create_all(db)
    yield opened
    opened.close()


def test_a_moment_comes_back_to_the_microsecond_in_utc_and_in_order(store: Store) -> None:
    rome = timezone(timedelta(hours=2))
    moments = [
        datetime(2026, 11, 22, 10, 0, 0, 1, tzinfo=UTC),
        datetime(2026, 11, 22, 12, 0, 0, 2, tzinfo=rome),
        datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
        datetime(2400, 2, 29, 1, 2, 3, 123_456, tzinfo=UTC),
    ]
    with store.write() as db:
        db.execute(insert(times), [{"at": moment} for moment in moments])
    with store.read() as db:
        found = list(db.execute(select(times.c.at).order_by(times.c.at)).scalars())
        some = db.execute(select(times.c.id).where(times.c.at > moments[0])).scalars().all()

    assert found == sorted(moments)
    assert all(moment.tzinfo is UTC for moment in found)
    assert len(some) == 2


def test_nothing_is_nothing(store: Store) -> None:
    with store.write() as db:
        db.execute(insert(times), {"at": None})
        assert db.execute(select(times.c.at)).scalar_one() is None


def test_a_naive_datetime_is_refused(store: Store) -> None:
    with pytest.raises(StatementError, match="time zone"), store.write() as db:
        db.execute(insert(times), {"at": datetime(2026, 1, 1)})


@given(MOMENTS, MOMENTS)
def test_on_sqlite_numbers_are_in_the_order_of_the_moments(first: datetime, second: datetime) -> None:
    kind, dialect = Instant(), sqlite.dialect()
    numbers = [kind.process_bind_param(moment, dialect) for moment in (first, second)]
    back = [kind.process_result_value(number, dialect) for number in numbers]

    assert back == [first.astimezone(UTC), second.astimezone(UTC)]  # of a local time in a gap only UTC is sure
    assert (numbers[0] < numbers[1]) == (first.astimezone(UTC) < second.astimezone(UTC))  # type: ignore[operator]  # both are int


def test_on_postgresql_it_is_a_timestamptz() -> None:
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy leaves it without types
    assert str(times.c.at.type.compile(dialect)) == "TIMESTAMP WITH TIME ZONE"
