"""The driver's cursor for PostgreSQL, without pipelines.

psycopg sends the rows of an `executemany` as a pipeline. A process that is stopped in the middle of one leaves a
session that waits for the rest: not idle, and not in a statement, so that no bound ends it before PostgreSQL 17, and
its locks hold up everybody. Here they go one after the other; where there are many, `bulk` writes them at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from psycopg import Cursor
from psycopg.abc import Params, Query, QueryNoTemplate
from psycopg.rows import TupleRow


class SingleStatements(Cursor[TupleRow]):
    """Serves one statement, as SQLAlchemy does it. `rowcount` after `executemany`: of all rows together."""

    _together: int | None = None

    def executemany(self, query: Query, params_seq: Iterable[Params], *, returning: bool = False) -> None:
        if returning:
            raise ValueError("of rows written one after the other, only the last could answer")
        together = 0
        for params in params_seq:
            self.execute(cast(QueryNoTemplate, query), params)  # SQLAlchemy writes text
            together += max(self.rowcount, 0)
        self._together = together

    @property
    def rowcount(self) -> int:
        return super().rowcount if self._together is None else self._together
