"""Asking for many rows by keys of several columns, in one statement that every database answers from an index.

SQLite finds no index for `(a, b) IN ((1, 2), (1, 3))` and reads the whole table; for `a = 1 AND b IN (2, 3)` it does.
So keys are gathered by all their columns but the last one: a batch has few channels, and many addresses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Generic

from sqlalchemy import Column, ColumnElement, Connection, Select, and_, bindparam, false, or_

from casella.store.prepared import Query, R_co, Rows, among

Key = Sequence[str]


def one_of(columns: Sequence[Column[str]], keys: Iterable[Key]) -> ColumnElement[bool]:
    """The columns are one of these keys."""
    return or_(
        false(),
        *(
            and_(*(column == value for column, value in zip(columns, first, strict=False)), columns[-1].in_(last))
            for first, last in _gathered(keys)
        ),
    )


class ByKeys(Generic[R_co]):
    """A query by keys on the hot path: its text is made once for each number of groups. `build` makes the statement
    from the condition; `rows`: the NamedTuple that a row becomes."""

    def __init__(
        self,
        columns: Sequence[Column[str]],
        rows: Rows[R_co],
        build: Callable[[ColumnElement[bool]], Select[tuple[Any, ...]]],
    ) -> None:
        self._columns = columns
        self._rows = rows
        self._build = build
        self._built: dict[int, Query[R_co]] = {}

    def __call__(self, db: Connection, keys: Iterable[Key], **more: object) -> list[R_co]:
        """`more`: the statement's other parameters."""
        groups = _gathered(keys)
        values: dict[str, object] = {}
        for number, (first, last) in enumerate(groups):
            values |= {f"key_{number}_{place}": value for place, value in enumerate(first)}
            values[f"key_{number}_last"] = last
        return self.query(len(groups))(db, **values, **more)

    def query(self, groups: int) -> Query[R_co]:
        """Of so many groups of keys."""
        if groups not in self._built:
            wanted = or_(false(), *map(self._group, range(groups)))
            self._built[groups] = Query(self._rows, self._build(wanted))
        return self._built[groups]

    def _group(self, number: int) -> ColumnElement[bool]:
        *first, last = self._columns
        return and_(
            *(column == bindparam(f"key_{number}_{place}") for place, column in enumerate(first)),
            among(last, f"key_{number}_last"),
        )


def _gathered(keys: Iterable[Key]) -> list[tuple[tuple[str, ...], list[str]]]:
    lasts: dict[tuple[str, ...], set[str]] = {}
    for key in keys:
        lasts.setdefault(tuple(key[:-1]), set()).add(key[-1])
    return [(first, sorted(last)) for first, last in sorted(lasts.items())]
