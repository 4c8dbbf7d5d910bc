"""`casella doctor`: what is wrong, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable

import typer

from casella import app as house
from casella.commands.shared import out, quiet_settings
from casella.doctor import Finding, examine


def register(cli: typer.Typer) -> None:
    """Add the command."""
    cli.command(name="doctor")(doctor)


def doctor() -> None:
    """Say what is wrong and what to do about it. Exit code 1 if anything is.

    Example: casella doctor
    """
    built = house.build(quiet_settings(), serves=False, works=False)
    healthy = print_findings(examine(built.rooms))
    built.close()
    if not healthy:
        raise SystemExit(1)


def print_findings(findings: Iterable[Finding]) -> bool:
    """Whether all is well."""
    healthy = True
    for finding in findings:
        healthy = healthy and finding.ok
        out.print("[red]BAD[/]" if not finding.ok else "[green]ok [/]" if finding.known else "[yellow]?  [/]", end=" ")
        out.print(f"{finding.subject}: {finding.text}", markup=False, soft_wrap=True)
        if finding.advice:
            out.print(f"    {finding.advice}", markup=False, soft_wrap=True)
    return healthy
