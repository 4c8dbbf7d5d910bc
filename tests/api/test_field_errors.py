"""What is wrong with a field is said in the reader's language: every kind that pydantic can find in what the API takes,
and every sentence of our own validators."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

import casella.api
from casella.api.application import OF_EVERYBODY, OF_MEMBERS
from casella.texts.field_errors import ITALIAN_FIELD_ERRORS, OWN, field_error, in_italian
from tests.api.conftest import Cast

#: What validating by a schema of this type can find wrong.
KINDS: dict[str, tuple[str, ...]] = {
    "str": ("string_type", "string_unicode"), "constrained-str": ("string_type",),
    "int": ("int_type", "int_parsing", "int_from_float", "int_parsing_size"),
    "float": ("float_type", "float_parsing", "finite_number"),
    "decimal": ("decimal_type", "decimal_parsing"),
    "bool": ("bool_type", "bool_parsing"),
    "literal": ("literal_error",), "enum": ("enum",), "none": ("none_required",),
    "list": ("list_type",), "tuple": ("tuple_type", "missing"), "set": ("set_type",), "frozenset": ("frozen_set_type",),
    "dict": ("dict_type",), "model": ("model_type", "model_attributes_type"),
    "model-fields": ("model_attributes_type", "missing", "extra_forbidden", "invalid_key"),
    "dataclass": ("dataclass_type",), "dataclass-args": ("missing",),
    "date": ("date_type", "date_parsing", "date_from_datetime_parsing", "date_from_datetime_inexact"),
    "datetime": ("datetime_type", "datetime_parsing", "datetime_from_date_parsing", "datetime_object_invalid"),
    "time": ("time_type", "time_parsing"), "timedelta": ("time_delta_type", "time_delta_parsing"),
    "uuid": ("uuid_type", "uuid_parsing"),
    "url": ("url_type", "url_parsing", "url_syntax_violation", "url_scheme"),
    "bytes": ("bytes_type", "bytes_invalid_encoding"), "json": ("json_type", "json_invalid"),
    "tagged-union": ("union_tag_invalid", "union_tag_not_found"),
}  # fmt: skip
#: Schemas that find nothing wrong themselves, or say so in our own words.
QUIET = frozenset(
    {
        *("any", "nullable", "union", "default", "definitions", "definition-ref", "model-field", "dataclass-field"),
        *("function-after", "function-before", "function-wrap", "function-plain", "chain", "json-or-python"),
        *(
            "no-info",
            "with-info",
            "field",
            "lax-or-strict",
            "is-instance",
            "custom-error",
            "computed-field",
            "serialization",
            "missing-sentinel",
        ),
    }
)
LIMITS = {
    "ge": "greater_than_equal", "gt": "greater_than", "le": "less_than_equal", "lt": "less_than",
    "multiple_of": "multiple_of", "pattern": "string_pattern_mismatch",
}  # fmt: skip


def _schemas(node: Any, seen: set[int]) -> Iterator[dict[str, Any]]:
    if id(node) in seen:
        return
    seen.add(id(node))
    if isinstance(node, dict):
        if isinstance(node.get("type"), str) and node["type"] != "serialization":
            yield node
        for name, value in node.items():
            if name not in ("serialization", "metadata", "default", "config", "expected"):
                yield from _schemas(value, seen)
    elif isinstance(node, list | tuple):
        for value in node:
            yield from _schemas(value, seen)


def _kinds(schema: dict[str, Any]) -> Iterator[str]:
    kind = schema["type"]
    assert kind in KINDS or kind in QUIET or kind.startswith(("function-", "to-", "format", "simple", "include")), kind
    yield from KINDS.get(kind, ())
    yield from (error for limit, error in LIMITS.items() if schema.get(limit) is not None)
    for limit in ("min_length", "max_length"):
        if schema.get(limit) is not None:
            what = {"str": "string_", "bytes": "bytes_", "url": "url_"}.get(kind, "")
            yield f"{what}{'too_short' if limit == 'min_length' else 'too_long'}"
    if schema.get("tz_constraint") is not None:
        yield "timezone_aware"


def _taken(route: APIRoute) -> Iterator[Any]:
    """The types of everything that a path takes."""
    waiting = [route.dependant]
    while waiting:
        one = waiting.pop()
        waiting += one.dependencies
        for field in (*one.body_params, *one.query_params, *one.path_params, *one.header_params, *one.cookie_params):
            yield TypeAdapter(field.field_info.annotation or object).core_schema


def test_every_kind_of_error_that_the_api_can_find_has_its_sentence() -> None:
    seen: set[int] = set()
    routes = [one for room in (*OF_EVERYBODY, *OF_MEMBERS) for one in room.router.routes if isinstance(one, APIRoute)]
    assert len(routes) > 100
    kept = [schema for route in routes for schema in _taken(route)]
    found = {kind for schema in kept for one in _schemas(schema, seen) for kind in _kinds(one)}
    assert {"missing", "extra_forbidden", "string_type", "literal_error", "int_parsing"} <= found
    assert found - ITALIAN_FIELD_ERRORS.keys() == set()


class _Everything(BaseModel):
    model_config = ConfigDict(extra="forbid")

    a: int = 0
    b: str = ""


@pytest.mark.parametrize(
    ("kind", "parameters", "said"),
    [
        ("extra_forbidden", {}, "Questo campo non esiste."),
        ("string_too_long", {"max_length": 5}, "Sono ammessi al massimo 5 caratteri."),
        ("literal_error", {"expected": "'a' or 'b'"}, "Valori possibili: 'a' o 'b'."),
        ("too_short", {"field_type": "List", "min_length": 1, "actual_length": 0}, "Servono almeno 1 elementi."),
        ("greater_than_equal", {"ge": 3}, "Deve essere almeno 3."),
        ("string_too_long", {}, None),
        ("nobody_knows_it", {}, None),
    ],
)
def test_a_sentence_has_its_parameters(kind: str, parameters: dict[str, object], said: str | None) -> None:
    assert in_italian(kind, parameters) == said


def test_pydantic_gives_the_parameters_that_the_sentences_name() -> None:
    with pytest.raises(ValidationError) as raised:
        _Everything.model_validate({"a": "x", "b": 5, "c": 1})
    for error in raised.value.errors():
        text = in_italian(error["type"], error.get("ctx", {}))
        assert text is not None
        assert "{" not in text


def test_an_italian_reads_italian(lite_cast: Cast) -> None:
    body = {"email": "ann@casella.test", "password": ["x"], "more": 1}
    answer = lite_cast.client().post("/api/v1/session", json=body, headers={"Accept-Language": "it"})
    texts = {one["loc"][-1]: one["text"] for one in answer.json()["errors"]}
    assert texts == {"password": "Serve un testo.", "more": "Questo campo non esiste."}


def test_our_own_validators_have_their_sentence_too() -> None:
    raised = {
        node.exc.args[0].value
        for file in Path(casella.api.__path__[0]).rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and ast.unparse(node.exc.func) == "ValueError"
        and node.exc.args and isinstance(node.exc.args[0], ast.Constant)
    }  # fmt: skip
    assert raised == OWN.keys()
    assert field_error("say either a key or a phrase", "it") == "Indicare una chiave oppure una frase."
    assert field_error("say either a key or a phrase", "en") == "say either a key or a phrase"
