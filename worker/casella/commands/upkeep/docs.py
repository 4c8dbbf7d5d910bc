"""`casella docs`: the pages of this very version, wherever it is installed."""

from __future__ import annotations

from difflib import get_close_matches
from pathlib import Path
from typing import Annotated

import typer
from rich.markdown import Markdown

from casella.commands.shared import out
from casella.errors import ConfigurationError
from casella.shipped import shipped

_NOT_LISTED = "decisions"
"""For who works on Casella itself; a page that refers to one says where it lies."""


def register(cli: typer.Typer) -> None:
    """Add the command."""
    cli.command(name="docs")(docs)


def docs(
    page: Annotated[str, typer.Argument(help="Which page; without one, all are listed.", show_default=False)] = "",
) -> None:
    """Read the pages of this version, which are installed with it: a list of them, or one.

    Example: casella docs   ·   casella docs managers   ·   casella docs sms > sms.md
    """
    if not page:
        _list()
        return
    text = path_of(page).read_text(encoding="utf-8")
    if out.is_terminal:
        with out.pager():
            out.print(Markdown(text))
    else:
        typer.echo(text, nl=False)


def pages() -> dict[str, Path]:
    """Every page by the name it is asked for: `managers`, `sms`."""
    folder = shipped("docs")
    return {path.stem: path for path in sorted(folder.rglob("*.md")) if path.parent.name != _NOT_LISTED}


def path_of(page: str) -> Path:
    """The file of a page. Raises ConfigurationError with the nearest name for one that is not there."""
    known = pages()
    name = Path(page).stem
    if name not in known:
        near = get_close_matches(name, known, n=1)
        hint = f"Did you mean '{near[0]}'?" if near else "`casella docs` lists them."
        raise ConfigurationError(f"There is no page '{page}'. {hint}")
    return known[name]


def _list() -> None:
    for name, path in sorted(pages().items()):
        title = path.read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ")
        out.print(f"  {name:<20} {title}", markup=False, soft_wrap=True)
    out.print(f"\ncasella docs NAME shows one. They lie in {shipped('docs')}", markup=False, soft_wrap=True)
