"""The text of a YAML file: what its bytes must be, and the characters nobody sees that must not be in it."""

from __future__ import annotations

import re

from .problems import Problem

#: A file this large is refused: a desk of ten thousand rules fits into a handful of smaller ones.
MAX_BYTES = 2_000_000

_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
_HIDDEN = re.compile("[^\t\n\x20-\x7e\xa0-\ud7ff\ue000-\ufdcf\ufdf0-\ufffd\U00010000-\U0010ffff]")


class UnreadableError(Exception):
    """A file that cannot be read any further; the problem says why."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(str(problem))


def decoded(source: bytes, file: str) -> str:
    """The text of a file. Raises UnreadableError."""
    if len(source) >= MAX_BYTES:
        raise UnreadableError(
            Problem(
                file,
                1,
                1,
                f"this file is too large ({len(source):,} bytes, the limit is {MAX_BYTES:,})",
                "Split it: every file in rules/ is read, by name",
            )
        )
    try:
        text = source.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        before = source[: error.start].decode("utf-8", "replace")
        raise UnreadableError(
            Problem(file, *_place(before), "this is not UTF-8 text", "Save the file with the encoding UTF-8")
        ) from None
    strange = _UNPRINTABLE.search(text)
    if strange:
        place = _place(text[: strange.start()])
        message = f"the invisible character U+{ord(strange.group()):04X} is not allowed"
        raise UnreadableError(Problem(file, *place, message, "Remove it"))
    return text


def _place(before: str) -> tuple[int, int]:
    """Line and column, from one, of what follows this text."""
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1


def hidden_in(value: str) -> str | None:
    """The first character of a value that only an escape can have written (`"\\0"`, `"\\e"`): PostgreSQL keeps no zero
    byte, and a terminal obeys the others."""
    found = _HIDDEN.search(value)
    return found.group() if found else None
