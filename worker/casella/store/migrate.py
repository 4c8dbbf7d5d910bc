"""Bringing a database to this version's tables, and back. `casella migrate` and every start call `upgrade`.

Alembic is loaded only when there is something to do: with its templates it takes as long as all of SQLAlchemy.
"""

from __future__ import annotations

import sqlite3
import time
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, text

from casella.errors import StoreUnavailable
from casella.store.engine import Store

if TYPE_CHECKING:
    from alembic.config import Config

_MIGRATIONS = Path(__file__).parent / "migrations"
_ADVISORY_KEY = 0x0CA5E11A  # two processes starting at once on PostgreSQL: one migrates, the other waits
_PAUSE = 0.02
_PATIENCE = 120.0
"""Seconds for which a process waits for another one that migrates the same SQLite file."""


_KNOWS = {
    "sqlite": text("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'"),
    "postgresql": text("SELECT 1 WHERE to_regclass('alembic_version') IS NOT NULL"),
}


def upgrade(store: Store, revision: str = "head") -> None:
    """Up to `revision`, in one transaction: all of it or nothing. Raises StoreUnavailable."""
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            return None if revision == "head" and _is_newest(store) else _upgrade(store, revision)
        except StoreUnavailable as error:
            if not _somebody_writes(error) or time.monotonic() > deadline:
                raise
            time.sleep(_PAUSE)  # whoever opens the file first is refused at once, not after a wait


def _is_newest(store: Store) -> bool:
    with store.read() as connection:
        return current(connection) == newest()


def _upgrade(store: Store, revision: str) -> None:
    with store.write() as connection:
        if store.dialect == "postgresql":
            from casella.store.sessions import unbound

            unbound(connection)
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_KEY})
        if revision != "head" or current(connection) != newest():
            from alembic import command

            command.upgrade(_config(connection), revision)


def _somebody_writes(error: StoreUnavailable) -> bool:
    """SQLite gave up waiting for its one writer: another process that migrates a large file, most likely."""
    return getattr(getattr(error.__cause__, "orig", None), "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY


def downgrade(store: Store, revision: str = "base") -> None:
    from alembic import command

    with store.write() as connection:
        if store.dialect == "postgresql":
            from casella.store.sessions import unbound

            unbound(connection)
        command.downgrade(_config(connection), revision)


def current(connection: Connection) -> str | None:
    """The revision the database is at; None for an empty one."""
    if connection.execute(_KNOWS[connection.dialect.name]).first() is None:
        return None
    found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    return found


@cache
def newest() -> str | None:
    """The revision this version of Casella wants: the files are named by their revisions, which are numbered."""
    return max((path.stem.split("_")[0] for path in (_MIGRATIONS / "versions").glob("[0-9]*.py")), default=None)


def _config(connection: Connection) -> Config:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
