"""Every kind of event that the source can tell, read from the source: a new one is found without being added here."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TypeGuard

import casella

_KIND = re.compile(r"[a-z]+(\.[a-z_]+)?")
_EVENTS = {"FeedEvent": 0, "ConversationEvent": 0}  # where the kind stands among what they are made of


def kinds_in_source() -> dict[str, str]:
    """Where each kind is told: `FeedEvent("kind", …)`, or a call of a function that passes its parameter on as one.
    Raises AssertionError for a kind that is worked out, which nobody could prove to be told only to the right ones."""
    texts = {path: path.read_text() for path in Path(casella.__path__[0]).rglob("*.py")}
    trees = {
        path: ast.parse(text) for path, text in texts.items() if any(f"{name}(" in text for name in (*_EVENTS, "tell"))
    }
    made = {path: list(_calls(tree, _EVENTS)) for path, tree in trees.items()}
    tellers = {teller: place for calls in made.values() for _, _, _, (teller, place) in calls if teller}
    found: dict[str, str] = {}
    for path, tree in trees.items():
        for name, value, line, (teller, _) in _calls(tree, {**_EVENTS, **tellers}):
            where = f"{path.name}:{line}"
            values = [each.value for each in ast.walk(value) if isinstance(each, ast.Constant)]
            told = [each for each in values if isinstance(each, str) and _KIND.fullmatch(each)]
            if name in _EVENTS and not told and not teller and not _is_constant(value):
                raise AssertionError(f"{where} works out the kind of an event: name each in a FeedEvent of its own.")
            found |= {kind: where for kind in told if name in _EVENTS or "." in kind}
    return found | _constants(trees)


def _calls(tree: ast.Module, wanted: dict[str, int]) -> Iterator[tuple[str, ast.expr, int, tuple[str, int]]]:
    """Calls of these names: the name, what is given as the kind, the line, and the function around it with the place
    of its own parameter, if that is what is given."""
    for outer in ast.walk(tree):
        if not isinstance(outer, ast.FunctionDef):
            continue
        names = [each.arg for each in outer.args.args if each.arg != "self"]
        for call in ast.walk(outer):
            if isinstance(call, ast.Call) and (name := _name(call.func)) in wanted and len(call.args) > wanted[name]:
                value = call.args[wanted[name]]
                parameter = value.id if isinstance(value, ast.Name) else ""
                teller = (outer.name, names.index(parameter)) if parameter in names else ("", 0)
                yield name, value, call.lineno, teller


def _name(function: ast.expr) -> str:
    return (
        function.attr if isinstance(function, ast.Attribute) else function.id if isinstance(function, ast.Name) else ""
    )


def _is_constant(value: ast.expr) -> TypeGuard[ast.Name]:
    return isinstance(value, ast.Name) and value.id.isupper()


def _constants(trees: dict[Path, ast.Module]) -> dict[str, str]:
    """Kinds that are given by the name of a constant."""
    given = {value.id for tree in trees.values() for _, value, _, _ in _calls(tree, _EVENTS) if _is_constant(value)}
    return {
        node.value.value: f"{path.name}:{node.lineno}"
        for path, tree in trees.items()
        for node in tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
        and {each.id for each in node.targets if isinstance(each, ast.Name)} & given
    }
