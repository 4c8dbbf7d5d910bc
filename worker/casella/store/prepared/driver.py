"""A statement on the driver's own cursor, within SQLAlchemy's transaction, for texts that never change.

SQLAlchemy's way to a driver takes 25 µs of Python, the driver 5. What must not differ: a transaction begins with its
first statement, errors are SQLAlchemy's, a connection that was lost is given up, and whoever listens to statements
hears of these: then they go SQLAlchemy's way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import orjson
from sqlalchemy import JSON, Connection, Dialect, exc

from casella.store.types import ColumnType

Parameters = Sequence[object] | Mapping[str, object]
Process = Callable[[Any], object]
"""What is done to a value on its way to the driver, or from there."""


class DriverCursor(Protocol):
    """What both drivers' have."""

    @property
    def rowcount(self) -> int: ...  # pragma: no cover - a protocol

    @property
    def description(self) -> Sequence[Sequence[Any]]: ...  # pragma: no cover - a protocol

    def fetchall(self) -> list[tuple[Any, ...]]: ...  # pragma: no cover - a protocol


def execute(db: Connection, text: str, parameters: Parameters) -> DriverCursor:
    """Raises what SQLAlchemy would."""
    if db.dispatch.before_cursor_execute or db.dispatch.after_cursor_execute or db.closed or db.invalidated:
        return _listened(db, text, parameters)
    if not db.in_transaction():
        db.begin()
    session: Any = db.connection.driver_connection
    cursor: Any = session.cursor()
    try:
        cursor.execute(text, parameters)
    except db.dialect.loaded_dbapi.Error as error:
        raise _meant(db, text, parameters, error, session, cursor) from error
    made: DriverCursor = cursor
    return made


def _listened(db: Connection, text: str, parameters: Parameters) -> DriverCursor:
    given: Any = parameters if isinstance(parameters, Mapping) else tuple(parameters)
    result: Any = db.exec_driver_sql(text, given)
    made: DriverCursor = result.cursor if result.cursor is not None else result
    return made


def _meant(db: Connection, text: str, parameters: Any, error: Any, session: Any, cursor: Any) -> BaseException:
    """SQLAlchemy's error of the driver's."""
    lost = db.dialect.is_disconnect(error, session, cursor)
    if lost:
        db.invalidate(error)
    meant: BaseException = exc.DBAPIError.instance(
        text, parameters, error, db.dialect.loaded_dbapi.Error, hide_parameters=True, connection_invalidated=lost,
        dialect=db.dialect,
    )  # fmt: skip
    return meant


def to_driver(kind: ColumnType, dialect: Dialect) -> Process | None:
    """What has to be done to a value of this type before the driver gets it."""
    if isinstance(kind.dialect_impl(dialect), JSON):
        if dialect.name == "postgresql":
            return None
        return lambda value: None if value is None else orjson.dumps(value).decode()
    return kind.dialect_impl(dialect).bind_processor(dialect)
