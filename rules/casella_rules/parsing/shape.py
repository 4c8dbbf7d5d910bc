"""Fits a part of a YAML tree into a pydantic model, and says every misfit with its place and in plain words.

The desk's own files, the arguments of actions and the settings of plugins all pass here, so that they fail alike.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from casella_rules.language.vocabulary import Names
from casella_rules.parsing.shape_hints import Location, example_hint, expected_hint, unknown_key_hint
from casella_rules.yaml.problems import Problem, did_you_mean, quoted
from casella_rules.yaml.source import Mapping, Node, Plain, Scalar, plain_value
from casella_rules.yaml.source import Sequence as SequenceNode

ModelT = TypeVar("ModelT", bound=BaseModel)

_QUOTED_OPTION = re.compile(r"'([^']*)'")


def fit(
    model: type[ModelT], node: Node, file: str, names: Names | None = None, *, plain: Plain = None
) -> tuple[ModelT | None, list[Problem]]:
    """The node as an instance of the model, or every reason why not. `plain`: the node's values, when already made."""
    try:
        return model.model_validate(plain_value(node) if plain is None else plain, context=names), []
    except ValidationError as error:
        return None, [problem_of(detail, model, node, file) for detail in error.errors(include_url=False)]


def problem_of(
    detail: ErrorDetails, model: type[BaseModel], node: Node, file: str, *, secrets: bool = False
) -> Problem:
    """One error of pydantic as a problem in a file. `secrets`: a value beside the mistake may be one."""
    loc = [part for part in detail["loc"] if part != "[key]"]
    at_key = detail["type"] in ("extra_forbidden",) or "[key]" in detail["loc"]
    where = place_of(node, loc, at_key=at_key)
    around = Mapping(0, 0, {}) if secrets else place_of(node, loc[:-1])
    message, hint = _sentence(detail, model, loc, find(node, loc), around)
    return Problem(file, where.line, where.column, message, hint)


def place_of(node: Node, loc: Location, *, at_key: bool = False) -> Node:
    """The node a location leads to, as far as it can be followed; with `at_key`, the key in front of it."""
    for position, part in enumerate(loc):
        if isinstance(node, Mapping) and str(part) in node.entries:
            key, value = node.entries[str(part)]
            if at_key and position == len(loc) - 1:
                return key
            # A value that is not there has no place worth pointing at; its key has.
            node = key if isinstance(value, Scalar) and value.plain and not value.text else value
        elif isinstance(node, SequenceNode) and isinstance(part, int) and part < len(node.items):
            node = node.items[part]
    return node


def find(node: Node, loc: Location) -> Node | None:
    """The node exactly at a location, or None; parts that are no part of the data (the tags of unions) are skipped."""
    for position, part in enumerate(loc):
        if isinstance(node, Mapping):
            found = node.get(str(part))
            if found is None and position == len(loc) - 1:
                return None
            node = found or node
        elif isinstance(node, SequenceNode) and isinstance(part, int) and part < len(node.items):
            node = node.items[part]
    return node


def _sentence(
    detail: ErrorDetails, model: type[BaseModel], loc: Location, node: Node | None, around: Node
) -> tuple[str, str]:
    kind, context = detail["type"], detail.get("ctx", {})
    name = str(loc[-1]) if loc else ""
    if kind == "casella":
        return str(context["message"]), str(context["hint"])
    if kind == "missing":
        return f"{quoted(name)} is missing", example_hint(model, loc)
    if kind == "extra_forbidden":
        return f"unknown key {quoted(name)}", unknown_key_hint(name, around, model, loc)
    if kind in ("literal_error", "enum"):
        options = _QUOTED_OPTION.findall(str(context.get("expected", "")))
        return f"{shown(node)} is not possible here", f"Write {_choice(options)}" if len(options) < 8 else did_you_mean(
            _text(node), options
        )
    if kind in ("bool_type", "bool_parsing"):
        return f"expected true or false, got {shown(node)}", flag_hint(node)
    if kind in _EXPECTED:
        return f"expected {_EXPECTED[kind]}, got {shown(node)}", expected_hint(kind, node, model, loc)
    if kind == "string_too_short" and context.get("min_length") == 1:
        return "this text is empty", ""
    if kind in _LIMITS:
        return _LIMITS[kind].format(value=shown(node), **context), ""
    said = str(context["error"]) if kind == "value_error" and "error" in context else detail["msg"]
    return said[:1].lower() + said[1:300], ""


def flag_hint(node: Node | None) -> str:
    """What to write where true or false belongs."""
    if isinstance(node, Mapping):
        return ""
    if isinstance(node, Scalar) and not node.plain and node.text.lower() in ("true", "false"):
        return f"Write {node.text.lower()}, without quotes"
    meant = _SAID.get(node.text.lower()) if isinstance(node, Scalar) else None
    if meant:
        return f"Write {meant}. Yes, no, on and off are texts here"
    return "It is true or false"


_SAID = {**dict.fromkeys(("yes", "on", "y", "1"), "true"), **dict.fromkeys(("no", "off", "n", "0"), "false")}


def shown(node: Node | None) -> str:
    """A value as a message quotes it."""
    match node:
        case Scalar(plain=True, text="") | None:
            return "nothing"
        case Scalar():
            return quoted(node.text)
        case SequenceNode():
            return "a list"
        case Mapping():
            return "a group of keys"


def _text(node: Node | None) -> str:
    return node.text if isinstance(node, Scalar) else ""


def _choice(options: Sequence[str]) -> str:
    return options[0] if len(options) == 1 else f"{', '.join(options[:-1])} or {options[-1]}"


_EXPECTED = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "list_type": "a list",
    "tuple_type": "a list",
    "set_type": "a list",
    "frozen_set_type": "a list",
    "dict_type": "keys with values (key: value)",
    "model_type": "keys with values (key: value)",
    "model_attributes_type": "keys with values (key: value)",
    "none_required": "nothing",
}
_LIMITS = {
    "greater_than": "{value} is too small; it must be more than {gt}",
    "greater_than_equal": "{value} is too small; the least is {ge}",
    "less_than": "{value} is too large; it must be less than {lt}",
    "less_than_equal": "{value} is too large; the most is {le}",
    "string_too_short": "{value} is too short; it needs at least {min_length} characters",
    "string_too_long": "{value} is too long; at most {max_length} characters fit",
    "too_short": "this list is too short; it needs at least {min_length}",
    "too_long": "this list is too long; at most {max_length} fit",
    "string_pattern_mismatch": "{value} is not written as it must be ({pattern})",
}
