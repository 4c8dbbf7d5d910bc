"""What every command begins with: consoles, settings, logs, a socket; and how it ends when something is wrong."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console

from casella.errors import CasellaError, ConfigurationError, StoreUnavailable

if TYPE_CHECKING:
    from casella.settings import Settings

# Without emoji: a ":100:" in a place, a rule's name or a customer's words is printed as it is.
out = Console(highlight=False, emoji=False)
err = Console(stderr=True, highlight=False, emoji=False)


def complain(text: str) -> None:
    err.print("[bold red]casella:[/] ", end="")
    err.print(text, markup=False, soft_wrap=True)


def tell(error: CasellaError | OSError) -> None:
    """What ended a command, in sentences that say what to do."""
    if isinstance(error, OSError):
        complain(f"{error.filename or 'the system says'}: {error.strerror or type(error).__name__}")
    elif isinstance(error, StoreUnavailable):
        complain("The database does not answer; start it, or correct CASELLA_DATABASE_URL.")
    else:
        _tell_problems(error)


def _tell_problems(error: CasellaError) -> None:
    from casella.desk import DeskMistaken, problems_text  # loaded only when something is wrong
    from casella.desk.files.secrets import FromOutside

    if isinstance(error, DeskMistaken | FromOutside) and error.problems:
        err.print(problems_text(error.problems), markup=False, soft_wrap=True)
        return
    for line in error.text.splitlines():
        complain(line)


# Commands that only read files need neither settings nor logs, and these take longer to load than a check.


def settings() -> Settings:
    """The settings of this environment; logs are set up by them. Raises ConfigurationError, a line for each that is
    wrong."""
    from pydantic import ValidationError

    from casella import logs
    from casella.settings import Settings

    try:
        found = Settings()
    except ValidationError as error:
        wrong = error.errors(include_input=False, include_url=False)
        named = (("CASELLA_" + "_".join(str(part) for part in item["loc"]).upper(), item["msg"]) for item in wrong)
        raise ConfigurationError("\n".join(f"{name}: {text}" for name, text in named)) from None
    logs.set_up(found.log_level, found.log_format)
    return found


def quiet_settings() -> Settings:
    """For commands that end: their answer is what they print, so only warnings are logged unless somebody asks."""
    from casella import logs

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


@contextmanager
def told_by_a_bar(what: str) -> Iterator[Callable[[int, int], None]]:
    """To be told how much of how much is done; shows it on a terminal, and nothing elsewhere."""
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as progress:
        task = progress.add_task(what, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)
