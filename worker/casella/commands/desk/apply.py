"""`casella apply`: the plan first, then the desk."""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer

from casella import app as house
from casella.commands.shared import complain, err, out, quiet_settings
from casella.desk import load_desk
from casella.desk.applying.plan import Plan
from casella.desk.parts.catalogue import Catalogue
from casella.desk.schemas.desk_schema import write_schemas
from casella.host import find_plugins


def register(cli: typer.Typer) -> None:
    """Add the command."""
    cli.command(name="apply")(apply)


def apply(
    folder: Annotated[Path, typer.Argument(help="The desk folder, the one with desk.yaml in it.", show_default=False)],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only show what would change.")] = False,
    even_in_use: Annotated[
        bool, typer.Option("--even-in-use", help="Remove also what still holds open conversations.")
    ] = False,
) -> None:
    """Make the running Casella use this desk: what will change is shown first. A desk with mistakes changes nothing.

    On a terminal it asks before it changes anything; elsewhere (a script, CI) only removals need --yes.

    Example: casella apply desk/ --dry-run   ·   casella apply desk/ --yes
    """
    built = house.build(quiet_settings(), serves=False, works=False)
    try:
        plan = house.plan_folder(built.rooms, folder)
        show(plan)
        if dry_run:
            out.print("Nothing was changed: this was a dry run.")
            return
        if not even_in_use:
            plan.require_unused(folder)
        if not yes and not agreed(plan):
            complain("Nothing was changed.")
            raise SystemExit(1)
        applied = house.apply_folder(built.rooms, folder, even_in_use=even_in_use)
        follow = "nothing was to be done" if plan.same else "running processes follow within two seconds"
        out.print(f"Desk version {applied.version} is in use; {follow}.")
        _renew_schemas(folder)
    finally:
        built.close()


def _renew_schemas(folder: Path) -> None:
    """Editors follow the desk that is in use. A folder that cannot be written (a mounted one) is no mistake."""
    catalogue = Catalogue.of_host(find_plugins())
    with suppress(OSError):
        write_schemas(load_desk(folder, catalogue), catalogue, folder)


def show(plan: Plan) -> None:
    """What would change, for people, and what becomes of the values that managers have changed by hand."""
    for change in plan.changes:
        out.print(str(change), markup=False, soft_wrap=True)
    for outcome in plan.overrides:
        out.print(str(outcome), markup=False, soft_wrap=True)
    if plan.same:
        out.print("Nothing differs from the desk in use.")
    elif not plan.changes:
        out.print("Nothing works differently: only comments, order or layout have changed.")
    for held in plan.in_use:
        err.print(str(held), markup=False, soft_wrap=True)


def agreed(plan: Plan) -> bool:
    """Whether somebody at the terminal says yes; elsewhere, whether nothing would be removed."""
    removals = [change for change in plan.changes if change.how == "removed"]
    if sys.stdin.isatty():
        return not plan.changes or typer.confirm("Apply this?")
    if removals:
        complain(f"{len(removals)} things would be removed; say --yes if that is meant.")
    return not removals
