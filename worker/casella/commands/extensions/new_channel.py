"""`casella new-channel acme`: a working distribution of a new channel type, to be made the provider's own.

The files of `new_channel_files` are that distribution for a provider called Acme, each with ".txt" behind its name; its
names are exchanged, nothing else.
"""

from __future__ import annotations

import keyword
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from casella.commands.shared import out
from casella.errors import ConfigurationError

FILES = Path(__file__).parent / "new_channel_files"
_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_LONGEST = 32


def register(cli: typer.Typer) -> None:
    cli.command(name="new-channel")(new_channel)


def new_channel(
    name: Annotated[str, typer.Argument(help="The channel type: lower case, such as acme.", show_default=False)],
    into: Annotated[Path, typer.Option(help="The folder to make it in.")] = Path(),
) -> None:
    """Write a working distribution for a new channel: plugin, simulator, cases, tests. It passes the conformance kit
    at once; then make it your provider's. Nothing that exists is overwritten.

    Example: casella new-channel acme
    Example: casella new-channel line_works --into plugins/
    """
    names = Names.of(name)
    folder = into / names.distribution
    if folder.exists():
        raise ConfigurationError(f"{folder} exists already; move it away, or choose another --into")
    written = write(names, folder)
    for path in written:
        out.print(f"wrote {path}", markup=False, soft_wrap=True)
    out.print(
        f"\nNext:\n  pip install -e '{folder}[test]'\n  python -m pytest {folder}\n  casella channels\n"
        "README.md there says what to change, `casella docs plugins` what everything means.",
        markup=False,
        soft_wrap=True,
    )


@dataclass(frozen=True, slots=True)
class Names:
    """What is written where the files say acme, casella-acme, Acme and ACME."""

    channel_type: str

    @classmethod
    def of(cls, name: str) -> Names:
        """Raises ConfigurationError for what cannot be a channel type and part of a module's name."""
        if not _NAME.fullmatch(name) or len(name) > _LONGEST or len(name) < 2 or keyword.iskeyword(name):
            raise ConfigurationError(
                f"'{name}' cannot be a channel type: lower-case letters, digits and single underscores, beginning with "
                f"a letter, 2 to {_LONGEST} characters. Example: casella new-channel acme"
            )
        if f"casella_{name}" in _taken():
            raise ConfigurationError(f"The module casella_{name} exists already; choose another name")
        return cls(name)

    @property
    def dashed(self) -> str:
        return self.channel_type.replace("_", "-")

    @property
    def distribution(self) -> str:
        return f"casella-{self.dashed}"

    @property
    def title(self) -> str:
        return "".join(part.capitalize() for part in self.channel_type.split("_"))

    def put_into(self, text: str) -> str:
        """The text with these names."""
        for old, new in (
            ("casella-acme", self.distribution),
            ("acme.example", f"{self.dashed}.example"),
            ("x-acme-", f"x-{self.dashed}-"),
            ("ACME", self.channel_type.upper()),
            ("Acme", self.title),
            ("acme", self.channel_type),
        ):
            text = text.replace(old, new)
        return text


def write(names: Names, folder: Path) -> list[Path]:
    """Write the distribution. Returns its files."""
    written = []
    for source in _sources():
        relative = names.put_into(source.relative_to(FILES).as_posix()).removesuffix(".txt")
        target = folder / relative
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("x", encoding="utf-8") as file:
            file.write(names.put_into(source.read_text(encoding="utf-8")))
        written.append(target)
    return written


def _sources() -> Iterator[Path]:
    yield from sorted(path for path in FILES.rglob("*.txt") if path.is_file())


def _taken() -> set[str]:
    """Modules of channels that are here already."""
    found = {path.name for entry in sys.path if entry for path in Path(entry).glob("casella_*")}
    return {name.removesuffix(".py") for name in found}
