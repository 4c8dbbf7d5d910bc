"""Reads a manager's YAML into a light tree that knows its places, within bounds of time and memory.

YAML 1.2: `on`, `yes`, `22:30` and `010` stay what people wrote. libyaml only splits the text into events (it is
some twenty times faster than a parser in Python, which counts when ten thousand rules are loaded); what a scalar
means is decided here. Whatever is wrong becomes a Problem; nothing here raises for the contents of a file.
"""

from __future__ import annotations

from dataclasses import dataclass

import yaml
from yaml.error import MarkedYAMLError, YAMLError

from casella_rules.yaml.habits import no_entry
from casella_rules.yaml.messages import of_tag
from casella_rules.yaml.problems import Problem, quoted
from casella_rules.yaml.slips import Mark, in_quotes, slip_of
from casella_rules.yaml.text import (
    ANY_INVISIBLE,
    UNPRINTABLE,
    hidden_in,
    invisible_in_name,
    invisible_message,
    place_of,
    without_invisible,
)
from casella_rules.yaml.tree import Mapping, Node, Plain, Scalar, Sequence, is_empty, plain_value, scalar_value
from casella_rules.yaml.written import both_hold

__all__ = [
    "MAX_BYTES",
    "Mapping",
    "Node",
    "Plain",
    "Reading",
    "Scalar",
    "Sequence",
    "UnreadableError",
    "composed",
    "decoded",
    "is_empty",
    "plain_value",
    "read_yaml",
    "scalar_value",
]

#: A file this large is refused: a desk of ten thousand rules fits into a handful of smaller ones.
MAX_BYTES = 2_000_000
#: Rules need ten levels (rules, rule, if, three groups, field, operators, list); more is a mistake or an attack.
MAX_DEPTH = 24
#: Values in one file, counted as if every alias were written out: this is what makes a billion laughs harmless.
MAX_NODES = 400_000
#: Longest single value; a canned message of a hundred pages is a mistake.
MAX_SCALAR = 100_000
#: Characters of all values in one file, counted like the values: few aliases of one long value laugh as loudly.
MAX_CHARACTERS = 4_000_000

# libyaml where the wheel has it, the same parser in Python elsewhere: equal events, equal marks.
_ONE_DOCUMENT = "Keep one document per file: drop the '---'"
_PARSER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True)
class Reading:
    """One file as far as it could be read. `tree` None: not at all. `lost`: the keys at its top below which something
    is missing here."""

    tree: Node | None
    problems: tuple[Problem, ...] = ()
    lost: frozenset[str] = frozenset()

    @property
    def whole(self) -> bool:
        """Whether nothing is missing."""
        return self.tree is not None and not self.lost

    def knows(self, key: str) -> bool:
        """Whether everything below a key at the top was read."""
        return self.tree is not None and key not in self.lost


class UnreadableError(Exception):
    """A file cannot be read. `slip`: it is a slip in one place, and the rest may be as good as ever."""

    def __init__(self, problem: Problem, *, slip: bool = False) -> None:
        self.problem = problem
        self.slip = slip
        super().__init__(str(problem))


def read_yaml(source: bytes, file: str) -> tuple[Node | None, list[Problem]]:
    """The tree of one file with what is wrong in it, or the problem that made it unreadable. An empty file reads as an
    empty value."""
    try:
        reading = composed(decoded(source, file), file)
    except UnreadableError as error:
        return None, [error.problem]
    return reading.tree, list(reading.problems)


def composed(text: str, file: str) -> Reading:
    """The tree of a text. Raises UnreadableError where it cannot go on."""
    composer = _Composer(text, file)
    tree = composer.document()
    return Reading(tree, tuple(composer.problems), frozenset(composer.lost))


