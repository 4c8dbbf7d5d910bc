"""Reads a manager's YAML into a light tree that knows its places, within bounds of time and memory.

YAML 1.2: `on`, `yes`, `22:30` and `010` stay what people wrote. libyaml only splits the text into events (it is
some twenty times faster than a parser in Python, which counts when ten thousand rules are loaded); what a scalar
means is decided here. Whatever is wrong becomes a Problem; nothing here raises for the contents of a file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Protocol

import yaml
from yaml.error import MarkedYAMLError, YAMLError

from .problems import Problem, quoted
from .yaml_messages import in_plain_words
from .yaml_text import MAX_BYTES as MAX_BYTES
from .yaml_text import UnreadableError, decoded, hidden_in

#: Rules need ten levels (rules, rule, if, three groups, field, operators, list); more is a mistake or an attack.
MAX_DEPTH = 24
#: Values in one file, counted as if every alias were written out: this is what makes a billion laughs harmless.
MAX_NODES = 400_000
#: Longest single value; a canned message of a hundred pages is a mistake.
MAX_SCALAR = 100_000
#: Characters of all values in one file, counted like the values: few aliases of one long value laugh as loudly.
MAX_CHARACTERS = 4_000_000


@dataclass(slots=True)
class Scalar:
    """One written value. `text` is what stands in the file; `plain` says that it was written without quotes."""

    line: int
    column: int
    text: str
    plain: bool = False


@dataclass(slots=True)
class Sequence:
    """A list, in order."""

    line: int
    column: int
    items: list[Node]


@dataclass(slots=True)
class Mapping:
    """Keys and values in the order written; keys are unique."""

    line: int
    column: int
    entries: dict[str, tuple[Scalar, Node]]

    def key(self, name: str) -> Scalar:
        """The key itself, for its place. Raises KeyError when the mapping has no such key."""
        return self.entries[name][0]

    def get(self, name: str) -> Node | None:
        """The value under a key, or None."""
        entry = self.entries.get(name)
        return entry[1] if entry else None


Node = Scalar | Sequence | Mapping
Plain = str | int | float | bool | None | list["Plain"] | dict[str, "Plain"]

_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLEAN = {word: word.lower() == "true" for word in ("true", "True", "TRUE", "false", "False", "FALSE")}
# Eighteen digits fit into 64 bits; longer runs of digits are account numbers, not quantities.
_INTEGER = re.compile(r"[-+]?[0-9]{1,18}")
_FLOAT = re.compile(r"[-+]?(?:[0-9]{1,18}\.[0-9]{0,18}|\.[0-9]{1,18})(?:[eE][-+]?[0-9]{1,2})?")

# libyaml where the wheel has it, the same parser in Python elsewhere: equal events, equal marks.
_PARSER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_yaml(source: bytes, file: str) -> tuple[Node | None, list[Problem]]:
    """The tree of one file and what is wrong in it, or the problem that made it unreadable. An empty file reads as an
    empty value."""
    try:
        composer = _Composer(decoded(source, file), file)
        return composer.document(), composer.problems
    except UnreadableError as error:
        return None, [error.problem]


def plain_value(node: Node) -> Plain:
    """The tree as Python values, scalars by the rules of YAML 1.2. Aliases were bounded when the tree was read."""
    match node:
        case Scalar():
            return scalar_value(node)
        case Sequence():
            return [plain_value(item) for item in node.items]
        case Mapping():
            return {name: plain_value(value) for name, (_, value) in node.entries.items()}


def scalar_value(node: Scalar) -> str | int | float | bool | None:
    """What a scalar means in YAML 1.2: quoted is text; without quotes it may be empty, true/false or a number."""
    text = node.text
    if not node.plain:
        return text
    if text in _NULL:
        return None
    if text in _BOOLEAN:
        return _BOOLEAN[text]
    if _INTEGER.fullmatch(text):
        return int(text)
    return float(text) if _FLOAT.fullmatch(text) else text


def is_empty(node: Node) -> bool:
    """True for a key with nothing behind it (or `null`)."""
    return isinstance(node, Scalar) and node.plain and node.text in _NULL


class _Mark(Protocol):
    @property
    def line(self) -> int: ...
    @property
    def column(self) -> int: ...
    @property
    def index(self) -> int: ...


class _Composer:
    """Builds the tree from events; recursion is bounded by MAX_DEPTH."""

    def __init__(self, text: str, file: str) -> None:
        self._text = text
        self._file = file
        self._get_event = _PARSER(text).get_event
        self._anchors: dict[str, tuple[Node, int, int]] = {}
        self._open: set[str] = set()
        self._texts: dict[str, str] = {}
        self._nodes = self._characters = 0
        self.problems: list[Problem] = []

    def document(self) -> Node:
        self._next()  # the stream starts
        if isinstance(self._next(), yaml.StreamEndEvent):
            return Scalar(1, 1, "", plain=True)
        root = self._node(self._next(), 0)
        self._next()  # the document ends
        after = self._next()
        if not isinstance(after, yaml.StreamEndEvent):
            hint = "Keep one document per file: drop the '---'"
            raise self._problem(after.start_mark, "a second document starts here", hint)
        return root

    def _next(self) -> yaml.Event:
        try:
            event: yaml.Event = self._get_event()
        except MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            raise self._problem(mark, *self._syntax(error, mark)) from None
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
        mark: _Mark | None = event.start_mark
        if len(event.value) > MAX_SCALAR:
            message = f"this value is longer than {MAX_SCALAR:,} characters"
            raise self._problem(mark, message, "Shorten it")
        self._characters += len(event.value)
        if event.style == '"' and (strange := hidden_in(event.value)):
            self._note_escape(mark, strange)
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        # Keys and names come a thousand times; what is kept of them afterwards should be kept once.
        text = self._texts.setdefault(event.value, event.value)
        return Scalar(line, column, text, event.implicit[0])

    def _build(self, event: yaml.Event, depth: int) -> Node:
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event)
        mark: _Mark | None = event.start_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
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
            if not isinstance(key, Scalar):
                message = "a key must be a plain word, not a list or a mapping"
                raise self._problem(event.start_mark, message, "Text with { or [ needs quotes")
            if key.text in entries:
                first = entries[key.text][0]
                raise self._problem(
                    event.start_mark,
                    f"the key {quoted(key.text)} is here twice",
                    f"The first one is in line {first.line}; keep one of them",
                )
            entries[key.text] = (key, self._node(self._next(), depth + 1))
        return entries

    def _anchor(self, event: yaml.Event) -> str | None:
        if not isinstance(event, yaml.ScalarEvent | yaml.CollectionStartEvent):
            return None
        if event.tag is not None and event.tag != "!":
            hint = "Remove it; text that starts with '!' needs quotes"
            raise self._problem(event.start_mark, f"the tag {quoted(event.tag)} is not used here", hint)
        anchor = event.anchor
        if anchor:
            self._open.add(anchor)
        return anchor

    def _alias(self, event: yaml.AliasEvent) -> Node:
        if event.anchor in self._open:
            raise self._problem(event.start_mark, f"'*{event.anchor}' contains itself", "Write the value out")
        if event.anchor not in self._anchors:
            hint = f"Text that starts with '*' needs quotes; otherwise mark a value above with '&{event.anchor}'"
            raise self._problem(event.start_mark, f"'*{event.anchor}' stands for nothing", hint)
        node, nodes, characters = self._anchors[event.anchor]
        self._count(event.start_mark, nodes)
        self._characters += characters
        if self._characters > MAX_CHARACTERS:
            message = f"the values of this file hold more than {MAX_CHARACTERS:,} characters, repeated ones counted"
            raise self._problem(event.start_mark, message, "Repeat only short values with '*'")
        return node

    def _count(self, mark: _Mark | None, nodes: int) -> None:
        self._nodes += nodes
        if self._nodes > MAX_NODES:
            message = f"this file holds more than {MAX_NODES:,} values, repeated ones counted"
            raise self._problem(mark, message, "Split it")

    def _note_escape(self, mark: _Mark | None, character: str) -> None:
        message = f"the invisible character U+{ord(character):04X} is not allowed, not even as an escape"
        hint = "Remove it, or use single quotes: they take backslashes as they are"
        self.problems.append(self._problem(mark, message, hint).problem)

    def _syntax(self, error: MarkedYAMLError, mark: _Mark | None) -> tuple[str, str]:
        at = self._text[mark.index : mark.index + 1] if mark else ""
        return in_plain_words(str(error.problem or error.context or ""), at)

    def _problem(self, mark: _Mark | None, message: str, hint: str = "") -> UnreadableError:
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        return UnreadableError(Problem(self._file, line, column, message, hint))
