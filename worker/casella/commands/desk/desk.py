"""`casella desk`: the versions that were applied, their files back in a folder, and an earlier one in use again."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from casella import app as house
from casella.commands.desk.apply import agreed, show
from casella.commands.shared import complain, out, quiet_settings
from casella.desk.files.versions import write_version
from casella.errors import NotFound
from casella.inbox.house import desk_files, desk_history

_EXAMPLE = "Example: casella desk versions   ·   casella desk rollback 3 desk/"
desk = typer.Typer(help="The desks that were applied.", no_args_is_help=True, epilog=_EXAMPLE, rich_markup_mode=None)
_FOLDER = typer.Argument(help="The desk folder, the one with desk.yaml in it.", show_default=False)
_NUMBER = typer.Argument(help="Its number, as `casella desk versions` says it.", show_default=False)


def register(cli: typer.Typer) -> None:
    cli.add_typer(desk, name="desk")


@desk.command(name="versions")
def versions(
    most: Annotated[int, typer.Option("--last", help="How many of them.", min=1)] = 20,
) -> None:
    """List the desks that were applied, the newest first."""
    built = house.build(quiet_settings(), serves=False, works=False)
    try:
        with built.rooms.store.read() as db:
            for number, applied_at, digest in desk_history(db, most):
                used = "in use" if number == built.rooms.desk.current.version else ""
                out.print(f"{number:6}  {applied_at:%Y-%m-%d %H:%M} UTC  {digest}  {used}".rstrip(), markup=False)
    finally:
        built.close()


@desk.command(name="pull")
def pull(
    folder: Annotated[Path, _FOLDER],
    version: Annotated[int | None, typer.Option("--version", help="Another one than the desk in use.")] = None,
) -> None:
    """Write the files of the desk in use into a folder, comments and all. Nothing else changes."""
    built = house.build(quiet_settings(), serves=False, works=False)
    try:
        number = version or built.rooms.desk.current.version
        write_version(_files(built, number), folder)
        out.print(f"Desk version {number} is in {folder}.", markup=False)
    finally:
        built.close()


@desk.command(name="rollback")
def rollback(
    version: Annotated[int, _NUMBER],
    folder: Annotated[Path, _FOLDER],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    even_in_use: Annotated[
        bool, typer.Option("--even-in-use", help="Remove also what still holds open conversations.")
    ] = False,
) -> None:
    """Use an earlier desk again: its files come back into the folder, and are applied. What will change is shown
    first; whoever does not agree finds the folder as it was."""
    built = house.build(quiet_settings(), serves=False, works=False)
    try:
        exchanged = write_version(_files(built, version), folder)
        with ExitStack() as unless_applied:
            unless_applied.callback(exchanged.put_back)
            plan = house.plan_folder(built.rooms, folder, over_all=True)
            show(plan)
            if not even_in_use:
                plan.require_unused(folder)
            if not yes and not agreed(plan):
                complain("Nothing was changed.")
                raise SystemExit(1)
            applied = house.apply_folder(built.rooms, folder, even_in_use=even_in_use, over_all=True)
            unless_applied.pop_all()
        out.print(f"Desk version {applied.version} is in use; it says what version {version} said.")
    finally:
        built.close()


def _files(built: house.App, version: int) -> dict[str, str]:
    with built.rooms.store.read() as db:
        found = desk_files(db, version)
    if found is None:
        raise NotFound(f"There is no desk version {version}; `casella desk versions` lists them.")
    return found
