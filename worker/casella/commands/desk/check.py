"""`casella check`: every mistake of a desk folder at once."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from casella.commands.shared import err, out
from casella.desk import desk_text, problems_text, read_desk
from casella.desk.checks.hints import hints
from casella.desk.checks.nameless import nameless_replies
from casella.desk.checks.provider_addresses import address_problems
from casella.desk.parts.catalogue import Catalogue
from casella.desk.schemas.desk_schema import write_schemas
from casella.host import find_plugins
from casella_rules.yaml.problems import in_order


def register(cli: typer.Typer) -> None:
    """Add the command."""
    cli.command(name="check")(check)


def _hosts_within() -> list[str]:
    """As the settings say; loading all of them would take longer than the check."""
    return [part.strip() for part in os.environ.get("CASELLA_PRIVATE_HOSTS", "").split(",")]


def check(
    folder: Annotated[Path, typer.Argument(help="The desk folder, the one with desk.yaml in it.", show_default=False)],
    schemas: Annotated[
        bool, typer.Option("--write-schemas", help="Write .casella/*.schema.json, for completion in editors.")
    ] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Fail also for what is only suspicious.")] = False,
) -> None:
    """Find every mistake of a desk folder, with file, line and column, and say what is suspicious. Needs no database
    and no secrets.

    Example: casella check desk/ --write-schemas   ·   casella check desk/ --strict
    """
    catalogue = Catalogue.of_host(find_plugins())
    desk, problems = read_desk(folder, catalogue)
    if desk is not None and not problems:
        problems = in_order(address_problems(desk, _hosts_within()))
    if desk is None or problems:
        err.print(problems_text(problems), markup=False, soft_wrap=True)
        raise SystemExit(1)
    out.print(desk_text(desk), markup=False, soft_wrap=True)
    today = datetime.now(ZoneInfo(desk.parts.timezone)).date()
    suspicious = in_order([*hints(desk, today), *nameless_replies(desk, catalogue)])
    for hint in suspicious:
        err.print(f"hint: {hint}", markup=False, soft_wrap=True)
    if suspicious and strict:
        raise SystemExit(1)
    for path in write_schemas(desk, catalogue, folder) if schemas else ():
        out.print(f"wrote {path}", markup=False, soft_wrap=True)
