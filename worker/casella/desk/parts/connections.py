"""A connection's settings: checked against the plugin's model without any secret, resolved when they are used."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import get_args, get_origin

from pydantic import BaseModel, SecretBytes, SecretStr, ValidationError

from casella.desk.files.secrets import FromOutside, SecretSource, Vault, holds_variable, source_of
from casella_rules.parsing.shape import find, problem_of
from casella_rules.parsing.shape_hints import Location
from casella_rules.yaml.problems import Problem
from casella_rules.yaml.source import Mapping as MappingNode
from casella_rules.yaml.source import Node, Plain, Scalar, Sequence, is_empty, plain_value

_SECRETS = (SecretStr, SecretBytes)
#: Stands in for a secret while the rest is checked. Misfits of the stand-in itself are not reported.
_STAND_IN = "stand-in"


class SettingsMistaken(FromOutside):
    """A connection's settings do not fit its plugin; correct them in desk.yaml."""

    code = "settings_mistaken"


def check_settings(node: Node, model: type[BaseModel], file: str) -> list[Problem]:
    """What is wrong with these settings, as far as it can be known without the secrets."""
    secrets = list(_literal_secrets(node, [model], file))
    told = {(problem.line, problem.column) for problem in secrets}
    problems = [*_half_references(node, file), *secrets]
    try:
        model.model_validate(_with_stand_ins(node))
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            problem = problem_of(detail, model, node, file, secrets=True)
            # What else is wrong with a written-out secret is not said: the message would quote it.
            unknown = detail["type"] == "extra_forbidden"
            if (unknown or not _about_reference(node, detail["loc"])) and (problem.line, problem.column) not in told:
                problems.append(problem)
    return problems


def resolve_settings(
    settings: Mapping[str, object], model: type[BaseModel], vault: Vault, connection: str
) -> BaseModel:
    """The settings with their secrets, as the plugin gets them. Raises SecretMissing or SettingsMistaken; neither
    says a value."""
    try:
        return model.model_validate(_resolved(dict(settings), vault))
    except ValidationError as error:
        fields = sorted({".".join(str(part) for part in detail["loc"]) for detail in error.errors(include_input=False)})
        raise SettingsMistaken(
            f"connection '{connection}': these settings do not fit: {', '.join(fields)}; see desk.yaml and the secrets"
        ) from None


def secret_sources(settings: object) -> Iterable[SecretSource]:
    """Every secret that settings refer to."""
    source = source_of(settings)
    if source:
        yield source
    elif isinstance(settings, dict | list):
        for inner in settings.values() if isinstance(settings, dict) else settings:
            yield from secret_sources(inner)


def _resolved(value: object, vault: Vault) -> object:
    source = source_of(value)
    if source:
        return vault.read(source)
    if isinstance(value, dict):
        return {key: _resolved(inner, vault) for key, inner in value.items()}
    return [_resolved(inner, vault) for inner in value] if isinstance(value, list) else value


def _is_reference(node: Node) -> bool:
    return source_of(plain_value(node)) is not None


def _with_stand_ins(node: Node) -> Plain:
    if _is_reference(node):
        return _STAND_IN
    if isinstance(node, MappingNode):
        return {name: _with_stand_ins(value) for name, (_, value) in node.entries.items()}
    return [_with_stand_ins(item) for item in node.items] if isinstance(node, Sequence) else plain_value(node)


def _about_reference(node: Node, loc: Location) -> bool:
    """Whether an error concerns a value that is known only later."""
    found = find(node, loc)
    return found is not None and found is not node and _is_reference(found)


def _half_references(node: Node, file: str) -> Iterable[Problem]:
    for scalar in _scalars(node):
        if holds_variable(scalar.text) and not _is_reference(scalar):
            yield Problem(
                file,
                scalar.line,
                scalar.column,
                "a variable must be the whole value",
                "Write ${NAME}, with letters, digits and _, and nothing around it",
            )


def _scalars(node: Node) -> Iterable[Scalar]:
    match node:
        case Scalar():
            yield node
        case Sequence():
            for item in node.items:
                yield from _scalars(item)
        case MappingNode():
            for _, value in node.entries.values():
                yield from _scalars(value)


def _literal_secrets(node: Node, annotations: Iterable[object], file: str) -> Iterable[Problem]:
    """Secrets written out, wherever the model says that something is a secret."""
    known = [inner for annotation in annotations for inner in _unfolded(annotation)]
    if isinstance(node, Scalar):
        if any(inner in _SECRETS for inner in known) and not is_empty(node) and not holds_variable(node.text):
            hint = "Write ${NAME_OF_A_VARIABLE} or {file: …}, and change the secret: it has been seen"
            yield Problem(file, node.line, node.column, "a secret never stands in the desk", hint)
        return
    if _is_reference(node):
        return
    if isinstance(node, Sequence):
        for item in node.items:
            yield from _literal_secrets(item, [arg for inner in known for arg in get_args(inner)], file)
        return
    for name, (_, value) in node.entries.items():
        yield from _literal_secrets(value, list(_under(name, known)), file)


def _unfolded(annotation: object) -> Iterable[object]:
    """An annotation, and the alternatives of a union or an Annotated, flat."""
    yield annotation
    if get_origin(annotation) not in (dict, list, tuple, set, frozenset):
        for inner in get_args(annotation):
            yield from _unfolded(inner)


def _under(name: str, known: Iterable[object]) -> Iterable[object]:
    for annotation in known:
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            for field_name, field in annotation.model_fields.items():
                if name in (field_name, field.alias):
                    yield field.annotation
                elif field_name == "root":  # a root model is what it holds
                    yield from _under(name, _unfolded(field.annotation))
        elif get_origin(annotation) is dict:
            yield get_args(annotation)[1]
