"""`casella credentials`: what an agent is signed in with, and its end."""

from __future__ import annotations

import sys
from datetime import timedelta
from typing import Annotated

import typer

from casella import app as house
from casella.commands.shared import quiet_settings
from casella.errors import ConfigurationError, NotFound
from casella.inbox.house import AgentEntry, Rooms
from casella.inbox.reading import second_factors, sessions

_LINK_LASTS = timedelta(minutes=10)


def register(cli: typer.Typer) -> None:
    """Add the command."""
    cli.command(name="credentials")(credentials)


def credentials(
    agent: Annotated[str, typer.Argument(help="The agent's key in the desk.", show_default=False)],
    end: Annotated[str, typer.Option(help="End the session or token with this id.")] = "",
    end_all: Annotated[bool, typer.Option("--end-all", help="Sign the agent out everywhere.")] = False,
    reset: Annotated[
        bool, typer.Option("--reset-second-factor", help="Take a lost second factor away, and sign the agent out.")
    ] = False,
    link: Annotated[
        bool,
        typer.Option("--link", help="Print a link that signs the agent in once, on this machine, for ten minutes."),
    ] = False,
) -> None:
    """Show or end what an agent is signed in with: sessions of browsers and tokens of programs.

    Example: casella credentials ann --end-all
    """
    built = house.build(quiet_settings(), serves=False, works=False)
    try:
        entry = _entry(built.rooms, agent)
        if link:
            _link(built.rooms, entry)
            return
        if reset:
            _reset(built.rooms, entry)
        _do(built.rooms, entry, end, end_all or reset)
    finally:
        built.close()


def _entry(rooms: Rooms, key: str) -> AgentEntry:
    agents = rooms.directory.current.agents.values()
    found = next((one for one in agents if one.key == key), None)
    if found is None:
        known = ", ".join(sorted(one.key for one in agents)) or "none; apply a desk"
        raise ConfigurationError(f"There is no agent '{key}'. Agents: {known}")
    return found


def _link(rooms: Rooms, agent: AgentEntry) -> None:
    """For when nobody gets in otherwise. Whoever may run commands here may do this and more; a second factor that the
    role needs has to be set up all the same."""
    now, settings = rooms.clock.now(), rooms.settings
    with rooms.store.write() as db:
        made = sessions.create_token(db, agent.id, "command line", now, now + _LINK_LASTS, kind="link")
    port = settings.port or "PORT"
    sys.stdout.write(f"http://127.0.0.1:{port}/enter/{made.text}\n")


def _reset(rooms: Rooms, agent: AgentEntry) -> None:
    with rooms.store.write() as db:
        try:
            second_factors.reset(db, agent.id)
        except NotFound:
            raise ConfigurationError(f"'{agent.key}' has no second factor.") from None
    sys.stdout.write("the second factor is gone\n")


def _do(rooms: Rooms, agent: AgentEntry, end: str, end_all: bool) -> None:
    now = rooms.clock.now()
    if end or end_all:
        with rooms.store.write() as db:
            try:
                number = sessions.end_all(db, agent.id, now) if end_all else 1
                if not end_all:
                    sessions.revoke_token(db, agent.id, end, now)
            except NotFound:
                raise ConfigurationError(f"'{agent.key}' has no session or token with the id {end}.") from None
        rooms.bell.feed()
        sys.stdout.write(f"{number} ended\n")
        return
    with rooms.store.read() as db:
        found = sessions.credentials_of(db, agent.id, now)
    for one in found:
        until = f"until {one.expires_at:%Y-%m-%d %H:%M} UTC" if one.expires_at else "until it is ended"
        kind = one.kind if one.kind != "bearer" else "token"
        sys.stdout.write(f"{one.id}  {kind:7}  since {one.created_at:%Y-%m-%d %H:%M}  {until}  {one.label}\n")
    if not found:
        sys.stdout.write("none\n")
