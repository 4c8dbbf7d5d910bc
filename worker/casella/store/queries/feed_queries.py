"""Where a cursor of the feed stands."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from casella.store.feed import Cursor
from casella.store.tables import feed

_BIGGEST = 2**63 - 1


def parse_cursor(written: str) -> Cursor:
    """Raises ValueError for anything that is not a cursor, or that no database can have given."""
    cursor = Cursor.parse(written)
    if cursor.xact > _BIGGEST or cursor.id > _BIGGEST:
        raise ValueError("not a cursor")
    return cursor


def is_kept(db: Connection, cursor: Cursor) -> bool:
    """Whether everything behind the cursor is still in the feed.

    A cursor is given with a row, so it is good as long as that row is there; also after a restore, which may give ids
    anew. The cursor before everything is good until the first row is forgotten."""
    if cursor == Cursor():
        return db.execute(select(func.min(feed.c.id))).scalar() in (None, 1)
    row = select(feed.c.id).where(feed.c.id == cursor.id, feed.c.xact == cursor.xact)
    return db.execute(row).first() is not None
