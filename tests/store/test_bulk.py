"""Many rows in one statement: the same as one after the other, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.pq import PipelineStatus
from sqlalchemy import (
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Float,
    Integer,
    MetaData,
    Table,
    Text,
    bindparam,
    event,
    func,
    literal_column,
    select,
    update,
)

from casella.store import Store, bulk
from casella.store.types import AutoKey, Id, Instant, Json

EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
things = Table(
    "things",
    MetaData(),
    Column("id", Id, primary_key=True),
    Column("number", Integer),
    Column("large", AutoKey),
    Column("share", Float),
    Column("said", Text),
    Column("is_so", Boolean),
    Column("at", Instant),
    Column("more", Json),
)
counted = Table(
    "counted",
    MetaData(),
    Column("id", AutoKey, primary_key=True, autoincrement=True),
    Column("name", Text, unique=True),
    Column("mark", Text),
)


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    store = Store(database_url)
    with store.write() as db:
        things.create(db)
        counted.create(db)
    yield store
    store.close()


def _all(db: Connection) -> list[dict[str, object]]:
    return [dict(row) for row in db.execute(select(things).order_by(things.c.id)).mappings()]


TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
JSON = st.none() | st.dictionaries(TEXT, st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXT, max_size=3)
ROW = st.fixed_dictionaries(
    {
        "number": st.none() | st.integers(-(2**31), 2**31 - 1),
        "large": st.none() | st.integers(-(2**63), 2**63 - 1),
        "share": st.none() | st.floats(allow_nan=False, allow_infinity=False),
        "said": st.none() | TEXT,
        "is_so": st.none() | st.booleans(),
        "at": st.none() | st.timedeltas(timedelta(0), timedelta(days=40_000)).map(lambda by: EPOCH + by),
        "more": JSON,
    }
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(ROW, min_size=1, max_size=20))
def test_what_is_written_is_read(store: Store, rows: list[dict[str, object]]) -> None:
    wanted = [{"id": f"{place:03d}", **row} for place, row in enumerate(rows)]
    with store.write() as db:
        db.execute(things.delete())
        assert bulk.insert(db, things, wanted) == len(wanted)
        assert _all(db) == wanted


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=st.lists(ROW, min_size=1, max_size=20), data=st.data())
def test_what_is_changed_is_read(store: Store, before: list[dict[str, object]], data: st.DataObject) -> None:
    known = [{"id": f"{place:03d}", **row} for place, row in enumerate(before)]
    after = data.draw(st.lists(ROW, min_size=len(before), max_size=len(before)))
    names = data.draw(st.sets(st.sampled_from(sorted(after[0])), min_size=1))
    change = bulk.Update(
        lambda new: (
            update(things)
            .where(things.c.id == new.row_id, things.c.number.is_not_distinct_from(new.held))
            .values({name: new[f"new_{name}"] for name in names})
        ),
        row_id=Text(), held=Integer(), **{f"new_{name}": things.c[name].type for name in names},
    )  # fmt: skip
    rows = [
        {"row_id": row["id"], "held": row["number"], **{f"new_{name}": new[name] for name in names}}
        for row, new in zip(known, after, strict=True)
    ]
    with store.write() as db:
        db.execute(things.delete())
        bulk.insert(db, things, known)
        assert change(db, rows) == len(rows)
        assert _all(db) == [
            {**row, **{name: new[name] for name in names}} for row, new in zip(known, after, strict=True)
        ]


def test_rows_that_are_not_as_they_were_are_left_alone_and_not_counted(store: Store) -> None:
    change = bulk.Update(
        lambda new: update(counted).where(counted.c.name == new.named, counted.c.mark == new.held).values(mark="new"),
        named=Text(),
        held=Text(),
    )
    with store.write() as db:
        bulk.insert(db, counted, [{"name": "a", "mark": "x"}, {"name": "b", "mark": "y"}])
        assert change(db, [{"named": "a", "held": "x"}, {"named": "b", "held": "other"}]) == 1
        assert change(db, [{"named": "nobody", "held": "x"}]) == 0
        assert db.execute(select(counted.c.mark).order_by(counted.c.name)).scalars().all() == ["new", "y"]


@pytest.mark.parametrize("count", [1, 2, 63, 64, 65, 200, 3_000])
def test_any_number_of_rows_keeps_its_order(store: Store, count: int) -> None:
    with store.write() as db:
        assert bulk.insert(db, counted, [{"name": f"n{place}", "mark": None} for place in range(count)]) == count
        names = db.execute(select(counted.c.name).order_by(counted.c.id)).scalars().all()
    assert names == [f"n{place}" for place in range(count)]


def test_what_is_there_already_is_left_or_changed_as_the_conflict_says(store: Store) -> None:
    leave = bulk.Insert(counted, lambda insert: insert.on_conflict_do_nothing())
    join = bulk.Insert(
        counted,
        lambda insert: insert.on_conflict_do_update(
            index_elements=["name"], set_={"mark": func.coalesce(counted.c.mark, "none") + "+" + insert.excluded.mark}
        ),
    )
    with store.write() as db:
        assert leave(db, [{"name": "a", "mark": "1"}, {"name": "b", "mark": None}]) == 2
        assert leave(db, [{"name": "a", "mark": "2"}, {"name": "c", "mark": "3"}, {"name": "c", "mark": "4"}]) == 1
        assert join(db, [{"name": "a", "mark": "5"}, {"name": "b", "mark": "6"}]) == 2
        rows = db.execute(select(counted.c.name, counted.c.mark).order_by(counted.c.name)).all()
    assert [tuple(row) for row in rows] == [("a", "1+5"), ("b", "none+6"), ("c", "3")]


def test_a_fixed_column_is_the_same_in_every_row(store: Store) -> None:
    mark: dict[str, ColumnElement[object]] = {"mark": literal_column("lower('SAME')")}
    add = bulk.Insert(counted, fixed={"sqlite": mark, "postgresql": mark})
    with store.write() as db:
        add(db, [{"name": "a"}, {"name": "b"}])
        assert db.execute(select(counted.c.mark)).scalars().all() == ["same", "same"]


def test_no_rows_are_no_statement(store: Store) -> None:
    with store.write() as db:
        statements: list[str] = []
        event.listen(db, "before_cursor_execute", lambda *given: statements.append(given[2]))
        assert bulk.insert(db, things, []) == 0
        assert statements == []


def test_rows_of_different_columns_and_moments_without_a_zone_are_refused(store: Store) -> None:
    with store.write() as db:
        with pytest.raises(ValueError, match="the same columns"):
            bulk.insert(db, counted, [{"name": "a", "mark": "x"}, {"name": "b"}])
        with pytest.raises(ValueError, match="time zone"):
            bulk.insert(db, things, [{"id": "a", "at": datetime(2026, 1, 1)}])
        assert db.execute(select(func.count()).select_from(counted)).scalar_one() == 0


def test_on_postgresql_it_is_one_statement_however_many_rows(pg_url: str) -> None:
    store = Store(pg_url)
    with store.write() as db:
        counted.create(db)
        statements: list[str] = []
        event.listen(db, "before_cursor_execute", lambda *given: statements.append(given[2]))
        bulk.insert(db, counted, [{"name": f"n{place}", "mark": None} for place in range(500)])
        assert len(statements) == 1
    store.close()


def test_no_session_with_postgresql_is_ever_in_a_pipeline(pg_url: str) -> None:
    """A process that is stopped in the middle of one leaves a session that nothing ends before PostgreSQL 17."""
    store = Store(pg_url)
    with store.write() as db:
        counted.create(db)
        session = db.connection.driver_connection
        assert isinstance(session, psycopg.Connection)
        statuses: list[PipelineStatus] = []

        def rows() -> Iterator[tuple[str]]:
            for place in range(5):
                statuses.append(PipelineStatus(session.pgconn.pipeline_status))
                yield (f"n{place}",)

        with session.cursor() as cursor:
            cursor.executemany("INSERT INTO counted (name) VALUES (%s)", rows())
            assert cursor.rowcount == 5
        assert statuses == [PipelineStatus.OFF] * 5
        mark = update(counted).where(counted.c.name == bindparam("named")).values(mark="x")
        assert db.execute(mark, [{"named": "n1"}, {"named": "n2"}, {"named": "nobody"}]).rowcount == 2
    store.close()
