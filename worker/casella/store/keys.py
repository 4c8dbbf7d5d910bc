"""Asking for many rows by keys of several columns, in one statement that every database answers from an index.

SQLite finds no index for `(a, b) IN ((1, 2), (1, 3))` and reads the whole table; for `a = 1 AND b IN (2, 3)` it does.
So keys are gathered by all their columns but the last one: a batch has few channels, and many addresses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Column, ColumnElement, Select, and_, bindparam, false, or_

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


class ByKeys:
    """A query by keys that is asked for every batch: its statement is built once for each number of groups, because
    building costs more than asking. `build` makes the statement from the condition."""

    def __init__(
        self, columns: Sequence[Column[str]], build: Callable[[ColumnElement[bool]], Select[tuple[Any, ...]]]
    ) -> None:
        self._columns = columns
        self._build = build
        self._built: dict[int, Select[tuple[Any, ...]]] = {}

    def __call__(self, keys: Iterable[Key]) -> tuple[Select[tuple[Any, ...]], Mapping[str, object]]:
        """The statement and its parameters, for `Connection.execute(*query(keys))`."""
        groups = _gathered(keys)
        values: dict[str, object] = {}
        for number, (first, last) in enumerate(groups):
            values |= {f"key_{number}_{place}": value for place, value in enumerate(first)}
            values[f"key_{number}_last"] = last
        if len(groups) not in self._built:
            self._built[len(groups)] = self._build(or_(false(), *map(self._group, range(len(groups)))))
        return self._built[len(groups)], values

    def _group(self, number: int) -> ColumnElement[bool]:
        *first, last = self._columns
        return and_(
            *(column == bindparam(f"key_{number}_{place}") for place, column in enumerate(first)),
            last.in_(bindparam(f"key_{number}_last", expanding=True)),
        )


def _gathered(keys: Iterable[Key]) -> list[tuple[tuple[str, ...], list[str]]]:
    lasts: dict[tuple[str, ...], set[str]] = {}
    for key in keys:
        lasts.setdefault(tuple(key[:-1]), set()).add(key[-1])
    return [(first, sorted(last)) for first, last in sorted(lasts.items())]
