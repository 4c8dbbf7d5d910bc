"""Reads what stands behind an operator into an operand, or says why it cannot be one."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date

from casella_rules.engine.patterns import PatternError
from casella_rules.language.durations import Span, how_written, seconds_of
from casella_rules.language.model import OperandValue
from casella_rules.language.open_time import NoSpan, read_span
from casella_rules.language.text import collapsed
from casella_rules.language.vocabulary import CODES, FieldSpec, Names, OperatorSpec, Takes, ValueType
from casella_rules.language.written_dates import date_mistake
from casella_rules.parsing.pattern_checks import PatternTooLarge, TooManyPatterns, check_pattern
from casella_rules.parsing.pattern_reach import can_be_found
from casella_rules.parsing.range_hints import turned_round
from casella_rules.parsing.shape import flag_hint, shown
from casella_rules.yaml.problems import name_hint, quoted
from casella_rules.yaml.source import Node, Scalar, is_empty, scalar_value
from casella_rules.yaml.source import Sequence as SequenceNode
from casella_rules.yaml.written import as_written

#: More values than this behind one operator belong into a tag or a list elsewhere.
MAX_VALUES = 1_000

#: How people write that there is none.
NOBODY = frozenset({"none", "nobody", "nothing", "null", "unassigned", "no one", "empty", "-"})

_NUMBER = re.compile(r"[-+]?[0-9]{1,15}(?:\.[0-9]{1,6})?")


class BadValueError(ValueError):
    """A value that cannot stand here: where, what is wrong with it, and what to write."""

    def __init__(self, node: Node, message: str, hint: str = "") -> None:
        self.node = node
        self.message = message
        self.hint = hint
        super().__init__(message)


def operand_of(node: Node, field: FieldSpec, operator: OperatorSpec, names: Names) -> tuple[OperandValue, ...]:
    """The operand of one comparison. Raises BadValueError for the first value that cannot be one."""
    if operator.takes is Takes.FLAG:
        return (_flag(node),)
    operand = tuple(value_of(item, field, operator, names) for item in _items(node, operator))
    if operator.takes is Takes.PAIR and not operand[0] <= operand[1]:  # type: ignore[operator]  # both of the field's type
        raise BadValueError(
            node, "this can never match: the first value is above the second", turned_round(field, *operand)
        )
    return operand


def value_of(node: Node, field: FieldSpec, operator: OperatorSpec, names: Names) -> OperandValue:
    """One value, of the field's type."""
    if not isinstance(node, Scalar):
        raise BadValueError(node, f"expected {_EXPECTED[field.value]}, got {shown(node)}")
    match field.value:
        case ValueType.TEXT:
            return _text(node, operator)
        case ValueType.WORD | ValueType.SET:
            return _name(node, field, operator, names)
        case ValueType.NUMBER:
            return _number(node)
        case ValueType.DURATION:
            return _duration(node, field, names)
        case ValueType.DATE:
            return _date(node)
        case ValueType.FLAG:
            return _flag(node)


def _items(node: Node, operator: OperatorSpec) -> Sequence[Node]:
    if is_empty(node):
        null = isinstance(node, Scalar) and node.text
        hint = _none_at_all(operator, "none") if null else f"Write for example '{operator.example}'"
        raise BadValueError(node, f"'{operator.name}' has no value", hint)
    listed = node.items if isinstance(node, SequenceNode) else None
    if operator.takes is Takes.PAIR:
        if listed is None or len(listed) != 2:
            raise BadValueError(
                node, f"'{operator.name}' takes {operator.takes}", f"Write for example '{operator.example}'"
            )
        return listed
    if listed is None:
        return [node]
    if operator.takes is Takes.ONE:
        several = _MANY_INSTEAD.get(operator.name, "")
        hint = f"{several}: write {{{several.rpartition(' ')[2]}: {as_written(node)}}}"
        if not several:
            hint = "One of several is has_any, all of them is has_all" if operator.name == "has" else ""
        raise BadValueError(node, f"'{operator.name}' takes one value, not a list", hint)
    if not listed:
        raise BadValueError(node, "this can never match: the list is empty")
    if len(listed) > MAX_VALUES:
        raise BadValueError(node, f"this list has more than {MAX_VALUES:,} values")
    return listed


def _text(node: Scalar, operator: OperatorSpec) -> str:
    if not node.text.strip():
        raise BadValueError(node, "this can never match: the text is empty", _none_at_all(operator, "no text"))
    if operator.name == "matches":
        _check_pattern(node)
    if operator.name in _EDGES:
        edge, without = _EDGES[operator.name]
        if (trimmed := without(node.text)) != node.text:
            ignored = f"this can never match: white space at the {edge} of a text is ignored"
            raise BadValueError(node, ignored, f"Write {quoted(trimmed)}")
    return collapsed(node.text) if operator.name == "contains_word" else node.text


