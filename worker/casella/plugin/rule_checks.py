"""What of a plugin's additions to the rules cannot be taken in: asked by the host at start, by the kit in tests."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import get_args

from casella.plugin.events import clean_text
from casella.plugin.rules import (
    ActionArgument,
    FieldKind,
    RuleAction,
    RuleAdditions,
    RuleFact,
    RuleField,
    RuleStrategy,
)
from casella.plugin.version import contract_problem

MOST_SECONDS = 60.0
"""No action takes longer: a claim on it is held for two minutes."""
LONGEST_TEXT, MOST_NAMES = 4_096, 1_000
"""Of a field's value: it is stored with every decision that saw it."""
_NAME = re.compile(r"[a-z][a-z0-9_]{1,31}")
_PART = re.compile(r"[a-z][a-z0-9_]{0,31}")


def additions_problem(plugin: str, additions: object) -> str:
    """Why these cannot be the additions of the plugin whose entry point has this name; empty if they can."""
    return next(_problems(plugin, additions), "")


def _problems(plugin: str, additions: object) -> Iterator[str]:
    if not isinstance(additions, RuleAdditions):
        yield f"registers {type(additions).__name__} and no RuleAdditions"
        return
    if problem := contract_problem(additions.contract_version):
        yield problem
    if not _NAME.fullmatch(plugin):
        yield f"has the entry point {plugin!r:.40}; rules need a lower-case name such as 'acme'"
    if not (isinstance(additions.title, str) and additions.title.strip()):
        yield "has no title"
    for kind, type_, listed in (
        ("field", RuleField, additions.fields),
        ("action", RuleAction, additions.actions),
        ("strategy", RuleStrategy, additions.strategies),
    ):
        if not (isinstance(listed, tuple) and all(isinstance(one, type_) for one in listed)):
            yield f"brings, as a {kind}, something that is no {type_.__name__}"
            return
        yield from _name_problems(plugin, kind, [one.name for one in listed])
    yield from (problem for one in additions.fields for problem in _field_problems(one))
    yield from (problem for one in additions.actions for problem in _action_problems(one))
    yield from _said("strategy", [(one.name, one.description) for one in additions.strategies])


def _name_problems(plugin: str, kind: str, names: list[str]) -> Iterator[str]:
    for name in names:
        own, _, part = name.partition(".") if isinstance(name, str) else ("", "", "")
        if own != plugin or not _PART.fullmatch(part):
            yield f"has a {kind} {name!r:.60} that is not under its own name; call it for example '{plugin}.{kind}'"
        if names.count(name) > 1:
            yield f"brings the {kind} '{name}' twice"


def _said(kind: str, described: list[tuple[str, str]]) -> Iterator[str]:
    for name, description in described:
        if not (isinstance(description, str) and description.strip()):
            yield f"does not say what the {kind} '{name}' is"


def _field_problems(one: RuleField) -> Iterator[str]:
    if one.kind not in get_args(FieldKind):
        yield f"has the field '{one.name}' of an unknown kind {one.kind!r:.40}; kinds: {', '.join(get_args(FieldKind))}"
    if one.values and one.kind != "word":
        yield f"lists values of '{one.name}', which is no word"
    if not one.example.startswith(f"{one.name}:"):
        yield f"has an example of '{one.name}' that does not begin with '{one.name}:'"
    gather: object = one.gather
    if not callable(gather):
        yield f"has the field '{one.name}' without a way to gather it"
    yield from _said("field", [(one.name, one.description)])


def _action_problems(one: RuleAction[ActionArgument]) -> Iterator[str]:
    model: object = one.argument
    if not (isinstance(model, type) and issubclass(model, ActionArgument)):
        yield f"has the action '{one.name}' with an argument that is no casella.plugin.ActionArgument"
        return
    if model.model_config.get("extra") != "forbid" or not model.model_config.get("frozen"):
        yield f"has the action '{one.name}' with an argument that takes unknown keys or can be changed"
    if one.shorthand and one.shorthand not in model.model_fields:
        yield f"has the action '{one.name}' with a shorthand that is no field of its argument"
    if one.example != one.name and not one.example.startswith(f"{one.name}:"):
        yield f"has an example of '{one.name}' that does not begin with its name"
    if not (callable(one.run) and 0 < one.seconds <= MOST_SECONDS):
        yield f"has the action '{one.name}' without a way to run it within {MOST_SECONDS:g} seconds"
    yield from _said("action", [(one.name, one.description)])
    try:
        model.model_json_schema(by_alias=True)
    except Exception as error:  # noqa: BLE001 - the edge to a model that is not ours: editors need its schema
        yield f"has the action '{one.name}' with an argument that has no JSON Schema ({type(error).__name__})"


def sound_value(one: RuleField, value: object) -> RuleFact:
    """The value as it is stored, seconds for a duration. Raises ValueError for what is not of the field's kind."""
    if value is None:
        return None
    match one.kind, value:
        case "text" | "word", str():
            return _word(one, clean_text(value)[:LONGEST_TEXT])
        case "set", frozenset() if len(value) <= MOST_NAMES and all(isinstance(name, str) for name in value):
            return frozenset(clean_text(name)[:LONGEST_TEXT] for name in value if name)
        case "flag", bool():
            return value
        case "number", int() | float() if not isinstance(value, bool) and abs(value) < 1e15:
            return value
        case "duration", timedelta():
            return max(0, int(value.total_seconds()))
        case "date", date() if type(value) is date:
            return value
    raise ValueError(f"gave {type(value).__name__} for '{one.name}', which is a {one.kind}")


def _word(one: RuleField, value: str) -> str | None:
    if value and one.values and value not in one.values:
        raise ValueError(f"gave a value for '{one.name}' that is not among its values")
    return value or None
