"""`casella doctor`: what is wrong, and what to do about it."""

from __future__ import annotations

import typer

from casella import app as house
from casella.commands.shared import out, quiet_settings
from casella.doctor import examine


def register(cli: typer.Typer) -> None:
    """Add the command."""
    cli.command(name="doctor")(doctor)


def doctor() -> None:
    """Say what is wrong and what to do about it. Exit code 1 if anything is.

    Example: casella doctor
    """
    built = house.build(quiet_settings(), serves=False, works=False)
    healthy = True
    for finding in examine(built.rooms):
        healthy = healthy and finding.ok
        mark = "[red]BAD[/]" if not finding.ok else "[green]ok [/]" if finding.known else "[yellow]?  [/]"
        out.print(f"{mark} {finding.subject}: {finding.text}", soft_wrap=True)
        if finding.advice:
            out.print(f"    {finding.advice}", soft_wrap=True)
    built.close()
    if not healthy:
        raise SystemExit(1)
