"""`casella new-desk desk`: a small desk to start from. It passes `check` and `test`, and can be run at once.

The files of `new_desk_files` are copied as they are. The secret they refer to is made here, and kept out of version
control like every other.
"""

from __future__ import annotations

import secrets
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from casella.commands.shared import out
from casella.errors import ConfigurationError

FILES = Path(__file__).parent / "new_desk_files"
_SECRET_FILES = ("webchat",)
_IGNORED = "# Kept out of version control: secrets, and what editors are told of this desk.\nsecrets/\n.casella/\n"
_NOTHING = {".git"}
"""What a folder may hold and still be empty: whoever keeps the desk under version control may begin with that."""


def register(cli: typer.Typer) -> None:
    """Add the command."""
    cli.command(name="new-desk")(new_desk)


def new_desk(
    folder: Annotated[Path, typer.Argument(help="A new folder, or an empty one.", show_default=False)],
) -> None:
    """Write a small desk to start from, with a comment on everything: an inbox, teams, agents, office hours, canned
    messages, rules and their tests. Nothing that exists is overwritten.

    Example: casella new-desk desk/
    """
    for path in write(folder):
        out.print(f"wrote {path}", markup=False, soft_wrap=True)
    name = shlex.quote(str(folder))
    out.print(
        f"\nNext:\n  casella check {name}\n  casella test {name}\n  casella up --desk {name}\n"
        f"Then make it yours, beginning with the agents in {folder / 'desk.yaml'}. "
        "What can be written there: casella docs managers",
        markup=False,
        soft_wrap=True,
    )


def write(folder: Path) -> list[Path]:
    """Write the desk. Returns its files. Raises ConfigurationError when there is something in the folder already."""
    _require_empty(folder)
    folder.mkdir(parents=True, exist_ok=True)
    return list(_written(folder))


def _require_empty(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise ConfigurationError(f"{folder} is a file; name a new folder, or an empty one")
    found = sorted(path.name for path in folder.iterdir() if path.name not in _NOTHING) if folder.exists() else []
    if found:
        shown = ", ".join(found[:3]) + (" …" if len(found) > 3 else "")
        raise ConfigurationError(f"{folder} is not empty ({shown}); name a new folder, or an empty one")


def _written(folder: Path) -> Iterator[Path]:
    for source in sorted(FILES.glob("*.yaml")):
        yield _write(folder / source.name, source.read_text(encoding="utf-8"))
    yield _write(folder / ".gitignore", _IGNORED)
    for name in _SECRET_FILES:
        yield _write_secret(folder / "secrets" / name)


def _write(path: Path, text: str) -> Path:
    with path.open("x", encoding="utf-8") as file:
        file.write(text)
    return path


def _write_secret(path: Path) -> Path:
    """32 random bytes, readable by their owner only."""
    path.parent.mkdir(mode=0o700, exist_ok=True)
    path.touch(mode=0o600, exist_ok=False)
    path.write_text(secrets.token_urlsafe(32) + "\n", encoding="utf-8")
    return path
