"""Statements compiled once for all engines of a process of the tests.

SQLAlchemy keeps what it has compiled with the engine, and each house of the tests has an engine of its own: compiling
the same statements again took a quarter of an ordinary test of the inbox. What comes of it depends on the kind of
database and on nothing in it, so it may be kept for longer than the engine is.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Dialect, Engine, event
from sqlalchemy.sql.compiler import Compiled
from sqlalchemy.util import LRUCache

KEPT = 4_000  # statements, the rarest are forgotten first; a run of the inbox's tests has some thousand


class Statements(LRUCache[tuple[Any, ...], Compiled]):
    """Found again by an engine of the same kind: of its key's first part, the dialect, only the name counts."""

    def get(self, key: tuple[Any, ...], default: Any = None) -> Any:
        return super().get(_of_any_engine(key), default)

    def __setitem__(self, key: tuple[Any, ...], compiled: Compiled) -> None:
        super().__setitem__(_of_any_engine(key), compiled)


def _of_any_engine(key: tuple[Any, ...]) -> tuple[Any, ...]:
    dialect, *rest = key
    assert isinstance(dialect, Dialect)
    return (dialect.name, *rest)


def compile_once() -> None:
    """From now on, for every engine of this process."""
    statements = Statements(KEPT)

    def share(connection: Connection) -> None:
        connection.execution_options(compiled_cache=statements)

    event.listen(Engine, "engine_connect", share)
