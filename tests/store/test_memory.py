"""A database in memory: laid out once, taken back again and again."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, select
from sqlalchemy.exc import IntegrityError

from casella.store.engine import ending
from casella.store.memory import MemoryStore
from casella.store.tables import inboxes
from tests.builders import make_inbox


@pytest.fixture
def store() -> Iterator[MemoryStore]:
    opened = MemoryStore()
    with opened.write() as db:
        make_inbox(db, key="first")
    opened.lay_down()
    yield opened
    opened.close()


def keys(store: MemoryStore) -> list[str]:
    with store.read() as db:
        return list(db.execute(select(inboxes.c.key).order_by(inboxes.c.key)).scalars())


def test_what_was_laid_down_stays_and_the_rest_is_taken_back(store: MemoryStore) -> None:
    for _ in range(3):
        with store.write() as db:
            make_inbox(db, key="second")
        assert keys(store) == ["first", "second"]
        store.take_back()
        assert keys(store) == ["first"]


def two_inboxes(store: MemoryStore, *names: str) -> None:
    with store.write() as db:
        for name in names:
            make_inbox(db, key=name)


def test_a_transaction_that_fails_keeps_nothing_and_those_before_it_do(store: MemoryStore) -> None:
    with store.write() as db:
        make_inbox(db, key="second")
    with pytest.raises(IntegrityError):
        two_inboxes(store, "third", "second")
    assert keys(store) == ["first", "second"]


class Last:
    """Adds an inbox when everything else is written."""

    def __init__(self, db: Connection) -> None:
        self.db = db

    def finish(self) -> None:
        make_inbox(self.db, key="last")


def test_what_comes_at_the_end_of_a_transaction_comes_here_too(store: MemoryStore) -> None:
    with store.write() as db:
        ending(db, Last, lambda: Last(db))
        make_inbox(db, key="second")
    assert keys(store) == ["first", "last", "second"]


def test_who_looks_in_the_middle_of_a_transaction_does_not_end_it(store: MemoryStore) -> None:
    with store.write() as db:
        make_inbox(db, key="second")
        assert keys(store) == ["first", "second"]
        make_inbox(db, key="third")
    assert keys(store) == ["first", "second", "third"]


def test_two_of_them_know_nothing_of_each_other(store: MemoryStore) -> None:
    other = MemoryStore()
    assert keys(other) == []
    other.close()
