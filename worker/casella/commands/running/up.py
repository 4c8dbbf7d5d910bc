"""`casella up`: everything in one process."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from casella import app as house
from casella import logs, serving
from casella.allocator import share_memory
from casella.commands.shared import err, listener_of, out
from casella.commands.shared import settings as read_settings
from casella.desk import DeskMistaken, problems_text
from casella.inbox.house import log_change
from casella.settings import Settings

if TYPE_CHECKING:
    from casella.demo import Demo


def register(cli: typer.Typer) -> None:
    """Add the command."""
    cli.command(name="up")(up)


def up(
    demo: Annotated[bool, typer.Option("--demo", help="Start the demo desk, with a simulated provider.")] = False,
    desk: Annotated[Path | None, typer.Option(help="Apply this desk folder first.")] = None,
    phones_port: Annotated[
        int | None,
        typer.Option(
            min=0,
            max=65_535,
            envvar="CASELLA_DEMO_PHONES_PORT",
            help="Port of the demo's phones and website; 8010 if not said and free. 0 takes a free one.",
        ),
    ] = None,
) -> None:
    """Run everything in one process: API, workers, SQLite. Nothing else to install.

    Example: casella up --desk desk/   ·   casella up --demo --phones-port 8110
    """
    share_memory()
    settings = read_settings()
    if not demo:
        _serve(settings, desk or settings.desk, None, None)
        return
    from casella.demo import Demo  # it brings the simulator, which a real house does not load

    demonstration = Demo(settings, out, desk, phones_port)
    logs.set_up(demonstration.settings.log_level, settings.log_format)
    with demonstration as running:
        _serve(running.settings, running.desk, running.environment, running)


def _serve(settings: Settings, desk: Path | None, environment: dict[str, str] | None, demo: Demo | None) -> None:
    listener = listener_of(settings)
    if settings.port == 0 or "CASELLA_PUBLIC_URL" not in os.environ:
        port = listener.getsockname()[1]
        settings = settings.model_copy(update={"port": port, "public_url": f"http://{settings.host}:{port}"})
    built = house.build(settings)
    if desk is not None:
        _apply_or_keep(built, desk, environment)
        house.watch_folder(built, desk, environment, demo.desk_changed if demo else log_change)
    if demo is not None:
        demo.prepare(built)
    started = (lambda: demo.show(built)) if demo else (lambda: _say_hello(built))
    serving.run(built, listener, started)


def _apply_or_keep(built: house.App, desk: Path, environment: dict[str, str] | None) -> None:
    """A typing mistake must not keep the house closed after a restart: the last good desk stays in use then."""
    try:
        house.apply_folder(built.rooms, desk, environment)
    except DeskMistaken as error:
        if not built.rooms.directory.current.version:
            raise
        err.print(problems_text(error.problems), "The last good one stays in use.", markup=False, soft_wrap=True)


def _say_hello(built: house.App) -> None:
    out.print(f"Casella listens on {built.rooms.settings.public_url}", soft_wrap=True)
    if not built.rooms.directory.current.version:
        out.print(
            "No desk is applied yet, so no channel is open: casella apply FOLDER (casella new-desk begins one)",
            soft_wrap=True,
        )
