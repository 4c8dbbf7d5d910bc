"""Does what a message of the check says: `Write …` and `Did you mean …?`, at the place it names."""

from __future__ import annotations

import re
from dataclasses import dataclass

import yaml

from casella_rules import builtin_vocabulary

_SAID = re.compile(r"^(?P<file>[^:]+):(?P<line>\d+):(?P<column>\d+): (?P<rest>.*)$", re.S)
_MEAN = re.compile(r"Did you mean '([^']+)'\?$")
_WRITE = re.compile(
    r"(?:^|\. |; |: |, | at all )[Ww]rite (?:a list: |it in quotes: )?"
    r"('[^']+'|'[^']*[{\"].*'|\{.*\}|\[.*\]|\"[^\"]*\"|[\w.]+: .*|\w+day(?:, \w+day)+(?!,)|\S+)(.*)$"
)
#: No repair: an example, an order, a choice, or something to be thought of.
_OPEN = re.compile(
    r"…|for example|such as|\{\{|^\$|\w+ or \w+$|must not|^(a|an|one|several|digits|two|closed|what|each|them|the|it"
    r"|new|for|year|year-month-day|straight|text|fields|and|with|0?9:00-18:00,.*)\b"
)
_OPERATOR = re.compile(r"\{(\w+): ")


@dataclass(frozen=True)
class Said:
    """One line of the check."""

    file: str
    line: int
    column: int
    rest: str

    @property
    def repair(self) -> str:
        """What to write there; empty where nothing is."""
        if found := _MEAN.search(self.rest):
            return found[1]
        found = _WRITE.search(self.rest)
        if (
            found is None
            or _OPEN.search(found[1])
            or _OPEN.search(found[2])
            or re.match(r"\w* or |,.* or ", found[2].strip())
        ):
            return ""
        whole = found[1].partition(": nobody")[0]
        if whole.startswith("'") and (":" in whole or whole.startswith("'- ")):
            return whole[1:-1].removeprefix("- ")
        return whole.removesuffix(".").removesuffix(",")


def read(said: str) -> Said:
    """Raises AssertionError for what is no line of the check."""
    found = _SAID.match(said)
    assert found, said
    return Said(found["file"], int(found["line"]), int(found["column"]), found["rest"])


@dataclass
class _Found:
    """A node, and the way to it: each node above with the key under which it stands."""

    node: yaml.Node
    key: bool
    above: list[tuple[yaml.Node, yaml.Node | None]]


def repaired(text: str, said: Said) -> str | None:
    """The text after the repair; None where the message proposes none."""
    write = said.repair
    if not write:
        return None
    try:
        tree = yaml.compose(text, yaml.SafeLoader)
    except yaml.YAMLError:
        return None  # what cannot be read has no places
    found = _find(tree, said.line - 1, said.column - 1, [])
    if found is None:
        return None
    if found.key:
        write = write.removesuffix(":")
        prefix = ".".join(entry.value for _, entry in found.above[:-1] if entry is not None).rpartition("if.")[2]
        write = write.removeprefix(f"{prefix}.") if prefix else write
    if " is missing. " in said.rest:
        at = found.node.start_mark
        return text[: at.index] + write + "\n" + " " * at.column + text[at.index :]
    start, end = _span(found, said)
    # A value over several lines ends where the next one begins: its line break stays.
    while end > start and text[end - 1] in "\n ":
        end -= 1
    return text[:start] + write + text[end:]


def _span(found: _Found, said: Said) -> tuple[int, int]:
    """From where to where the repair takes the place of what stands there."""
    write, (parent, key) = said.repair, found.above[-1] if found.above else (None, None)
    if not isinstance(parent, yaml.MappingNode) or key is None:
        return found.node.start_mark.index, found.node.end_mark.index
    if re.match(r"(not|any|all): ", write):
        for level in reversed(range(len(found.above))):
            mapping, entry = found.above[level]
            if isinstance(mapping, yaml.MappingNode) and entry is not None and _holds_conditions(found, level):
                return entry.start_mark.index, _behind(mapping, entry).end_mark.index
    if named := re.match(r"([\w.-]+): ", write):
        return _entry(found, parent, key, named[1])
    inside = re.match(r"\{(\w+): ", write)
    lone = len(parent.value) == 1 and found.key is (key.value not in OPERATORS)
    if said.rest.endswith(" alone") or (inside and (inside[1] in OPERATORS or lone) and (
        found.key or key.value in OPERATORS | {"to", "agent"}
    )):  # fmt: skip
        return parent.start_mark.index, parent.end_mark.index
    return found.node.start_mark.index, found.node.end_mark.index


def _entry(found: _Found, parent: yaml.MappingNode, key: yaml.Node, named: str) -> tuple[int, int]:
    """`key: value` takes the place of the entry with this key, or of the one at the place."""
    outer = found.above[-2] if len(found.above) > 1 else (None, None)
    if found.key and outer[1] is not None and outer[1].value == named and isinstance(outer[0], yaml.MappingNode):
        return outer[1].start_mark.index, _behind(outer[0], outer[1]).end_mark.index
    at = [known for known, _ in parent.value].index(key)
    first = parent.value[at - 1][0] if found.key and at and parent.value[at - 1][0].value == named else key
    return first.start_mark.index, _behind(parent, key).end_mark.index


def _behind(mapping: yaml.MappingNode, key: yaml.Node) -> yaml.Node:
    found: yaml.Node = next(value for known, value in mapping.value if known is key)
    return found


def _holds_conditions(found: _Found, level: int) -> bool:
    """Whether the mapping at this level is behind `if`, or a part of a group."""
    above = found.above[:level]
    keys = [entry.value for node, entry in above if entry is not None and isinstance(node, yaml.MappingNode)]
    return bool(keys) and keys[-1] in ("if", "all", "any", "not")


OPERATORS = frozenset(builtin_vocabulary().operators)


def _find(
    node: yaml.Node | None, line: int, column: int, above: list[tuple[yaml.Node, yaml.Node | None]]
) -> _Found | None:
    if node is None:
        return None
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if (key.start_mark.line, key.start_mark.column) == (line, column):
                return _Found(key, True, [*above, (node, key)])
            if inner := _find(value, line, column, [*above, (node, key)]):
                return inner
    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            if inner := _find(item, line, column, [*above, (node, None)]):
                return inner
    at = node.start_mark.line, node.start_mark.column
    return _Found(node, False, above) if at == (line, column) else None
