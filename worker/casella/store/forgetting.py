"""Forgetting old rows a batch at a time: a backlog of years holds nobody up, and is gone by and by."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, Table, delete, select, tuple_

BATCH = 5000
"""Rows that one transaction forgets: some tenths of a second on a slow disk."""


def forget(db: Connection, table: Table, *old: ColumnElement[bool], limit: int = BATCH) -> int:
    """Delete at most `limit` rows for which all of this holds. Returns how many it were: `limit` says that more may be
    left."""
    key = list(table.primary_key)
    chosen = select(*key).where(*old).limit(limit)
    if len(key) == 1:
        return db.execute(delete(table).where(key[0].in_(chosen))).rowcount
    return db.execute(delete(table).where(tuple_(*key).in_(chosen))).rowcount
