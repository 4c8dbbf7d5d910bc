"""`casella`: the command line. Every command is a module of `casella.commands`, and thin: it builds the house, calls
one function, prints for people.

A command's module is loaded when somebody asks for that command, and no other's: what a command does not need, nobody
waits for.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module, metadata
from typing import Annotated

import typer
from pydantic import ValidationError
from typer.core import TyperCommand, TyperGroup
from typer.main import get_group

from casella.commands.shared import complain, err, out
from casella.errors import CasellaError, StoreUnavailable

NAMES = (
    *("up", "serve", "work"),
    *("check", "test", "apply", "explain", "replay"),
    *("channels", "new-channel", "assist"),
    *("doctor", "migrate", "token"),
)
"""The commands, in the order in which `--help` lists them: run it, the manager's, the plugins', the operator's."""


class Commands(TyperGroup):
    """A group whose commands are loaded one by one."""

    def list_commands(self, ctx: object) -> list[str]:
        return list(NAMES)

    def get_command(self, ctx: object, cmd_name: str) -> TyperCommand | TyperGroup | None:
        if cmd_name not in NAMES:
            self.commands = {name: _load(name) for name in NAMES}  # from these the nearest name is proposed
            return None
        return _load(cmd_name)


def _load(name: str) -> TyperCommand | TyperGroup:
    with _no_garbage():
        module = import_module(f"casella.commands.{name.replace('-', '_')}")
    part = typer.Typer()
    module.register(part)
    command = get_group(part).commands[name]
    assert isinstance(command, TyperCommand | TyperGroup)
    return command


cli = typer.Typer(
    name="casella",
    cls=Commands,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="A shared inbox for customer messaging. Settings are environment variables CASELLA_…; see docs/settings.md.",
    epilog="Examples:  casella up --demo   ·   casella check desk/   ·   casella apply desk/   ·   casella doctor",
)


def _say_version(asked: bool) -> None:
    if asked:
        out.print(f"casella {metadata.version('casella')}")
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
    except StoreUnavailable:
        complain("The database does not answer; start it, or correct CASELLA_DATABASE_URL.")
        raise SystemExit(1) from None
    except CasellaError as error:
        _tell(error)
        raise SystemExit(1) from None
    except ValidationError as error:
        for item in error.errors(include_input=False, include_url=False):
            name = "CASELLA_" + "_".join(str(part) for part in item["loc"]).upper()
            complain(f"{name}: {item['msg']}")
        raise SystemExit(1) from None
    except OSError as error:
        complain(f"{error.filename or 'the system says'}: {error.strerror or type(error).__name__}")
        raise SystemExit(1) from None


def _tell(error: CasellaError) -> None:
    from casella.desk import DeskMistaken, problems_text  # loaded only when something is wrong
    from casella.desk.files.secrets import FromOutside

    if isinstance(error, DeskMistaken | FromOutside) and error.problems:
        err.print(problems_text(error.problems), markup=False, soft_wrap=True)
    else:
        complain(error.text)


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
