"""What to write where a part of a YAML tree does not fit its model: the line itself, as far as it can be known."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Literal, get_args, get_origin

from pydantic import BaseModel, RootModel
from pydantic.fields import FieldInfo

from casella_rules.yaml.problems import QUOTED_CHARACTERS, did_you_mean, name_hint, quoted
from casella_rules.yaml.source import Mapping, Node, Scalar, is_empty
from casella_rules.yaml.source import Sequence as SequenceNode

Location = Sequence[int | str]

_PLAIN = re.compile(r"[A-Za-z_][\w .@/?!'-]*|[0-9]{1,2}:[0-9]{2}[0-9:, -]*|[0-9]{1,4}[smhdw]")
_TEXT = "Numbers, true and false need quotes to be text"


def expected_hint(kind: str, node: Node | None, model: type[BaseModel], loc: Location) -> str:
    """How to write what was expected, out of what is there."""
    match kind, node:
        case (("tuple_type" | "list_type" | "set_type" | "frozen_set_type"), Scalar()) if not is_empty(node):
            return f"Write [{node.text}]" if len(node.text) <= QUOTED_CHARACTERS else ""
        case (("model_type" | "model_attributes_type"), _) if _of_the_key_above(model, loc, node):
            return f"Move {quoted(str(loc[-1]))} two columns to the right, below the key above it"
        case (("model_type" | "model_attributes_type"), Scalar()) if not is_empty(node):
            needed = _only_needed(model, loc)
            return f"Write {{{needed}: {node.text}}}" if needed else example_hint(model, loc)
        case (("int_type" | "float_type"), Scalar(plain=False, text=text)) if text.isdecimal():
            return f"Write {text}, without quotes"
        case "string_type", Scalar() if not is_empty(node):
            return _TEXT
        case "string_type", SequenceNode(items=[Scalar(text=text)]):
            return f"Write {text}, without brackets"
    return example_hint(model, loc)


def _of_the_key_above(model: type[BaseModel], loc: Location, node: Node | None) -> bool:
    """Whether a key that should name an entry (a team, an agent) is what one has: it stands beside its entry."""
    if not loc or node is None or is_empty(node):
        return False
    infos = [info for one in models_at(model, loc[:-1]) for name, info in _infos(one) if name == loc[-1]]
    return bool(infos) and not any(_models(info.annotation) for info in infos)


def unknown_key_hint(name: str, node: Node, model: type[BaseModel], loc: Location) -> str:
    """The nearest key; or what was meant by a key without a value, which a comma has made of a part of a text."""
    keys = keys_at(model, loc[:-1])
    if not keys:
        return "Nothing belongs here"
    return _behind_a_comma(name, node, keys) or _too_far_left(name, node, keys) or name_hint("Keys", name, keys)


def _behind_a_comma(name: str, node: Node, keys: Sequence[str]) -> str:
    entries = list(node.entries.values()) if isinstance(node, Mapping) else []
    at = next((number for number, (key, _) in enumerate(entries) if key.text == name), 0)
    if not at or not is_empty(entries[at][1]) or entries[at][0].line != entries[at - 1][0].line:
        return ""
    key, value = entries[at - 1]
    if not isinstance(value, Scalar) or key.text not in keys or len(value.text) + len(name) > 2 * QUOTED_CHARACTERS:
        return ""
    if " " in name or " " in value.text:
        whole = json.dumps(f"{value.text}, {name}", ensure_ascii=False)
        return f"Text with a comma needs quotes: write {key.text}: {whole}"
    return f"Several values stand in brackets: write {key.text}: [{value.text}, {name}]"


_STRANGERS = 50  # so many are looked through; a desk has no hundred inboxes


def _too_far_left(name: str, node: Node, keys: Sequence[str]) -> str:
    """Whose it is: that of the key above it which has nothing below it, if only strangers stand between the two. The
    first of them must look like no key, so that a slip of the pen stays one."""
    entries = list(node.entries.values()) if isinstance(node, Mapping) else []
    at = next((number for number, (key, _) in enumerate(entries) if key.text == name), 0)
    for number in range(at - 1, max(-1, at - _STRANGERS), -1):
        key, value = entries[number]
        if key.text in keys:
            below = is_empty(value) and key.line != entries[at][0].line
            strange = not did_you_mean(entries[number + 1][0].text, keys)
            return (
                f"Move {quoted(name)} two columns to the right, below {quoted(key.text)}" if below and strange else ""
            )
    return ""


def _only_needed(model: type[BaseModel], loc: Location) -> str:
    """The key that a mapping must have, when it is one."""
    models = models_at(model, loc)
    needed = [field.alias or name for name, field in models[0].model_fields.items() if field.is_required()]
    return needed[0] if len(models) == 1 and len(needed) == 1 else ""


def example_hint(model: type[BaseModel], loc: Location) -> str:
    """`Write for example 'week: {monday-friday: 09:00-18:00}'`, from the field's own description."""
    if not loc or isinstance(loc[-1], int):
        return ""
    field = next((info for one in models_at(model, loc[:-1]) for name, info in _infos(one) if name == loc[-1]), None)
    written = flow(field.examples[0]) if field is not None and field.examples and field.examples[0] else ""
    return f"Write for example {quoted(f'{loc[-1]}: {written}')}" if written else ""


def flow(value: object) -> str:
    """A value as YAML on one line."""
    match value:
        case str():
            return value if _PLAIN.fullmatch(value) else json.dumps(value, ensure_ascii=False)
        case list() | tuple():
            return f"[{', '.join(map(flow, value))}]"
        case dict():
            return f"{{{', '.join(f'{key}: {flow(inner)}' for key, inner in value.items())}}}"
    return json.dumps(value, default=str)


def keys_at(model: type[BaseModel], loc: Location) -> list[str]:
    """The keys that the model allows at a location."""
    return sorted({name for one in models_at(model, loc) for name, _ in _infos(one)})


def models_at(model: type[BaseModel], loc: Location) -> list[type[BaseModel]]:
    """The models that may stand at a location."""
    models = _models(model)
    for part in loc:
        models = [
            inner
            for outer in models
            for name, info in _infos(outer)
            if name == part
            for inner in _models(info.annotation)
        ] or [outer for outer in models if _has_tag(outer, part)] or models  # fmt: skip
    return models


def _models(annotation: object) -> list[type[BaseModel]]:
    """The models an annotation is made of: itself, the alternatives of a union, the values of a mapping."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        root = annotation.model_fields.get("root")  # a root model is what it holds
        return _models(root.annotation) if root and issubclass(annotation, RootModel) else [annotation]
    return [model for inner in get_args(annotation) for model in _models(inner)]


def _infos(model: type[BaseModel]) -> list[tuple[str, FieldInfo]]:
    return [(field.alias or name, field) for name, field in model.model_fields.items()]


def _has_tag(model: type[BaseModel], part: int | str) -> bool:
    """Whether this is the alternative of a union that the tag stands for."""
    return any(
        get_origin(info.annotation) is Literal and part in get_args(info.annotation) for _, info in _infos(model)
    )
