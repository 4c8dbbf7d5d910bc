"""`casella restore`: a backup, brought back."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from casella import backup as backups
from casella.clock import SystemClock
from casella.commands.shared import out, quiet_settings, told_by_a_bar


def register(cli: typer.Typer) -> None:
    """Add the command."""
    cli.command(name="restore")(restore)


def restore(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="What casella backup has written.")],
) -> None:
    """Bring a backup back, into a data folder without a database. Casella must not run there.

    Nobody is written to twice: what waited to be sent when the backup was made is unconfirmed afterwards, until the
    provider or an agent knows; campaigns stand still until somebody resumes them.

    Example: CASELLA_DATA_DIR=/srv/casella casella restore /backups/casella-2026-11-30.tar
    """
    with told_by_a_bar("restoring") as told:
        restored = backups.restore(quiet_settings(), file, clock=SystemClock(), told=told)
    has = restored.contents
    out.print(
        f"As it was on {has.at:%d %B %Y, %H:%M} UTC: {has.conversations:,} conversations, {has.messages:,} messages, "
        f"{has.attachments:,} attachments. What came in later is not there.",
        soft_wrap=True,
    )
    if restored.unconfirmed:
        out.print(
            f"{restored.unconfirmed:,} messages waited to be sent, and may have been: they are shown as unconfirmed.",
            soft_wrap=True,
        )
    if restored.paused_campaigns:
        out.print(f"{restored.paused_campaigns:,} campaigns stand still. Look at them before you resume them.")
    if restored.overdue:
        out.print(
            f"{restored.overdue:,} timers of rules and snoozes have come due since; they fire when Casella starts.",
            soft_wrap=True,
        )
    out.print("Start it: casella up")
