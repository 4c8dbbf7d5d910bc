"""`casella`: the command line. Every command is thin: it builds the house, calls one function, prints for people."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ValidationError

from casella import app as house
from casella import logs
from casella.commands import apply, assist, channels, explain, new_channel, replay, test
from casella.commands.shared import complain, err, out, quiet_settings
from casella.commands.shared import settings as read_settings
from casella.demo import Demo
from casella.desk import DeskMistaken, check_desk, desk_text, load_desk, problems_text
from casella.desk.catalogue import Catalogue
from casella.desk.schema import write_schemas
from casella.doctor import examine
from casella.errors import CasellaError, ConfigurationError, StoreUnavailable
from casella.host import find_plugins
from casella.inbox.sessions import create_token
from casella.settings import Settings
from casella.store import Store, migrate

cli = typer.Typer(
    name="casella",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="A shared inbox for customer messaging. Settings are environment variables CASELLA_…; see docs/settings.md.",
    epilog="Examples:  casella up --demo   ·   casella check desk/   ·   casella apply desk/   ·   casella doctor",
)
for command in (apply, assist, channels, explain, new_channel, replay, test):
    command.register(cli)
Folder = Annotated[Path, typer.Argument(help="The desk folder, the one with desk.yaml in it.", show_default=False)]


def main() -> None:
    """The entry point: errors become one sentence and exit code 1."""
    try:
        cli()
    except DeskMistaken as error:
        err.print(problems_text(error.problems), markup=False, soft_wrap=True)
        raise SystemExit(1) from None
    except StoreUnavailable:
        complain("The database does not answer; start it, or correct CASELLA_DATABASE_URL.")
        raise SystemExit(1) from None
    except CasellaError as error:
        complain(error.text)
        raise SystemExit(1) from None
    except ValidationError as error:
        for item in error.errors(include_input=False, include_url=False):
            name = "CASELLA_" + "_".join(str(part) for part in item["loc"]).upper()
            complain(f"{name}: {item['msg']}")
        raise SystemExit(1) from None
    except OSError as error:
        complain(f"{error.filename or 'the system says'}: {error.strerror or type(error).__name__}")
        raise SystemExit(1) from None


@cli.command()
def up(
    demo: Annotated[bool, typer.Option("--demo", help="Start the demo desk, with a simulated provider.")] = False,
    desk: Annotated[Path | None, typer.Option(help="Apply this desk folder first.")] = None,
) -> None:
    """Run everything in one process: API, workers, SQLite. Nothing else to install.

    Example: casella up --desk desk/
    """
    settings = read_settings()
    if demo:
        demonstration = Demo(settings, out, desk)
        logs.set_up(demonstration.settings.log_level, settings.log_format)
        with demonstration as running:
            _serve(running.settings, running.desk, running.environment, running)
    else:
        _serve(settings, desk or settings.desk, dict(os.environ), None)


@cli.command()
def serve() -> None:
    """Run the HTTP API only; start workers with `casella work`. For PostgreSQL and Redis, any number of times.

    Example: CASELLA_DATABASE_URL=postgresql+psycopg://… CASELLA_REDIS_URL=redis://… casella serve
    """
    settings = read_settings()
    listener = _listen(settings)
    house.run(house.build(settings, works=False), listener)


@cli.command()
def work() -> None:
    """Run workers only: lanes, delivery, attachments. Any number of times, on any number of machines.

    Example: casella work
    """
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    house.work(house.build(read_settings(), serves=False), stopping)


@cli.command()
def check(
    folder: Folder,
    schemas: Annotated[
        bool, typer.Option("--write-schemas", help="Write .casella/*.schema.json, for completion in editors.")
    ] = False,
) -> None:
    """Find every mistake of a desk folder, with file, line and column. Needs no database and no secrets.

    Example: casella check desk/ --write-schemas
    """
    catalogue = Catalogue.of_host(find_plugins())
    problems = check_desk(folder, catalogue)
    if problems:
        err.print(problems_text(problems), markup=False, soft_wrap=True)
        raise SystemExit(1)
    desk = load_desk(folder, catalogue)
    out.print(desk_text(desk), markup=False)
    for path in write_schemas(desk, catalogue, folder) if schemas else ():
        out.print(f"wrote {path}", markup=False, soft_wrap=True)


@cli.command(name="migrate")
def migrate_database() -> None:
    """Bring the database to this version's tables. `up`, `serve` and `work` do it by themselves.

    Example: casella migrate
    """
    store = Store(quiet_settings().effective_database_url)
    migrate.upgrade(store)
    out.print(f"The database is at revision {migrate.newest()}.")
    store.close()


@cli.command()
def doctor() -> None:
    """Say what is wrong and what to do about it. Exit code 1 if anything is.

    Example: casella doctor
    """
    built = house.build(quiet_settings(), serves=False, works=False)
    healthy = True
    for finding in examine(built.rooms):
        healthy = healthy and finding.ok
        mark = "[green]ok [/]" if finding.ok else "[red]BAD[/]"
        out.print(f"{mark} {finding.subject}: {finding.text}", soft_wrap=True)
        if finding.advice:
            out.print(f"    {finding.advice}", soft_wrap=True)
    built.close()
    if not healthy:
        raise SystemExit(1)


@cli.command()
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


def _serve(settings: Settings, desk: Path | None, environment: dict[str, str], demo: Demo | None) -> None:
    listener = _listen(settings)
    if settings.port == 0 or "CASELLA_PUBLIC_URL" not in os.environ:
        port = listener.getsockname()[1]
        settings = settings.model_copy(update={"port": port, "public_url": f"http://{settings.host}:{port}"})
    built = house.build(settings)
    if desk is not None:
        _apply_or_keep(built, desk, environment)
        house.watch_folder(built, desk, environment)
    started = (lambda: demo.show(built)) if demo else (lambda: _say_hello(built))
    house.run(built, listener, started)


def _apply_or_keep(built: house.App, desk: Path, environment: dict[str, str]) -> None:
    """A typing mistake must not keep the house closed after a restart: the last good desk stays in use then."""
    try:
        house.apply_folder(built.rooms, desk, environment)
    except DeskMistaken as error:
        if not built.rooms.directory.current.version:
            raise
        err.print(problems_text(error.problems), "The last good one stays in use.", markup=False, soft_wrap=True)


def _listen(settings: Settings) -> socket.socket:
    try:
        return house.listen(settings.host, settings.port)
    except OSError as error:
        raise ConfigurationError(
            f"Nothing can listen on {settings.host} port {settings.port}: {error.strerror}. "
            "Set CASELLA_PORT to another port (0 takes a free one), or stop what listens there."
        ) from error


def _say_hello(built: house.App) -> None:
    out.print(f"Casella listens on {built.rooms.settings.public_url}", soft_wrap=True)
    if not built.rooms.directory.current.version:
        out.print("No desk is applied yet, so no channel is open: casella apply FOLDER", soft_wrap=True)
