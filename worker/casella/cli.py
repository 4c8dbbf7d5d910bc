"""`casella`: the command line. Every command is a module of `casella.commands`, and thin: it builds the house, calls
one function, prints for people.

A command's module is loaded when that command shall run, and no other's: what a command does not need, nobody waits
for. The list of commands is told from here, so `casella --help` loads none.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import TYPE_CHECKING, Annotated

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_group

from casella.errors import CasellaError

if TYPE_CHECKING:
    from typer._click import Command, Context, HelpFormatter

SECTIONS = {
    "Run it": {
        "up": "Run everything in one process: API, workers, SQLite",
        "serve": "Run the HTTP API only",
        "work": "Run workers only: lanes, delivery, attachments",
    },
    "The desk": {
        "new-desk": "Write a small desk to start from",
        "check": "Find every mistake of a desk folder",
        "test": "Run the tests written beside the rules",
        "apply": "Make the running Casella use this desk",
        "desk": "The desks that were applied",
        "explain": "Say why a conversation is where it is",
        "replay": "See what other rules would have done",
    },
    "Channels and the assistant": {
        "channels": "List the channel types that are installed",
        "new-channel": "Write a working distribution for a new channel",
        "assist": "The Message Assistant",
    },
    "Look after it": {
        "doctor": "Say what is wrong and what to do about it",
        "backup": "Write everything into one file, while it runs",
        "restore": "Bring a backup back",
        "migrate": "Bring the database to this version's tables",
        "token": "Make an API token for an agent",
        "credentials": "Show or end what an agent is signed in with",
        "docs": "Read the pages of this version",
    },
}
"""The commands as `--help` lists them, each with the words its own help begins with."""

_FOLDERS = dict(zip(SECTIONS, ("running", "desk", "extensions", "upkeep"), strict=True))
"""Where the commands of a section live, below `casella.commands`."""

_FOLDER_OF = {name: _FOLDERS[section] for section, commands in SECTIONS.items() for name in commands}
NAMES = tuple(_FOLDER_OF)
_WIDEST = max(len(name) for name in NAMES)

_EXAMPLES = """
Examples:

\b
  casella up --demo          see it work: a customer writes, rules answer
  casella new-desk desk/     begin a desk of your own
  casella check desk/        find every mistake of it at once
  casella up --desk desk/    run it
  casella backup FILE        keep everything in one file
  casella docs managers      read what can be written there
  casella check --help       see what one command can do
"""


class Commands(TyperGroup):
    """A group that knows its commands by name and sentence, and loads the one that shall run."""

    def resolve_command(self, ctx: Context, args: list[str]) -> tuple[str | None, Command | None, list[str]]:
        name, known, rest = super().resolve_command(ctx, args)
        return name, _load(name) if name and known else None, rest

    def format_commands(self, ctx: Context, formatter: HelpFormatter) -> None:
        for title, commands in SECTIONS.items():
            with formatter.section(title):
                formatter.write_dl([(name.ljust(_WIDEST), told) for name, told in commands.items()])


def _load(name: str) -> TyperCommand | TyperGroup:
    with _no_garbage():
        module = import_module(f"casella.commands.{_FOLDER_OF[name]}.{name.replace('-', '_')}")
    part = typer.Typer(rich_markup_mode=None)
    module.register(part)
    command = get_group(part).commands[name]
    assert isinstance(command, TyperCommand | TyperGroup)
    return command


cli = typer.Typer(
    name="casella",
    cls=Commands,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # loading what draws boxes takes longer than everything else that --help does
    help="A shared inbox for customer messaging. Settings are environment variables CASELLA_…: casella docs settings.",
    epilog=_EXAMPLES,
)


def _named_only() -> None:
    """Stands in the list for a command that is not loaded."""


for _name in NAMES:
    cli.command(name=_name)(_named_only)


def _say_version(asked: bool) -> None:
    if asked:
        from importlib import metadata

        typer.echo(f"casella {metadata.version('casella')}")
        raise typer.Exit


@cli.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", help="Say which version this is.", callback=_say_version, is_eager=True)
    ] = False,
) -> None:
    """What `casella` alone can be asked."""


def main() -> None:
    """The entry point: errors become one sentence and exit code 1."""
    try:
        cli()
    except (CasellaError, OSError) as error:
        from casella.commands.shared import tell  # with it comes the console

        tell(error)
        raise SystemExit(1) from None


@contextmanager
def _no_garbage() -> Iterator[None]:
    """Loading makes a hundred thousand things that all stay: looking through them for garbage again and again is a
    tenth of the time."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()
