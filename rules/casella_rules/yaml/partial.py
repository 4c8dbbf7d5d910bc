"""Reads a file with slips in it as far as it goes: the entry with the slip is left out, and the others are read.

What is left out is blanked, line by line, so that every other line keeps its number. Which keys at the top have lost
something is told along with the tree: what could not be read is unknown, not absent.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass

from casella_rules.yaml.problems import Problem
from casella_rules.yaml.slips import COLUMNS
from casella_rules.yaml.source import Mapping, Node, Reading, UnreadableError, composed, decoded, is_empty
from casella_rules.yaml.text import lines_of

#: So many slips of one file are told at once, and so many characters are read again for it: time stays bounded.
MAX_READINGS = 20
MAX_CHARACTERS = 4_000_000

_ANCHOR = re.compile(r"[\s\[{,]&\w")
_ANY_KEY = re.compile(r"\s*([\w.-]+):")
_HIDDEN = re.compile(r" *[^\S ]\s*[\w.-]+:\s*(?:#.*)?$")
_WRITTEN = re.compile(r" *[^\s#]")
_SECTION = re.compile(r"[\w'\"{\[]")
_KEY = re.compile(r"[\w.-]*")


def read_parts(source: bytes, file: str) -> Reading:
    """The tree of one file without the entries that cannot be read, and every problem."""
    try:
        text = decoded(source, file)
    except UnreadableError as error:
        return Reading(None, (error.problem,))
    try:
        return composed(text, file)
    except UnreadableError as error:
        return _Patches(text, file).read(error)


class _Patches:
    """One text with slips, less and less of it."""

    def __init__(self, text: str, file: str) -> None:
        self._file = file
        self._lines = lines_of(text)
        self._entries = entries_of(self._lines)
        self._slips: list[Problem] = []
        self._lost: set[str] = set()
        self._most = max(2, min(MAX_READINGS, MAX_CHARACTERS // (len(text) + 1)))

    def read(self, error: UnreadableError) -> Reading:
        while error.slip and self._blank(error.problem):
            if not self._told(error.problem):
                self._slips.append(error.problem)
            if len(self._slips) == self._most:
                return Reading(None, tuple(self._slips))
            try:
                reading = composed("".join(self._lines), self._file)
            except UnreadableError as next_error:
                error = next_error
                continue
            tree = _without_empty(reading.tree, self._lost)
            return Reading(tree, (*self._slips, *reading.problems), reading.lost | self._lost)
        # Where leaving out does not help, only the first slip is certain; the others may come from it.
        return Reading(None, tuple(self._slips[:1]) or (error.problem,))

    def _told(self, problem: Problem) -> bool:
        """Where one line is shifted, all others of its kind do not fit to it: it is said once."""
        said = [slip.message for slip in self._slips]
        return problem.message.startswith(COLUMNS) and problem.message in said

    def _blank(self, problem: Problem) -> bool:
        """Leave out the entry with this problem. False when that is not possible, or has been done."""
        number = problem.line - 1
        if number < len(self._lines) and self._lines[number].startswith("---"):
            self._lines[number] = _blanked(self._lines[number])
            return True
        around = [one for one in self._entries if one.first <= number < one.end]
        hidden = _HIDDEN.match(self._lines[number]) if number < len(self._lines) else None
        # Behind a key that a tab hides from the layout, nobody knows to what the lines below belong.
        entry = (around[-1] if hidden else around[0]) if around else None
        if entry is None or not any(line.strip() for line in self._lines[entry.first : entry.end]):
            return False
        if any(_ANCHOR.search(line) for line in self._lines[entry.first : entry.end]):
            return False  # others may refer to it
        # What is shifted by a space too many was meant to be somewhere else: each key may have been one at the top.
        keys = [found[1] for line in self._lines[entry.first : entry.end] if (found := _ANY_KEY.match(line))]
        for at in range(entry.first, entry.end):
            self._lines[at] = _blanked(self._lines[at])
        self._lost |= {entry.section, *keys}
        return True


def _without_empty(tree: Node | None, lost: set[str]) -> Node | None:
    """The tree without sections of which nothing is left; None when nothing at all is."""
    if not lost:
        return tree
    if not isinstance(tree, Mapping):
        return None
    kept = {name: entry for name, entry in tree.entries.items() if name not in lost or not is_empty(entry[1])}
    return Mapping(tree.line, tree.column, kept) if kept else None


def _blanked(line: str) -> str:
    return line[len(line.rstrip("\r\n\x85\u2028\u2029")) :]


@dataclass(frozen=True, slots=True)
class Entry:
    """Lines that belong together: one rule, one canned message, one team; or a whole section without entries."""

    first: int
    end: int
    section: str


def entries_of(lines: list[str]) -> list[Entry]:
    """The entries of a file, by its layout alone. A section's own line belongs to no entry of it: a slip there takes
    the whole section with it."""
    entries: list[Entry] = []
    sections = [number for number, line in enumerate(lines) if _SECTION.match(line)]
    for first, end in itertools.pairwise([*sections, len(lines)]):
        name = _KEY.match(lines[first])
        section = name.group() if name else ""
        inner = [*_inner(lines, first + 1, end), end]
        entries += [Entry(start, stop, section) for start, stop in itertools.pairwise(inner)]
        entries.append(Entry(first, end, section))
    return entries


def _inner(lines: list[str], first: int, end: int) -> list[int]:
    """Where the entries of a section begin."""
    # A tab or an invisible space in front is the slip itself, and says nothing of the layout.
    written = [number for number in range(first, end) if _WRITTEN.match(lines[number])]
    if not written:
        return []
    dash = lines[written[0]].lstrip().startswith("-")
    # A dash one column too far to the right is still one of these; a key there may be something else.
    deepest = _indentation(lines[written[0]]) + (1 if dash else 0)
    return [
        number
        for number in written
        if _indentation(lines[number]) <= deepest and lines[number].lstrip().startswith("-") is dash
    ]


def _indentation(line: str) -> int:
    return len(line) - len(line.lstrip(" "))
