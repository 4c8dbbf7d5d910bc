"""Files that say nothing. An editor that is stopped while it saves leaves such a file, and so does somebody who has put
a `#` before every line: what stood in them would be gone in silence."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from casella_rules import Problem
from casella_rules.yaml.text import lines_of

_WHAT = {"rules": ("rule", "[]"), "canned": ("canned message", "{}"), "tests": ("test", "[]")}
_BETWEEN = ("", "---", "...", "null", "~")


def silent_files(part: str, files: Iterable[tuple[str, bytes]]) -> Iterator[Problem]:
    """A problem for each of these files (name, contents) of `rules`, `canned` or `tests` without anything in it."""
    what, none = _WHAT[part]
    for file, source in files:
        if _says_nothing(source, part):
            # Without rules.yaml there is no desk; any other file may as well be gone.
            away = "" if file.endswith("rules.yaml") else ", or take the file away"
            hint = f"Write '{part}: {none}' if there shall be none{away}"
            yield Problem(file, 1, 1, f"this file says nothing: there is no {what} in it", hint)


def _says_nothing(source: bytes, part: str) -> bool:
    for line in lines_of(source[:_ENOUGH].decode("utf-8", "replace").removeprefix("\ufeff")):
        said = line.partition("#")[0].strip()
        if said not in _BETWEEN and not re.fullmatch(rf"{part}\s*:\s*(?:null|~)?", said):
            return False
    return len(source) <= _ENOUGH


_ENOUGH = 100_000
