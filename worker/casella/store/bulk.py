"""Many rows in one statement, whose text is made once from SQLAlchemy's Core.

A row of an `executemany` costs as much in Python as in the database, and each lets another thread go first. On
PostgreSQL it is worse: the driver sends them as a pipeline, and a process that is stopped in the middle of one leaves
a session that no bound ends before PostgreSQL 17. On PostgreSQL the rows travel as one JSON parameter, whatever their
number; on SQLite as `VALUES`, in blocks of a few fixed lengths, so that the database knows their texts again.

    _ADD = Insert(messages)
    _ADD(db, [{"id": "1", "text": "Hello"}, {"id": "2", "text": "Hi"}])

    _CLOSE = Update(
        lambda new: update(conversations).where(conversations.c.id == new.row_id).values(closed_at=new.at),
        row_id=Text(), at=Instant(),
    )
    _CLOSE(db, [{"row_id": "1", "at": now}])
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import orjson
from sqlalchemy import (
    ColumnClause,
    ColumnCollection,
    ColumnElement,
    Connection,
    Dialect,
    FromClause,
    Table,
    Text,
    bindparam,
    cast,
    column,
    func,
    select,
    union_all,
)
from sqlalchemy import Insert as CoreInsert
from sqlalchemy import Update as CoreUpdate
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.elements import KeyedColumnElement

from casella.store.prepared.driver import execute, to_driver
from casella.store.types import ColumnType

Values = Mapping[str, object]
Columns = ColumnCollection[
    str, KeyedColumnElement[Any]
]  # of any type: what is compared with what is the database's to say
DialectInsert = postgresql.Insert | sqlite.Insert
_Names = tuple[str, ...]
_Process = Callable[[object], object]
_BLOCKS = (16, 4, 1)
"""Rows in one statement of SQLite: a longer one saves little more, and each connection keeps it prepared."""
_ROWS = "rows"


@dataclass(frozen=True, slots=True)
class _Statement:
    """`names`: of one row's parameters, in order, with what has to be done to a value before the driver gets it.
    `before`, `after`: constants of the statement, by name on PostgreSQL."""

    text: str
    names: Sequence[tuple[str, _Process | None]]
    before: Sequence[tuple[str, object]]
    after: Sequence[tuple[str, object]]


class _Many(ABC):
    def __init__(self) -> None:
        self._known: dict[tuple[str, tuple[str, ...], int], _Statement] = {}

    def __call__(self, db: Connection, rows: Sequence[Values]) -> int:
        """Write the rows, which all have the same columns, in their order. Returns how many the database has touched:
        fewer where a condition or a conflict left some as they were."""
        if not rows:
            return 0
        names = tuple(rows[0])
        if any(row.keys() != rows[0].keys() for row in rows):
            raise ValueError("rows of one statement need the same columns")
        if db.dialect.name == "postgresql":
            statement = self._statement(db.dialect, names, 0)
            return execute(
                db, statement.text, {_ROWS: _as_json(rows, statement.names), **dict(statement.after)}
            ).rowcount
        touched = 0
        for block in _blocks(rows):
            statement = self._statement(db.dialect, names, len(block))
            parameters = tuple(
                row[name] if process is None else process(row[name])
                for row in block
                for name, process in statement.names
            )
            parameters = (
                *(value for _, value in statement.before),
                *parameters,
                *(value for _, value in statement.after),
            )
            touched += execute(db, statement.text, parameters).rowcount
        return touched

    def _statement(self, dialect: Dialect, names: tuple[str, ...], count: int) -> _Statement:
        key = (dialect.name, names, count)
        if key not in self._known:
            types = {name: self._type(name) for name in names}
            before, order, after = _Names(), names, _Names()
            if dialect.name == "postgresql":
                compiled = self._over(dialect.name, types, _recordset(types)).compile(dialect=dialect)
                after = tuple(name for name in compiled.params if name != _ROWS)
            else:
                compiled = self._of(dialect.name, types, count).compile(dialect=dialect)
                before, order, after = _in_order(compiled.positiontup or (), count)
            self._known[key] = _Statement(
                str(compiled),
                [(name, to_driver(types[name], dialect)) for name in order],
                [(name, compiled.params[name]) for name in before],
                [(name, compiled.params[name]) for name in after],
            )
        return self._known[key]

    @abstractmethod
    def _type(self, name: str) -> ColumnType:
        """Of the parameter with this name."""

    @abstractmethod
    def _over(self, dialect: str, types: Mapping[str, ColumnType], new: FromClause) -> CoreInsert | CoreUpdate:
        """The statement over rows that are there as a relation."""

    @abstractmethod
    def _of(self, dialect: str, types: Mapping[str, ColumnType], count: int) -> CoreInsert | CoreUpdate:
        """The statement with so many rows in itself, each value a parameter named `_name(row, column)`."""


class Insert(_Many):
    """`conflict`: what becomes of rows that are there already, as a change of the dialect's own INSERT. `fixed`:
    columns that have the same expression in every row, by dialect."""

    def __init__(
        self,
        table: Table,
        conflict: Callable[[DialectInsert], DialectInsert] | None = None,
        fixed: Mapping[str, Mapping[str, ColumnElement[object]]] = {},
    ) -> None:
        super().__init__()
        self._table = table
        self._conflict = conflict or (lambda insert: insert)
        self._fixed = fixed

    def _type(self, name: str) -> ColumnType:
        return self._table.c[name].type

    def _over(self, dialect: str, types: Mapping[str, ColumnType], new: FromClause) -> CoreInsert:
        fixed = self._fixed.get(dialect, {})
        rows = select(*(new.c[name] for name in types), *fixed.values())
        return self._conflict(postgresql.insert(self._table).from_select([*types, *fixed], rows))

    def _of(self, dialect: str, types: Mapping[str, ColumnType], count: int) -> CoreInsert:
        fixed = self._fixed.get(dialect, {})
        rows = [{**{name: bindparam(_name(row, name)) for name in types}, **fixed} for row in range(count)]
        return self._conflict(sqlite.insert(self._table).values(rows))


class Update(_Many):
    """`build`: the statement over the rows' columns, which have the types given by name. Rows that several transactions
    change are locked, in one order, before: the statement takes them in any."""

    def __init__(self, build: Callable[[Columns], CoreUpdate], **types: ColumnType) -> None:
        super().__init__()
        self._build = build
        self._types = types

    def _type(self, name: str) -> ColumnType:
        return self._types[name]

    def _over(self, dialect: str, types: Mapping[str, ColumnType], new: FromClause) -> CoreUpdate:
        return self._build(new.c)

    def _of(self, dialect: str, types: Mapping[str, ColumnType], count: int) -> CoreUpdate:
        # Not as VALUES: that needs a WITH in front, and of such a statement the driver does not count the rows.
        rows = [
            select(*(bindparam(_name(row, name), type_=kind).label(name) for name, kind in types.items()))
            for row in range(count)
        ]
        return self._build(union_all(*rows).subquery("new").c)


def insert(db: Connection, table: Table, rows: Sequence[Values]) -> int:
    """Add rows to a table, in their order. Returns how many there are."""
    return _plain(table)(db, rows) if rows else 0


@cache
def _plain(table: Table) -> Insert:
    return Insert(table)


def _columns(types: Mapping[str, ColumnType]) -> list[ColumnClause[object]]:
    return [column(name, kind) for name, kind in types.items()]


def _recordset(types: Mapping[str, ColumnType]) -> FromClause:
    rows = func.json_to_recordset(cast(bindparam(_ROWS, type_=Text()), postgresql.JSON()))
    return rows.table_valued(*_columns(types), name="new").render_derived(name="new", with_types=True)


def _blocks(rows: Sequence[Values]) -> Iterator[Sequence[Values]]:
    """In few lengths, the longest first."""
    begin = 0
    for length in _BLOCKS:
        while begin + length <= len(rows):
            yield rows[begin : begin + length]
            begin += length


def _name(row: int, name: str) -> str:
    return f"{name}__{row}"


def _in_order(parameters: Iterable[str], count: int) -> tuple[_Names, _Names, _Names]:
    """The constants before the rows, the columns of a row in the order of its parameters, the constants behind."""
    every = tuple(parameters)
    ours = [place for place, name in enumerate(every) if "__" in name]
    begin, end = ours[0], ours[-1] + 1
    names = tuple(name.removesuffix("__0") for name in every[begin : begin + len(ours) // count])
    if every[begin:end] != tuple(_name(row, name) for row in range(count) for name in names):
        raise AssertionError(f"the parameters are not in the order of the rows: {every}")
    return every[:begin], names, every[end:]


def _as_json(rows: Sequence[Values], names: Sequence[tuple[str, _Process | None]]) -> str:
    if to_do := [(name, process) for name, process in names if process is not None]:
        rows = [{**row, **{name: process(row[name]) for name, process in to_do}} for row in rows]
    return orjson.dumps(rows).decode()
