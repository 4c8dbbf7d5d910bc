"""Contacts' own attributes: a desk says which there are and of which type, rules ask for them and set them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Literal

from casella_rules.language.vocabulary import FieldSpec, ValueType
from casella_rules.yaml.problems import name_hint, quoted

AttributeType = Literal["text", "word", "number", "flag", "date"]
AttributeValue = str | int | float | bool | None

#: What an attribute may be. Sets and durations are not written by hand.
ATTRIBUTE_TYPES: Mapping[str, ValueType] = {
    "text": ValueType.TEXT,
    "word": ValueType.WORD,
    "number": ValueType.NUMBER,
    "flag": ValueType.FLAG,
    "date": ValueType.DATE,
}


def attribute_field(key: str, kind: str, description: str = "", values: tuple[str, ...] = ()) -> FieldSpec:
    """The field under which rules ask for an attribute."""
    value = ATTRIBUTE_TYPES[kind]
    name = f"contact.custom.{key}"
    return FieldSpec(name, value, description or f"The contact's {key}.", f"{name}: {_example(value, values)}",
                     values=values)  # fmt: skip


def value_problem(field: FieldSpec, value: AttributeValue) -> tuple[str, str] | None:
    """Why an attribute cannot have this value, and what to write; None when it can."""
    name = field.name.removeprefix("contact.custom.")
    if field.values and value not in field.values:
        return f"{quoted(str(value))} is never a value of '{name}'", name_hint("Values", str(value), field.values)
    if not _fits(field.value, value):
        return f"'{name}' takes {_ARTICLE[field.value]}, got {quoted(str(value))}", ""
    return None


def _fits(kind: ValueType, value: AttributeValue) -> bool:
    match kind:
        case ValueType.NUMBER:
            return isinstance(value, int | float) and not isinstance(value, bool)
        case ValueType.FLAG:
            return isinstance(value, bool)
        case ValueType.DATE:
            return isinstance(value, str) and _is_date(value)
        case _:
            return isinstance(value, str)


def _is_date(written: str) -> bool:
    try:
        date.fromisoformat(written)
    except ValueError:
        return False
    return True


def _example(value: ValueType, values: tuple[str, ...]) -> str:
    return values[0] if values else _EXAMPLES[value]


_EXAMPLES = {
    ValueType.TEXT: "{contains: gold}",
    ValueType.WORD: "gold",
    ValueType.NUMBER: "{gte: 10}",
    ValueType.FLAG: "true",
    ValueType.DATE: "{lt: 2027-01-01}",
}
_ARTICLE = {
    ValueType.TEXT: "a text",
    ValueType.WORD: "a name",
    ValueType.NUMBER: "a number",
    ValueType.FLAG: "true or false",
    ValueType.DATE: "a date such as 2026-12-24",
}
