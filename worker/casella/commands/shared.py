"""What every command begins with: consoles, settings, logs."""

from __future__ import annotations

from rich.console import Console

from casella import logs
from casella.settings import Settings

out = Console(highlight=False)
err = Console(stderr=True, highlight=False)


def complain(text: str) -> None:
    err.print("[bold red]casella:[/] ", end="")
    err.print(text, markup=False, soft_wrap=True)


def settings() -> Settings:
    found = Settings()
    logs.set_up(found.log_level, found.log_format)
    return found


def quiet_settings() -> Settings:
    """For commands that end: their answer is what they print, so only warnings are logged unless somebody asks."""
    found = settings()
    if "log_level" not in found.model_fields_set:
        logs.set_up("warning", found.log_format)
    return found
