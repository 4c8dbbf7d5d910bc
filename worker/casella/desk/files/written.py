"""What desk.yaml calls its things, by the keys as written: a team with a mistake in it still is a team.

What could not be read is unknown, not absent: a slip in one place must not make every name a mistake elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from casella_rules import FieldSpec, attribute_field
from casella_rules.language.attributes import ATTRIBUTE_TYPES
from casella_rules.yaml.problems import nearest
from casella_rules.yaml.source import Mapping as MappingNode
from casella_rules.yaml.source import Node, Reading, Scalar, Sequence

#: The section of desk.yaml in which each kind of name stands.
SECTIONS: Mapping[str, str] = {
    "inbox": "inboxes",
    "connection": "connections",
    "channel": "channels",
    "team": "teams",
    "agent": "agents",
    "hours": "hours",
    "attribute": "attributes",
    "webhook": "webhooks",
    "survey": "surveys",
}
_LISTS: Mapping[str, str] = {"tag": "tags", "locale": "locales"}
_FALLBACK = {"locale": ["en"]}


def written_names(read: Reading) -> dict[str, frozenset[str]]:
    """The names of each kind, without the kinds of which some may not have been read."""
    mistaken = _meant_sections(read.tree)
    known = {
        kind: frozenset(keys_of(read.tree, section))
        for kind, section in SECTIONS.items()
        if _was_read(read, section, MappingNode, mistaken)
    }
    lists = {
        kind: frozenset(listed(read.tree, section) or _FALLBACK.get(kind, []))
        for kind, section in _LISTS.items()
        if _was_read(read, section, Sequence, mistaken)
    }
    return known | lists


def _was_read(read: Reading, section: str, kind: type, mistaken: frozenset[str]) -> bool:
    if not isinstance(read.tree, MappingNode) or not read.knows(section) or section in mistaken:
        return False
    node = read.tree.get(section)
    return node is None or isinstance(node, kind)


def _meant_sections(tree: Node | None) -> frozenset[str]:
    """The sections that misspelt keys stand for: `team:` instead of `teams:` holds teams all the same."""
    sections = [*SECTIONS.values(), *_LISTS.values()]
    unknown = [key for key in tree.entries if key not in sections] if isinstance(tree, MappingNode) else []
    return frozenset(near for key in unknown[:_FEW] if (near := nearest(key, sections)))


_FEW = 20


def first_locale(read: Reading) -> list[str]:
    """The locales as written, the fallback first; none when they are not known."""
    return list(listed(read.tree, "locales")) or ["en"] if "locale" in written_names(read) else []


def keys_of(tree: Node | None, section: str) -> list[str]:
    """The keys below one at the top."""
    node = tree.get(section) if isinstance(tree, MappingNode) else None
    return list(node.entries) if isinstance(node, MappingNode) else []


def listed(tree: Node | None, section: str) -> list[str]:
    """The words of a list behind a key."""
    node = tree.get(section) if isinstance(tree, MappingNode) else None
    items = node.items if isinstance(node, Sequence) else []
    return [item.text for item in items if isinstance(item, Scalar)]


def written_types(tree: Node | None) -> Iterable[str]:
    """The channel types that the connections name."""
    node = tree.get("connections") if isinstance(tree, MappingNode) else None
    for _, connection in node.entries.values() if isinstance(node, MappingNode) else ():
        channel_type = connection.get("type") if isinstance(connection, MappingNode) else None
        if isinstance(channel_type, Scalar):
            yield channel_type.text


def written_attributes(tree: Node | None) -> dict[str, FieldSpec]:
    """The contacts' own attributes as written, mistakes and all: one with an unknown type is a word."""
    section = tree.get("attributes") if isinstance(tree, MappingNode) else None
    found = {}
    for key, (_, node) in section.entries.items() if isinstance(section, MappingNode) else ():
        kind = node.get("type") if isinstance(node, MappingNode) else None
        known = kind.text if isinstance(kind, Scalar) and kind.text in ATTRIBUTE_TYPES else "word"
        found[key] = attribute_field(key, known, _described(node), tuple(listed(node, "values")))
    return found


def _described(node: Node) -> str:
    written = node.get("description") if isinstance(node, MappingNode) else None
    return written.text if isinstance(written, Scalar) else ""
