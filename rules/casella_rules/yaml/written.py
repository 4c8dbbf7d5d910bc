"""A part of a tree as it may be written on one line."""

from __future__ import annotations

import json

from casella_rules.yaml.problems import QUOTED_CHARACTERS
from casella_rules.yaml.tree import Mapping, Node, Scalar, Sequence


def as_written(node: Node) -> str:
    """The value on one line, in brackets where it has parts; `…` where it is too long to be repeated."""
    text = _flow(node, 0)
    return text if len(text) <= 2 * QUOTED_CHARACTERS else "…"


def both_hold(key: Scalar, first: Node, second: Node) -> str:
    """What to write for a group that stands twice behind one `if`; empty for what is no group."""
    if key.text not in ("all", "any", "not") or isinstance(first, Scalar) or isinstance(second, Scalar):
        return ""
    both = ", ".join(f"{{{key.text}: {as_written(node)}}}" for node in (first, second))
    return f"Both must hold: write 'all: [{both}]'"


def _flow(node: Node, depth: int) -> str:
    if depth > _DEEPEST:
        return "…"
    match node:
        case Scalar():
            return _scalar(node)
        case Sequence():
            return f"[{', '.join(_flow(item, depth + 1) for item in node.items)}]"
        case Mapping():
            entries = (f"{key.text}: {_flow(value, depth + 1)}" for key, value in node.entries.values())
            return f"{{{', '.join(entries)}}}"


def _scalar(node: Scalar) -> str:
    """Without quotes only where it had none and needs none between brackets."""
    if node.plain and not any(sign in node.text for sign in ",[]{}"):
        return node.text
    return json.dumps(node.text, ensure_ascii=False)


_DEEPEST = 4
