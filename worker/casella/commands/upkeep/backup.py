"""`casella backup`: everything in one file, while it runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from casella import backup as backups
from casella.commands.shared import out, quiet_settings, told_by_a_bar


def register(cli: typer.Typer) -> None:
    """Add the command."""
    cli.command(name="backup")(backup)


def backup(
    file: Annotated[Path, typer.Argument(help="The file to write; it holds every message.", show_default=False)],
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a file that is there.")] = False,
) -> None:
    """Write everything into one file, while it runs: database, attachments, secret key. For the embedded size.

    Nobody waits for it, and the file is as private as what is in it: only you may read it.

    Example: casella backup /backups/casella-$(date +%F).tar
    """
    with told_by_a_bar("backing up") as told:
        written = backups.write(quiet_settings(), file, overwrite=overwrite, told=told)
    has = written.contents
    out.print(
        f"{written.path} has {has.conversations:,} conversations, {has.messages:,} messages and {has.attachments:,} "
        f"attachments ({written.size / 1e6:,.1f} MB).",
        soft_wrap=True,
    )
    if written.key_is_elsewhere:
        out.print("CASELLA_SECRET_KEY is not in it: keep that as well, nothing that is sealed opens without.")
    if written.lie_elsewhere:
        out.print("Attachments lie in a bucket and are not in it: back that up as well.")
    out.print(f"The way back: casella restore {written.path}", soft_wrap=True)
