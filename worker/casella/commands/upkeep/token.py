"""`casella token`: an API token, shown once."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from casella import app as house
from casella.commands.shared import quiet_settings
from casella.errors import ConfigurationError
from casella.inbox.reading import create_token


def register(cli: typer.Typer) -> None:
    """Add the command."""
    cli.command(name="token")(token)


def token(
    agent: Annotated[str, typer.Argument(help="The agent's key in the desk.", show_default=False)],
    label: Annotated[str, typer.Option(help="What the token is for.")] = "command line",
) -> None:
    """Make an API token for an agent. It is shown once.

    Example: curl -H "Authorization: Bearer $(casella token ann)" http://127.0.0.1:8000/api/v1/me
    """
    built = house.build(quiet_settings(), serves=False, works=False)
    entry = next((a for a in built.rooms.directory.current.agents.values() if a.key == agent), None)
    if entry is None:
        known = ", ".join(sorted(a.key for a in built.rooms.directory.current.agents.values())) or "none; apply a desk"
        raise ConfigurationError(f"There is no agent '{agent}'. Agents: {known}")
    with built.rooms.store.write() as db:
        made = create_token(db, entry.id, label, built.rooms.clock.now(), None)
    sys.stdout.write(f"{made.text}\n")
    built.close()