def _check_pattern(node: Scalar) -> None:
    try:
        check_pattern(node.text)
    except PatternTooLarge:
        raise BadValueError(
            node,
            f"the pattern {quoted(node.text)} is too large to be searched quickly",
            "Repeat less, or write + for any number of times",
        ) from None
    except TooManyPatterns:
        raise BadValueError(
            node,
            f"with {quoted(node.text)} the desk's patterns are too large to be searched quickly",
            "Make them simpler: '.{0,300}' and the like cost most, '.*' costs little",
        ) from None
    except PatternError as error:
        raise BadValueError(
            node,
            f"{quoted(node.text)} is not a regular expression: {error}",
            "Patterns are RE2: no look-around, no back-references",
        ) from None
    if not can_be_found(node.text):
        raise BadValueError(
            node,
            f"this can never match: in {quoted(node.text)} something is before a text's beginning or behind its end",
            "'^' means the beginning and '$' the end; write '\\^' and '\\$' for the signs themselves",
        )


def _none_at_all(operator: OperatorSpec, what: str) -> str:
    """How to ask for no value; whoever asks for anything but none asks for one."""
    if operator.name in ("is_not", "none_of", "has_none"):
        return "To ask for any at all write {is_set: true}"
    return f"To ask for {what} at all write {{is_set: false}}"


def _name(node: Scalar, field: FieldSpec, operator: OperatorSpec, names: Names) -> str:
    name = node.text
    if not name.strip():
        raise BadValueError(node, "this can never match: the value is empty")
    if field.values and name not in field.values:
        raise BadValueError(
            node, f"{quoted(name)} is never a value of '{field.name}'", name_hint("Values", name, field.values)
        )
    if field.code and not re.fullmatch(CODES[field.code][0], name):
        raise BadValueError(node, f"{quoted(name)} is never a value of '{field.name}'", CODES[field.code][1])
    if field.code == "language":
        name = name.replace("_", "-")
    unknown = names.unknown(field.names, name) if field.names else None
    if unknown:
        nobody = name.lower() in NOBODY
        raise BadValueError(node, unknown[0], _none_at_all(operator, "none") if nobody else unknown[1])
    return name


def _number(node: Scalar) -> float | int:
    if not node.plain or not _NUMBER.fullmatch(node.text):
        written = node.text if _NUMBER.fullmatch(node.text) else "digits"
        raise BadValueError(node, f"expected a number, got {shown(node)}", f"Write {written}, without quotes")
    return float(node.text) if "." in node.text else int(node.text)


def _duration(node: Scalar, field: FieldSpec, names: Names) -> int:
    span = read_span(node.text, names) if field.in_hours else None
    if isinstance(span, NoSpan):
        raise BadValueError(node, *span)
    seconds = span.seconds if span else seconds_of(node.text)
    if seconds is None:
        raise BadValueError(node, f"{shown(node)} is not a duration", how_written(node.text))
    return seconds


def hours_of(node: Node, field: FieldSpec, operator: OperatorSpec, names: Names) -> str:
    """The office hours in which the times of one comparison, which could be read, are counted; empty: in none. Raises
    BadValueError where they are not all counted alike."""
    if not field.in_hours or operator.takes is Takes.FLAG:
        return ""
    spans = [read_span(item.text, names) for item in _items(node, operator) if isinstance(item, Scalar)]
    counted_in = {span.hours for span in spans if isinstance(span, Span)}
    if len(counted_in) > 1:
        raise BadValueError(node, "these times are counted in different hours", "Count all of them in the same")
    return next(iter(counted_in), "")


def _date(node: Scalar) -> date:
    try:
        return date.fromisoformat(node.text)
    except ValueError:
        wrong, hint = date_mistake(node.text)
        raise BadValueError(node, f"{shown(node)} {wrong}", hint) from None


def _flag(node: Node) -> bool:
    value = scalar_value(node) if isinstance(node, Scalar) else None
    if not isinstance(value, bool):
        raise BadValueError(node, f"expected true or false, got {shown(node)}", flag_hint(node))
    return value


_EXPECTED = {
    ValueType.TEXT: "a text",
    ValueType.WORD: "a name",
    ValueType.SET: "a name",
    ValueType.NUMBER: "a number",
    ValueType.DURATION: "a duration",
    ValueType.DATE: "a date",
    ValueType.FLAG: "true or false",
}
_EDGES: dict[str, tuple[str, Callable[[str], str]]] = {
    "starts_with": ("beginning", str.lstrip),
    "ends_with": ("end", str.rstrip),
}
_MANY_INSTEAD = {
    "is": "One of several is any_of",
    "is_not": "None of several is none_of",
}
