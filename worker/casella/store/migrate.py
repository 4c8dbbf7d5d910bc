"""Bringing a database to this version's tables, and back. `casella migrate` and every start call `upgrade`.

Alembic is loaded only when there is something to do: with its templates it takes as long as all of SQLAlchemy.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from casella.store.engine import Store

if TYPE_CHECKING:
    from alembic.config import Config

_MIGRATIONS = Path(__file__).parent / "migrations"
_ADVISORY_KEY = 0x0CA5E11A  # two processes starting at once on PostgreSQL: one migrates, the other waits


def upgrade(store: Store, revision: str = "head") -> None:
    """Up to `revision`, in one transaction: all of it or nothing."""
    with store.write() as connection:
        if store.dialect == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_KEY})
        if revision != "head" or current(connection) != newest():
            from alembic import command

            command.upgrade(_config(connection), revision)


def downgrade(store: Store, revision: str = "base") -> None:
    from alembic import command

    with store.write() as connection:
        command.downgrade(_config(connection), revision)


def current(connection: Connection) -> str | None:
    """The revision the database is at; None for an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    return found


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
