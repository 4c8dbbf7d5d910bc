"""`casella serve`: the HTTP API only."""

from __future__ import annotations

import typer

from casella import app as house
from casella import serving
from casella.allocator import share_memory
from casella.commands.shared import listener_of, settings


def register(cli: typer.Typer) -> None:
    """Add the command."""
    cli.command(name="serve")(serve)


def serve() -> None:
    """Run the HTTP API only; start workers with `casella work`. For PostgreSQL and Redis, any number of times.

    Example: CASELLA_DATABASE_URL=postgresql+psycopg://… CASELLA_REDIS_URL=redis://… casella serve
    """
    share_memory()
    found = settings()
    listener = listener_of(found)
    serving.run(house.build(found, works=False), listener)
