"""Statements of the hot paths: defined once in SQLAlchemy's Core, made into each database's text once, asked by text.

Core looks a statement up in its cache, renders an `IN` of every length anew and makes rows that can do everything: a
tenth of a millisecond each time, where the database takes a hundredth. Here the text never changes, so that the drivers
know it again, too, and keep it prepared. A list goes as one parameter (`among`). Constants of the definition are
written out: an index of some rows only is not found by a parameter. `tests/store/test_prepared.py` shows the texts.

    class Waiting(NamedTuple):
        id: int
        event: str

    _WAITING = Query(
        Waiting,
        select(journal.c.id, journal.c.event).where(journal.c.state == "pending", among(journal.c.lane, "lanes")),
    )
    for row in _WAITING(db, lanes=[1, 2]):
        row.event
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any, Generic, TypeVar, cast

import orjson
from sqlalchemy import (
    Boolean,
    ColumnElement,
    Connection,
    Delete,
    Dialect,
    Select,
    Text,
    Update,
    bindparam,
    func,
    literal_column,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.sql import visitors
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import BindParameter
from sqlalchemy.types import NullType

from casella.store.prepared.driver import DriverCursor, Process, execute, to_driver
from casella.store.types import ColumnType

R_co = TypeVar("R_co", covariant=True)
S = TypeVar("S", Select[Any], Update, Delete, Select[Any] | Update | Delete)
Rows = Callable[..., R_co]
"""A NamedTuple, whose fields are the columns of the answer, in their order."""


class among(ColumnElement[bool]):
    """The column, of texts or whole numbers, is one of a list: one parameter, an array on PostgreSQL, a JSON array on
    SQLite. For this module's statements only."""

    inherit_cache = False
    type = Boolean()
    _traverse_internals = []  # noqa: RUF012 - as SQLAlchemy declares it

    def __init__(self, column: ColumnElement[Any], name: str) -> None:
        self.column = column
        self.name = name

    def self_group(self, against: object = None) -> among:
        """Itself: SQLAlchemy would write `= 1` behind it on SQLite, and no index would be found."""
        return self

    def written(self, dialect: Dialect) -> ColumnElement[bool]:
        if dialect.name == "postgresql":
            return self.column == func.any(bindparam(self.name, type_=ARRAY(self.column.type)))
        values = func.json_each(bindparam(self.name, type_=_List()))
        return self.column.in_(select(literal_column("value")).select_from(values))


class _List(Text):
    """The parameter of `among` on SQLite."""


@dataclass(frozen=True, slots=True)
class _Text:
    """`names`: parameters in their order, and what is to be done to each; `wanted`: each name once; `constants`: those
    that the definition has set."""

    text: str
    names: Sequence[tuple[str, Process | None]]
    wanted: Set[str]
    constants: Mapping[str, object]


class _Prepared:
    def __init__(self, statement: Select[Any] | Update | Delete) -> None:
        self._statement = statement
        self._texts: dict[str, _Text] = {}

    def text(self, dialect: Dialect) -> str:
        """As the database gets it."""
        return self._of(dialect).text

    def _run(self, db: Connection, values: Mapping[str, object]) -> DriverCursor:
        made = self._texts.get(db.dialect.name) or self._of(db.dialect)
        given = {**made.constants, **values} if made.constants else values
        if given.keys() != made.wanted:
            raise TypeError(f"this statement takes {sorted(made.wanted)}, not {sorted(given)}")
        ready = [given[name] if process is None else process(given[name]) for name, process in made.names]
        if db.dialect.name == "sqlite":
            return execute(db, made.text, ready)
        named = {name: value for (name, _), value in zip(made.names, ready, strict=True)}
        return execute(db, made.text, named)

    def _of(self, dialect: Dialect) -> _Text:
        if dialect.name not in self._texts:
            compiled = _written_out(self._statement, dialect).compile(dialect=dialect)
            assert isinstance(compiled, SQLCompiler), "a statement, not a definition"
            names = list(compiled.positiontup or compiled.params)
            self._texts[dialect.name] = _Text(
                str(compiled),
                [(name, _to_driver(compiled.binds[name].type, dialect)) for name in names],
                frozenset(names),
                {name: value for name, value in compiled.params.items() if not compiled.binds[name].required},
            )
        return self._texts[dialect.name]


class _Asking(_Prepared):
    """One that answers rows."""

    def __init__(self, statement: Select[Any]) -> None:
        super().__init__(statement)
        self._columns = tuple(statement.selected_columns)
        self._names = tuple(str(column.key) for column in self._columns)
        self._processes: dict[str, Sequence[tuple[int, Process]]] = {}

    def _ask(self, db: Connection, values: Mapping[str, object]) -> Sequence[Sequence[Any]]:
        cursor = self._run(db, values)
        rows: Sequence[Sequence[Any]] = cursor.fetchall()
        if not rows:
            return rows
        processes = self._processes.get(db.dialect.name)
        if processes is None:
            processes = self._processes[db.dialect.name] = self._from_driver(db.dialect, cursor)
        if not processes:
            return rows
        columns: list[Sequence[Any]] = list(zip(*rows, strict=True))
        for place, process in processes:
            columns[place] = [process(value) for value in columns[place]]
        return list(zip(*columns, strict=True))

    def _from_driver(self, dialect: Dialect, cursor: DriverCursor) -> Sequence[tuple[int, Process]]:
        """What is to be done to which places of the answer."""
        types = [column.type.dialect_impl(dialect) for column in self._columns]
        made = [kind.result_processor(dialect, told[1]) for kind, told in zip(types, cursor.description, strict=True)]
        return [(place, process) for place, process in enumerate(made) if process is not None]


class Query(_Asking, Generic[R_co]):
    """`rows`: the NamedTuple that a row becomes."""

    def __init__(self, rows: Rows[R_co], statement: Select[Any]) -> None:
        super().__init__(statement)
        if self._names != (fields := getattr(rows, "_fields", ())):
            raise TypeError(f"the query answers {self._names}, its rows have {fields}")
        self._rows = rows

    def __call__(self, db: Connection, **values: object) -> list[R_co]:
        return [self._rows(*row) for row in self._ask(db, values)]

    def first(self, db: Connection, **values: object) -> R_co | None:
        """Of a query that answers one row at most."""
        return next(iter(self(db, **values)), None)


class Mappings(_Asking):
    """A query for whole rows that are going to be changed: each a dictionary."""

    def __call__(self, db: Connection, **values: object) -> list[dict[str, Any]]:
        return [dict(zip(self._names, row, strict=True)) for row in self._ask(db, values)]


class Change(_Prepared):
    """An update or a delete; answers how many rows it has touched."""

    def __init__(self, statement: Update | Delete) -> None:
        super().__init__(statement)

    def __call__(self, db: Connection, **values: object) -> int:
        return self._run(db, values).rowcount


def _to_driver(kind: ColumnType, dialect: Dialect) -> Process | None:
    if isinstance(kind, ARRAY):
        return list
    if isinstance(kind, _List):
        return lambda values: orjson.dumps(list(values)).decode()
    return to_driver(kind, dialect)


def _written_out(statement: S, dialect: Dialect) -> S:
    """With its lists in the dialect's words, and its constants, as far as they have a type, in its text."""

    def written(element: object, **_: object) -> ColumnElement[Any] | None:
        if isinstance(element, among):
            return element.written(dialect)
        if not isinstance(element, BindParameter) or element.value is None or isinstance(element.type, NullType):
            return None
        text = str(element.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
        return literal_column(text.replace("%%", "%") if dialect.name == "postgresql" else text)

    return cast(S, visitors.replacement_traverse(statement, {}, written))