def decoded(source: bytes, file: str) -> str:
    """The bytes of a file as text. Raises UnreadableError when they are none, or too many."""
    if len(source) >= MAX_BYTES:
        message = f"this file is too large ({len(source):,} bytes, the limit is {MAX_BYTES:,})"
        raise UnreadableError(Problem(file, 1, 1, message, "Split it: every file in rules/ is read, by name"))
    try:
        text = source.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        before = source[: error.start].decode("utf-8", "replace")
        raise UnreadableError(
            Problem(file, *place_of(before), "this is not UTF-8 text", "Save the file with the encoding UTF-8")
        ) from None
    strange = UNPRINTABLE.search(text)
    if strange:
        place = place_of(text[: strange.start()])
        message = f"the invisible character U+{ord(strange.group()):04X} is not allowed"
        raise UnreadableError(Problem(file, *place, message, "Remove it"))
    return text


class _Composer:
    """Builds the tree from events; recursion is bounded by MAX_DEPTH."""

    def __init__(self, text: str, file: str) -> None:
        self._text = text
        self._file = file
        self.problems: list[Problem] = []
        self.lost: set[str] = set()
        self._get_event = _PARSER(text).get_event
        self._section = ""
        self._invisible = ANY_INVISIBLE.search(text) is not None
        self._anchors: dict[str, tuple[Node, int, int]] = {}
        self._open: set[str] = set()
        self._texts: dict[str, str] = {}
        self._nodes = self._characters = 0

    def document(self) -> Node:
        self._next()  # the stream starts
        if isinstance(self._next(), yaml.StreamEndEvent):
            return Scalar(1, 1, "", plain=True)
        root = self._node(self._next(), 0)
        self._next()  # the document ends
        after = self._next()
        if not isinstance(after, yaml.StreamEndEvent):
            raise self._slip(after.start_mark, "a second document starts here", _ONE_DOCUMENT)
        return root

    def _next(self) -> yaml.Event:
        try:
            event: yaml.Event = self._get_event()
        except MarkedYAMLError as error:
            slip = slip_of(error, self._text)
            problem = Problem(self._file, slip.line, slip.column, slip.message, slip.hint)
            raise UnreadableError(problem, slip=True) from None
        except YAMLError as error:
            raise UnreadableError(Problem(self._file, 1, 1, f"this is not YAML: {quoted(str(error))}")) from None
        return event

    def _node(self, event: yaml.Event, depth: int) -> Node:
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event)
        nodes, characters = self._nodes, self._characters
        self._count(event.start_mark, 1)
        if isinstance(event, yaml.ScalarEvent) and event.anchor is None and event.tag is None:
            return self._scalar(event)  # nine values in ten: kept short
        if depth > MAX_DEPTH:
            raise self._problem(event.start_mark, f"nested more than {MAX_DEPTH} levels deep", "Write it flatter")
        anchor = self._anchor(event)
        node = self._build(event, depth)
        if anchor:
            self._open.discard(anchor)
            self._anchors[anchor] = (node, self._nodes - nodes, self._characters - characters)
        return node

    def _scalar(self, event: yaml.ScalarEvent) -> Scalar:
        mark: Mark | None = event.start_mark
        if len(event.value) > MAX_SCALAR:
            message = f"this value is longer than {MAX_SCALAR:,} characters"
            raise self._problem(mark, message, "Shorten it")
        self._characters += len(event.value)
        if event.style == '"' and (strange := hidden_in(event.value)):
            self._note_escape(mark, strange)
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        # Keys and names come a thousand times; what is kept of them afterwards should be kept once.
        text = self._texts.setdefault(event.value, event.value)
        if self._invisible and event.implicit[0]:
            text = self._visible(text, line, column)
        return Scalar(line, column, text, event.implicit[0])

    def _visible(self, text: str, line: int, column: int) -> str:
        """What was meant by a word with an invisible character, which is a problem of its own."""
        found = invisible_in_name(text)
        if not found:
            return text
        before, character = found
        self.problems.append(Problem(self._file, line, column + before, *invisible_message(character)))
        return without_invisible(text)

    def _build(self, event: yaml.Event, depth: int) -> Node:
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event)
        line, column = (event.start_mark.line + 1, event.start_mark.column + 1) if event.start_mark else (1, 1)
        if isinstance(event, yaml.SequenceStartEvent):
            return Sequence(line, column, self._items(depth))
        return Mapping(line, column, self._entries(depth))

    def _items(self, depth: int) -> list[Node]:
        items = []
        while not isinstance(event := self._next(), yaml.SequenceEndEvent):
            items.append(self._node(event, depth + 1))
        return items

    def _entries(self, depth: int) -> dict[str, tuple[Scalar, Node]]:
        entries: dict[str, tuple[Scalar, Node]] = {}
        while not isinstance(event := self._next(), yaml.MappingEndEvent):
            key = self._node(event, depth + 1)
            mark: Mark | None = event.start_mark
            if not isinstance(key, Scalar):
                message = "a key must be a plain word, not something in brackets"
                raise self._slip(mark, message, "Text with { or [ needs quotes")
            if key.plain and " {" in key.text:
                instead = quoted(f"{key.text.partition(' {')[0]}: {{…}}")
                raise self._slip(mark, "a ':' is missing here", f"Write {instead}")
            if key.plain and mark and (odd := no_entry(self._text, mark.index)):
                raise self._slip(mark, *odd)
            if depth == 0:
                self._section = key.text
            entry = key, self._node(self._next(), depth + 1)
            if entries.setdefault(key.text, entry) is not entry:
                self._twice(key, entries, entry[1], depth)
        return entries

    def _twice(self, key: Scalar, entries: dict[str, tuple[Scalar, Node]], again: Node, depth: int) -> None:
        """The first one that has a value counts. Of a whole section written twice both do: what is in it is there."""
        first = entries[key.text]
        hint = both_hold(key, first[1], again) or f"The first one is in line {first[0].line}; keep one of them"
        twice = f"the key {quoted(key.text)} is here twice"
        self.problems.append(Problem(self._file, key.line, key.column, twice, hint))
        match first[1], again:
            case Scalar(), _ if is_empty(first[1]):
                entries[key.text] = first[0], again
            case Sequence(), Sequence() if depth == 0:
                first[1].items.extend(again.items)
            case Mapping(), Mapping() if depth == 0:
                first[1].entries.update({**again.entries, **first[1].entries})
            case _ if depth == 0 or key.text == "name":
                self.lost.add(self._section)

    def _anchor(self, event: yaml.Event) -> str | None:
        if not isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent):
            return None
        if event.tag is not None and event.tag != "!":
            raise self._tag(event.start_mark, event.tag)
        anchor = event.anchor
        if anchor:
            self._open.add(anchor)
        return anchor

    def _alias(self, event: yaml.AliasEvent) -> Node:
        if event.anchor in self._open:
            raise self._slip(event.start_mark, f"'*{event.anchor}' contains itself", "Write the value out")
        if event.anchor not in self._anchors:
            hint = f"A text that begins with '*' needs quotes: write {in_quotes(f'*{event.anchor}')}"
            raise self._slip(event.start_mark, f"'*{event.anchor}' stands for nothing", hint)
        node, nodes, characters = self._anchors[event.anchor]
        self._count(event.start_mark, nodes)
        self._characters += characters
        if self._characters > MAX_CHARACTERS:
            message = f"the values of this file hold more than {MAX_CHARACTERS:,} characters, repeated ones counted"
            raise self._problem(event.start_mark, message, "Repeat only short values with '*'")
        return node

    def _count(self, mark: Mark | None, nodes: int) -> None:
        self._nodes += nodes
        if self._nodes > MAX_NODES:
            message = f"this file holds more than {MAX_NODES:,} values, repeated ones counted"
            raise self._problem(mark, message, "Split it")

    def _note_escape(self, mark: Mark | None, character: str) -> None:
        message = f"the invisible character U+{ord(character):04X} is not allowed, not even as an escape"
        hint = "Remove it, or use single quotes: they take backslashes as they are"
        self.problems.append(self._problem(mark, message, hint).problem)

    def _tag(self, mark: Mark | None, tag: str) -> UnreadableError:
        return self._slip(mark, *of_tag(tag, self._text[mark.index :].partition("\n")[0] if mark else ""))

    def _slip(self, mark: Mark | None, message: str, hint: str) -> UnreadableError:
        return UnreadableError(self._problem(mark, message, hint).problem, slip=True)

    def _problem(self, mark: Mark | None, message: str, hint: str = "") -> UnreadableError:
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        return UnreadableError(Problem(self._file, line, column, message, hint))
