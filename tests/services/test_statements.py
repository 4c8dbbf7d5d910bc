"""A statement is compiled once for all engines of a kind, and for each kind in its own words."""

from __future__ import annotations

from sqlalchemy import Column, Integer, MetaData, Table, create_engine, select

from tests.services.statements import Statements

NUMBERS = Table("numbers", MetaData(), Column("number", Integer))


def test_two_engines_share_what_was_compiled() -> None:
    statement, kept = select(NUMBERS.c.number).where(NUMBERS.c.number == 7), Statements(100)
    for _ in range(2):
        engine = create_engine("sqlite://")
        with engine.connect().execution_options(compiled_cache=kept) as connection:
            NUMBERS.create(connection)
            connection.execute(NUMBERS.insert(), {"number": 7})
            assert connection.execute(statement).scalars().all() == [7]
        engine.dispose()
    assert len([key for key in kept if key[-1] is False]) == 2, "the INSERT and the SELECT"


def test_each_kind_of_database_has_its_own() -> None:
    kept, statement = Statements(100), select(NUMBERS)
    lite, other, post = (create_engine(url).dialect for url in ("sqlite://", "sqlite://", "postgresql+psycopg://"))
    kept[lite, "key"] = statement.compile(dialect=lite)
    assert kept.get((other, "key")) is not None
    assert kept.get((post, "key")) is None
