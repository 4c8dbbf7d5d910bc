"""The files of a desk folder, read within bounds: a folder that is none of a desk does no harm."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from casella.desk.files.plain_file import read_plain
from casella_rules import Problem
from casella_rules.yaml.problems import listing, name_hint, nearest, quoted
from casella_rules.yaml.source import MAX_BYTES

#: Ten thousand rules in files of a few hundred fit easily.
MAX_FILES = 500
MAX_TOTAL_BYTES = 40_000_000

_PARTS = ("rules", "canned", "tests")
#: `rules.yml`, `rules.YAML`, and `rules.yaml.txt` of an editor that adds its own ending.
_ALMOST_YAML = re.compile(r"\.(?:yml|(?!yaml$)(?i:ya?ml)|(?i:ya?ml)\.(?i:txt|rtf|json))$")
_EXPECTED = ("desk.yaml", "rules.yaml", "canned.yaml", "tests.yaml", "rules", "canned", "tests")
#: Parts of desk.yaml that somebody might give a file of its own.
_SECTIONS = (
    "hours", "teams", "agents", "inboxes", "channels", "connections", "tags", "attributes", "webhooks", "surveys",
    "links", "assistant", "locales",
)  # fmt: skip


@dataclass(frozen=True)
class DeskFiles:
    """Contents by the name under which problems show them (`desk/rules.yaml`), in the order in which they count."""

    desk: tuple[str, bytes]
    rules: tuple[tuple[str, bytes], ...]
    canned: tuple[tuple[str, bytes], ...]
    tests: tuple[tuple[str, bytes], ...] = ()

    @property
    def digest(self) -> str:
        """Changes with every change of any file that is applied, comments included; not with the place of the folder,
        and not with the tests."""
        digest = hashlib.sha256()
        for part, files in (("desk", (self.desk,)), ("rules", self.rules), ("canned", self.canned)):
            for name, source in files:
                digest.update(f"{part}/{Path(name).name}\0{len(source)}\0".encode())
                digest.update(source)
        return digest.hexdigest()[:16]

    def all(self) -> Iterable[tuple[str, bytes]]:
        """Every file that is applied."""
        return (self.desk, *self.rules, *self.canned)

    def lines(self) -> Mapping[str, list[str]]:
        """The lines of each file, to find words in them."""
        return {name: source.decode("utf-8", "replace").splitlines() for name, source in self.all()}


def read_files(folder: Path) -> tuple[DeskFiles | None, list[Problem]]:
    """What a desk folder holds. None when there is no desk to speak of."""
    main = folder / "desk.yaml"
    if not folder.is_dir():
        return None, [Problem(str(folder), 1, 1, "there is no such folder", "Name the folder that holds desk.yaml")]
    reader = _Reader()
    reader.problems.extend(_strangers(folder))
    if not main.exists():
        problem = Problem(
            str(main), 1, 1, "this file is missing", "Every desk has one; `casella new-desk` begins a desk"
        )
        return None, [problem, *reader.problems]
    desk = reader.read(main)
    rules, canned, tests = (tuple(reader.part(folder, part)) for part in _PARTS)
    if desk is None:
        return None, reader.problems
    if not (folder / "rules.yaml").exists() and not yaml_files(folder / "rules"):
        reader.problems.append(_no_rules(folder))
    return DeskFiles(desk, rules, canned, tests), reader.problems


def yaml_files(folder: Path) -> list[Path]:
    """The files of a folder that are read, by name. What begins with a dot belongs to an editor or to the system, and
    is left alone (`._rules.yaml`, `.#rules.yaml`)."""
    return [path for path in sorted(folder.glob("*.yaml")) if not path.name.startswith(".")]


def kept_files(contents: Mapping[str, str]) -> DeskFiles:
    """The files of a desk that was good once, from where `Desk.files` was kept, in whatever order the database gives
    them back. Raises KeyError without a desk.yaml."""
    paths = {Path(name): (name, text.encode()) for name, text in sorted(contents.items())}
    mains = [path for path in paths if path.name == "desk.yaml"]
    if not mains:
        raise KeyError("desk.yaml")
    main = min(mains, key=lambda path: len(path.parts))  # rules/desk.yaml is a file of rules

    def part(name: str) -> tuple[tuple[str, bytes], ...]:
        own = (main.parent / f"{name}.yaml", main.parent / name)
        return tuple(file for path, file in paths.items() if path == own[0] or path.parent == own[1])

    return DeskFiles(paths[main], part("rules"), part("canned"))


class _Reader:
    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self._bytes = 0
        self._files = 0

    def part(self, folder: Path, part: str) -> Iterable[tuple[str, bytes]]:
        """`rules.yaml`, or the files of `rules/` by name."""
        single, several = folder / f"{part}.yaml", folder / part
        if single.exists() and several.is_dir():
            hint = f"Keep either {part}.yaml or {part}/: the order would not be plain"
            self.problems.append(Problem(str(single), 1, 1, f"there is a folder {part}/ as well", hint))
        paths = [single] if single.exists() else yaml_files(several)
        for path in paths:
            found = self.read(path)
            if found:
                yield found

    def read(self, path: Path) -> tuple[str, bytes] | None:
        """One file, of which at most one byte too many is read."""
        try:
            source = read_plain(path, MAX_BYTES + 1)
        except OSError as error:
            reason = (error.strerror or type(error).__name__).lower()
            self.problems.append(Problem(str(path), 1, 1, f"this file cannot be read: {reason}"))
            return None
        self._files += 1
        self._bytes += len(source)
        if self._files > MAX_FILES or self._bytes > MAX_TOTAL_BYTES:
            limit = f"{MAX_FILES} files or {MAX_TOTAL_BYTES:,} bytes"
            self.problems.append(Problem(str(path), 1, 1, f"this desk is larger than {limit}"))
            return None
        return str(path), source


def _no_rules(folder: Path) -> Problem:
    """Without this, a file that got another name would switch all rules off in silence."""
    inner = folder / "rules"
    places = (inner,) if inner.is_dir() else (folder,)
    meant = sorted(
        path.name
        for place in places
        for path in place.iterdir()
        if path.is_file()
        and (place == inner or path.name.startswith("rule"))
        and path.suffix not in (".yml", ".yaml")
        and not path.name.startswith(".")
    )
    if not inner.is_dir():
        rename = f"Rename {meant[0]} to rules.yaml, or write" if meant else "Write"
        none = f"{rename} 'rules: []' into it if there shall be no rules"
        return Problem(str(folder / "rules.yaml"), 1, 1, "rules.yaml is missing, so no rule would run", none)
    rename = f"{', '.join(meant[:3])} is not read. " if meant else ""
    hint = f"{rename}Files of rules end in .yaml; write one with 'rules: []' if there shall be no rules"
    return Problem(str(inner), 1, 1, "there is no file of rules in this folder, so no rule would run", hint)


def _strangers(folder: Path) -> Iterable[Problem]:
    """Files that look as if they were meant to be read, and are not."""
    places = (folder, *(folder / part for part in _PARTS))
    for path in sorted(path for place in places if place.is_dir() for path in place.iterdir()):
        if path.name.startswith("."):
            continue
        if path.parent == folder and path.name in _EXPECTED and not path.exists():
            yield Problem(str(path), 1, 1, "this link leads to nothing", "Repair it, or remove it")
        elif path.is_dir():
            yield from _unread_below(path, folder)
        elif called := _ALMOST_YAML.search(path.name):
            yield Problem(str(path), 1, 1, "this file is not read", f"Call it {path.name[: called.start()]}.yaml")
        elif path.parent == folder and path.suffix == ".yaml" and path.name not in _EXPECTED:
            yield Problem(str(path), 1, 1, f"{quoted(path.name)} is not read", _hint(path))


def _unread_below(inner: Path, folder: Path) -> Iterable[Problem]:
    """Files in a folder that is not read: one within `rules/`, `canned/` or `tests/`, or one that nearly has such a
    name."""
    if inner.parent == folder and inner.name in _PARTS:
        return
    part = nearest(inner.name, _PARTS) if inner.parent == folder else inner.parent.name
    files = (path for path in sorted(inner.rglob("*.y*ml")) if not any(one[:1] == "." for one in path.parts[-2:]))
    for path in islice(files if part else (), MAX_FILES):
        yield Problem(
            str(path), 1, 1, "this file is not read", f"Put it into {part}/ itself: folders in it are not read"
        )


def _hint(path: Path) -> str:
    section = next((name for name in _SECTIONS if path.stem in (name, name.removesuffix("s"))), "")
    if section:
        return f"What stands in it belongs into desk.yaml, below '{section}:'"
    expected = [name for name in _EXPECTED if name.endswith(".yaml")]
    return name_hint("Files", path.name, expected) or listing("Files", expected)
