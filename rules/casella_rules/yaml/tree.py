"""The light tree of a manager's YAML: three kinds of nodes that know their places, and what scalars mean."""

from __future__ import annotations

import re
from dataclasses import dataclass


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
