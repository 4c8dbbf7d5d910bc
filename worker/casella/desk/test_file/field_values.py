"""What a test says that plugins' fields are: no plugin is asked while a desk is tested."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from casella_rules import FactValue, FieldSpec, ValueType, Vocabulary
from casella_rules.language.durations import seconds_of
from casella_rules.yaml.problems import name_hint, quoted

Given = str | int | float | bool | list[str] | None


def given_facts(vocabulary: Vocabulary, given: Mapping[str, Given]) -> dict[str, FactValue]:
    """The facts of a test whose fields were checked when it was read."""
    return {name: fact_of(vocabulary.fields[name], value) for name, value in given.items()}


def fact_problem(spec: FieldSpec, value: Given) -> tuple[str, str] | None:
    """Why a field cannot be this, and what to write; None when it can."""
    try:
        fact_of(spec, value)
    except ValueError:
        return f"{quoted(spec.name)} takes {_EXPECTED[spec.value]}, got {quoted(str(value))}", ""
    if spec.values and value is not None and value not in spec.values:
        hint = name_hint("Values", str(value), spec.values)
        return f"{quoted(str(value))} is never a value of {quoted(spec.name)}", hint
    return None


def fact_of(spec: FieldSpec, value: Given) -> FactValue:
    """The value as rules see it. Raises ValueError for one of another type."""
    match spec.value, value:
        case _, None:
            return None
        case ValueType.TEXT | ValueType.WORD, str():
            return value
        case ValueType.SET, list():
            return frozenset(value)
        case ValueType.FLAG, bool():
            return value
        case ValueType.NUMBER, int() | float() if not isinstance(value, bool):
            return value
        case ValueType.DURATION, str() if (seconds := seconds_of(value)) is not None:
            return seconds
        case ValueType.DATE, str():
            return date.fromisoformat(value)
    raise ValueError(spec.name)


_EXPECTED = {
    ValueType.TEXT: "a text",
    ValueType.WORD: "a name",
    ValueType.SET: "a list of names",
    ValueType.NUMBER: "a number",
    ValueType.FLAG: "true or false",
    ValueType.DURATION: "a duration such as 1h30m",
    ValueType.DATE: "a date such as 2026-12-24",
}
