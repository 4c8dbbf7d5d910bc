"""Asking for many rows by keys of several columns, in one statement that every database answers from an index.

SQLite finds no index for `(a, b) IN ((1, 2), (1, 3))` and reads the whole table; for `a = 1 AND b IN (2, 3)` it does.
So keys are gathered by all their columns but the last one: a batch has few channels, and many addresses.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import Column, ColumnElement, and_, false, or_

Key = Sequence[str]


def one_of(columns: Sequence[Column[str]], keys: Iterable[Key]) -> ColumnElement[bool]:
    """The columns are one of these keys."""
    lasts: dict[tuple[str, ...], set[str]] = {}
    for key in keys:
        lasts.setdefault(tuple(key[:-1]), set()).add(key[-1])
    return or_(
        false(),
        *(
            and_(
                *(column == value for column, value in zip(columns, first, strict=False)), columns[-1].in_(sorted(last))
            )
            for first, last in sorted(lasts.items())
        ),
    )
