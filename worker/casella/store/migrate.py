"""Bringing a database to this version's tables, and back. `casella migrate` and every start call `upgrade`."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from casella.store.engine import Store

_ADVISORY_KEY = 0x0CA5E11A  # two processes starting at once on PostgreSQL: one migrates, the other waits


def upgrade(store: Store, revision: str = "head") -> None:
    """Up to `revision`, in one transaction: all of it or nothing."""
    with store.write() as connection:
        if store.dialect == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_KEY})
        if revision != "head" or current(connection) != newest():
            command.upgrade(_config(connection), revision)


def downgrade(store: Store, revision: str = "base") -> None:
    with store.write() as connection:
        command.downgrade(_config(connection), revision)


def current(connection: Connection) -> str | None:
    """The revision the database is at; None for an empty one."""
    return MigrationContext.configure(connection).get_current_revision()


def newest() -> str | None:
    """The revision this version of Casella wants."""
    return ScriptDirectory(str(Path(__file__).parent / "migrations")).get_current_head()


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
