"""`casella migrate`: the database, brought to this version."""

from __future__ import annotations

import typer

from casella.commands.shared import out, quiet_settings
from casella.store import Store
from casella.store import migrate as migrations


def register(cli: typer.Typer) -> None:
    """Add the command."""
    cli.command(name="migrate")(migrate)


def migrate() -> None:
    """Bring the database to this version's tables. `up`, `serve` and `work` do it by themselves.

    Example: casella migrate
    """
    store = Store(quiet_settings().effective_database_url)
    migrations.upgrade(store)
    out.print(f"The database is at revision {migrations.newest()}.")
    store.close()
