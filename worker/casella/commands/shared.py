"""What every command begins with: consoles, settings, logs, a socket."""

from __future__ import annotations

import socket

from rich.console import Console

from casella import logs
from casella.errors import ConfigurationError
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


def listener_of(found: Settings) -> socket.socket:
    """The listening socket of these settings; port 0 takes a free one. Raises ConfigurationError."""
    from casella.serving import listen  # with it comes the web server

    try:
        return listen(found.host, found.port)
    except OSError as error:
        raise ConfigurationError(
            f"Nothing can listen on {found.host} port {found.port}: {error.strerror}. "
            "Set CASELLA_PORT to another port (0 takes a free one), or stop what listens there."
        ) from error
