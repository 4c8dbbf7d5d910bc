"""Statements by their text: the same as Core's, on both databases, and always the same text."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Float,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    bindparam,
    delete,
    event,
    exc,
    func,
    insert,
    select,
    text,
    update,
)

from casella.errors import StoreUnavailable
from casella.store import Store, bulk
from casella.store.prepared import Change, Mappings, Query, among
from casella.store.types import Id, Instant, Json
from tests.budget import tries

things = Table(
    "things",
    MetaData(),
    Column("id", Id, primary_key=True),
    Column("number", Integer),
    Column("share", Float),
    Column("said", Text),
    Column("is_so", Boolean),
    Column("at", Instant),
    Column("more", Json),
    Column("state", Text, server_default="waits"),
)
Index("ix_waiting", things.c.number, sqlite_where=text("state = 'it''s 100% new'"),
      postgresql_where=text("state = 'it''s 100% new'"))  # fmt: skip


class Thing(NamedTuple):
    id: str
    number: int | None
    share: float | None
    said: str | None
    is_so: bool | None
    at: datetime | None
    more: Any
    state: str


class Named(NamedTuple):
    id: str


_ALL = select(*(things.c[name] for name in Thing._fields)).order_by(things.c.id)
BY_ID = Query(Thing, _ALL.where(among(things.c.id, "ids")))
BY_NUMBER = Query(Named, select(things.c.id).where(among(things.c.number, "numbers")).order_by(things.c.id))
WAITING = Query(
    Named,
    select(things.c.id).where(things.c.state == "it's 100% new", things.c.number == bindparam("number")),
)
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=12)
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "id": TEXTS,
            "number": st.none() | st.integers(-1000, 1000),
            "share": st.none() | st.floats(-10, 10),
            "said": st.none() | TEXTS,
            "is_so": st.none() | st.booleans(),
            "at": st.none() | st.datetimes(datetime(1971, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),
            "more": st.none() | st.dictionaries(TEXTS, st.integers() | TEXTS, max_size=2)
            .filter(lambda value: all(abs(one) < 2**53 for one in value.values() if isinstance(one, int))),
        }
    ),
    unique_by=lambda row: str(row["id"]), max_size=8,
)  # fmt: skip


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    store = Store(database_url)
    with store.write() as db:
        things.create(db)
    yield store
    store.close()


def _clear(db: Connection) -> None:
    db.execute(delete(things))


@settings(max_examples=tries(60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS, chosen=st.sets(st.integers(0, 9)), others=st.lists(TEXTS, max_size=3))
def test_it_answers_what_core_answers(
    store: Store, rows: list[dict[str, object]], chosen: set[int], others: list[str]
) -> None:
    with store.write() as db:
        _clear(db)
        bulk.insert(db, things, rows)
        ids = [str(row["id"]) for number, row in enumerate(rows) if number in chosen] + others
        expected = db.execute(_ALL.where(things.c.id.in_(ids))).all()
        found = BY_ID(db, ids=ids)
        assert found == [Thing(*row) for row in expected]
        assert [type(row.is_so) for row in found] == [type(row.is_so) for row in expected]
        assert Mappings(_ALL)(db) == [dict(row) for row in db.execute(_ALL).mappings()]


def test_lists_of_any_length_are_one_text(store: Store) -> None:
    seen: list[str] = []
    with store.write() as db:
        bulk.insert(db, things, [{"id": f"{number:04d}", "number": number} for number in range(1_200)])
        event.listen(db, "before_cursor_execute", lambda _c, _k, statement, *_: seen.append(statement))
        for wanted in ([], [7], list(range(0, 1_200, 3))):
            assert [row.id for row in BY_NUMBER(db, numbers=wanted)] == [f"{number:04d}" for number in wanted]
            assert [row.id for row in BY_NUMBER(db, numbers=set(wanted))] == [f"{number:04d}" for number in wanted]
    assert len(seen) == 6, "whoever listens to statements hears of them"
    assert len(set(seen)) == 1


def test_constants_are_written_out_so_that_an_index_of_some_rows_is_found(store: Store) -> None:
    with store.write() as db:
        rows = [{"id": f"{number}", "number": number % 40, "state": "done"} for number in range(400)]
        bulk.insert(db, things, [*rows, {"id": "new", "number": 3, "state": "it's 100% new"}])
    with store.write() as db:
        assert WAITING(db, number=3) == [Named("new")]
        asked = WAITING.text(db.dialect)
        assert "it''s 100" in asked
        if db.dialect.name == "sqlite":
            plan = "".join(row.detail for row in db.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked}", (3,)))
        else:
            db.exec_driver_sql("ANALYZE things")
            db.exec_driver_sql("SET LOCAL enable_seqscan = off")
            plan = "".join(db.exec_driver_sql(f"EXPLAIN {asked}", {"number": 3}).scalars())
    assert "ix_waiting" in plan


def test_a_change_says_how_many_rows_it_has_touched(store: Store) -> None:
    its = update(things).where(among(things.c.id, "ids"))
    finish = Change(its.values(state="done", said=bindparam("word"), number=None))
    forget = Change(delete(things).where(things.c.state == "done"))
    with store.write() as db:
        bulk.insert(db, things, [{"id": id, "number": 7} for id in "abcd"])
        assert finish(db, ids=["a", "c", "x"], word="end") == 2
        assert db.execute(select(things.c.id).where(things.c.said == "end").order_by(things.c.id)).scalars().all() == [
            "a", "c",
        ]  # fmt: skip
        assert len(BY_NUMBER(db, numbers=[7])) == 2, "a constant may be nothing"
        assert forget(db) == 2
        assert finish(db, ids=[], word="end") == 0


def test_a_parameter_may_stand_at_several_places(store: Store) -> None:
    number = bindparam("number", type_=Integer())
    query = Query(Named, select(things.c.id).where((things.c.number > number) | (things.c.number < -number)))
    with store.write() as db:
        bulk.insert(db, things, [{"id": f"{number}", "number": number} for number in (-9, -1, 1, 9)])
        assert sorted(query(db, number=3)) == [Named("-9"), Named("9")]


def test_mistakes_are_told_at_once(store: Store) -> None:
    with pytest.raises(TypeError, match="number"):
        Query(Named, select(things.c.id, things.c.number))
    with store.read() as db:
        with pytest.raises(TypeError, match="ids"):
            BY_ID(db)
        with pytest.raises(TypeError, match="more"):
            BY_ID(db, ids=[], more=1)
        assert BY_ID.first(db, ids=[]) is None


def test_a_read_has_one_view_from_its_first_statement(sqlite_url: str) -> None:
    store = Store(sqlite_url)
    with store.write() as db:
        things.create(db)
        bulk.insert(db, things, [{"id": "a", "number": 1}])
    with store.read() as db:
        assert BY_NUMBER(db, numbers=[1, 2]) == [Named("a")]
        with store.write() as other:
            bulk.insert(other, things, [{"id": "b", "number": 2}])
        assert BY_NUMBER(db, numbers=[1, 2]) == [Named("a")]
    with store.read() as db:
        assert BY_NUMBER(db, numbers=[1, 2]) == [Named("a"), Named("b")]
    store.close()


def test_errors_are_sqlalchemys(store: Store) -> None:
    with store.write() as db:
        bulk.insert(db, things, [{"id": "a"}])
    with pytest.raises(exc.IntegrityError) as raised, store.write() as db:
        bulk.insert(db, things, [{"id": "b", "said": "a secret"}, {"id": "a", "said": ""}])
    assert "a secret" not in str(raised.value), "what people write does not get into logs"
    with store.read() as db:
        assert db.execute(select(func.count()).select_from(things)).scalar_one() == 1, "nothing of it has stayed"
    wrong = Query(Named, select(things.c.id).where(text("no_such_column = 1")))
    with pytest.raises(exc.DBAPIError), store.read() as db:
        wrong(db)


def test_a_lost_connection_is_given_up(pg_url: str) -> None:
    store = Store(pg_url, pool_size=1)
    with store.write() as db:
        things.create(db)
    with pytest.raises(StoreUnavailable):
        _lose_it_half_way(store, pg_url)
    with store.write() as db:
        db.execute(insert(things), {"id": "again"})
    with store.read() as db:
        assert BY_ID(db, ids=["again"])[0].id == "again"
    store.close()


def _lose_it_half_way(store: Store, url: str) -> None:
    with store.write() as db:
        BY_NUMBER(db, numbers=[1])
        session: Any = db.connection.driver_connection
        other = Store(url)
        with other.write() as its:
            its.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": session.info.backend_pid})
        other.close()
        BY_NUMBER(db, numbers=[1])
