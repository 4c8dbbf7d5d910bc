"""What to write instead of a comparison in the signs and words of other languages."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from collections.abc import Mapping as Table
from dataclasses import replace

from casella_rules.language.durations import Span, seconds_of
from casella_rules.language.open_time import read_span
from casella_rules.language.vocabulary import FieldSpec, Names, ValueType
from casella_rules.parsing.negations import denied_operator, every_one
from casella_rules.parsing.range_hints import hours_hint, turned_round
from casella_rules.yaml.habits import glued
from casella_rules.yaml.polarity import positive_of, words_of
from casella_rules.yaml.problems import QUOTED_CHARACTERS, Problem, listing, nearest
from casella_rules.yaml.source import Mapping, Node, Scalar, is_empty
from casella_rules.yaml.source import Sequence as SequenceNode
from casella_rules.yaml.written import as_written

#: What other languages call an operator. The first one that fits the field is meant.
_OTHER_WORDS: Table[str, tuple[str, ...]] = {
    ">": ("older_than", "gt"), ">=": ("gte",), "<": ("newer_than", "lt"), "<=": ("lte",),
    "=": ("is", "has"), "==": ("is", "has"), "equals": ("is", "has"), "eq": ("is", "has"), "equal": ("is", "has"),
    "!=": ("is_not", "has_none"), "<>": ("is_not", "has_none"), "not": ("is_not", "has_none"),
    "not_equals": ("is_not", "has_none"), "ne": ("is_not", "has_none"), "isnt": ("is_not", "has_none"),
    "in": ("any_of", "has_any"), "one_of": ("any_of", "has_any"), "not_in": ("none_of", "has_none"),
    "contains": ("has",), "includes": ("has", "contains"), "include": ("has", "contains"), "any_of": ("has_any",),
    "regex": ("matches",), "regexp": ("matches",), "match": ("matches",), "like": ("contains",),
    "more_than": ("older_than", "gt"), "greater_than": ("older_than", "gt"), "less_than": ("newer_than", "lt"),
    "at_least": ("gte",), "at_most": ("lte",), "exists": ("is_set",), "present": ("is_set",),
    "after": ("older_than", "gt"), "since": ("gte",), "before": ("newer_than", "lt"), "until": ("lte",),
    "neq": ("is_not", "has_none"), "is_not": ("has_none",), "none_of": ("has_none",), "is": ("has",),
    "any": ("any_of", "has_any"), "none": ("none_of", "has_none"), "equal_to": ("is", "has"),
    "is_equal_to": ("is", "has"), "not_equal_to": ("is_not", "has_none"), "not_equal": ("is_not", "has_none"),
    "begins_with": ("starts_with",), "word": ("contains_word",), "words": ("contains_word",),
}  # fmt: skip
_LISTS = frozenset({"any_of", "none_of", "has_any", "has_all", "has_none", "between"})
#: What takes several values, for what takes one.
_OF_SEVERAL = {"is": ("any_of",), "is_not": ("none_of",), "has": ("has_any",)}
_SIGN = re.compile(r"(>=|<=|!=|<>|==|=|>|<) *(\S.*)")
_RANGE = re.compile(r"(\w{1,20}) ?(?:-|–|\.\.|to) ?(\w{1,20})")  # word processors write that dash
_DATES = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2}) ?(?:-|–|\.\.|/|to) ?([0-9]{4}-[0-9]{2}-[0-9]{2})")
#: What people write in front of a value that must not be there.
_NOT_VALUE = re.compile(r"(?:!|¬|(?i:not|isn't|no|non|except|anything but|all but)\b) *(\S.*)")


def with_what_is_beside(field: str, asked: Sequence[tuple[Scalar, Node]], problems: Sequence[Problem]) -> list[Problem]:
    """A repair that takes the place of a whole question says its other comparisons again."""
    return [_with_the_others(field, asked, problem) for problem in problems] if len(asked) > 1 else list(problems)


def _with_the_others(field: str, asked: Sequence[tuple[Scalar, Node]], problem: Problem) -> Problem:
    at = problem.line, problem.column
    others = [
        f"{key.text}: {as_written(value)}"
        for key, value in asked
        if at not in ((key.line, key.column), (value.line, value.column))
    ]
    found = re.match(r"Write '((?:not|any|all): .*)'(.*)$", problem.hint)
    if found is None or len(others) == len(asked):
        return problem
    hint = f"Write 'all: [{{{field}: {{{', '.join(others)}}}}}, {{{found[1]}}}]'{found[2]}"
    return replace(problem, hint=hint)


def fitting_hint(spec: FieldSpec, operator: str, value: Node, fitting: Collection[str]) -> str:
    """What to write for an operator that there is, of which this field knows nothing."""
    meant = _meant(operator, fitting)
    return f"Write {{{meant}: {_operand(meant, value)}}}" if meant else f"Operators: {', '.join(fitting)}"


def operator_hint(field: str, word: str, value: Node, fitting: Collection[str]) -> str:
    """The operator that was meant, or those there are. `value`: what stands behind it."""
    if word == "not" and isinstance(value, Mapping) and value.entries.keys() <= set(fitting):
        return f"Write 'not: {{{field}: {as_written(value)}}}'"
    meant = _meant("since" if word == "after" and field == "time.hour" else word, fitting)  # from that hour on
    if isinstance(value, SequenceNode) and len(value.items) > 1:
        meant = next((name for name in _OF_SEVERAL.get(meant, ()) if name in fitting), meant)
    if is_empty(value) and meant in ("is", "is_not", "has_none", "has") and "is_set" in fitting:
        return f"Write {{is_set: {str(meant in ('is_not', 'has_none')).lower()}}}"
    if meant and meant != "is_set":
        return f"Write {{{meant}: {_operand(meant, value)}}}" if not is_empty(value) else f"Write '{meant}'"
    if several := _of_each(field, word, value, fitting):
        return several
    positive = positive_of(word) or ""
    if denied := denied_operator(field, word, value, fitting, _OTHER_WORDS.get(positive, ())):
        return denied
    near = nearest(glued(word)[0], fitting)
    if near and glued(word)[1]:
        return f"Write {{{near}: {glued(word)[1]}}}"
    return f"Did you mean '{near}'?" if near else listing("Operators", fitting)


def _of_each(field: str, word: str, value: Node, fitting: Collection[str]) -> str:
    """`contains_all: [a, b]`: each of them by itself. Empty for other words."""
    words = words_of(word)
    core = [one for one in words if one not in _HOW_MANY]
    operator = nearest("_".join(core), fitting) if len(core) < len(words) else ""
    if not operator or positive_of(word) is not None:
        return ""
    if every := every_one(field, word, operator, value, fitting):
        return f"Write '{every}'"
    return f"Write {{{operator}: {_operand(operator, value)}}}"


_HOW_MANY = frozenset({"all", "every", "each", "both", "any", "some", "either", "of"})


def _operand(operator: str, value: Node) -> str:
    """The value behind the right operator: without brackets where it takes only one."""
    alone = isinstance(value, SequenceNode) and len(value.items) == 1 and operator not in _LISTS
    return as_written(value.items[0] if alone and isinstance(value, SequenceNode) else value)


def comparison_hint(text: str, spec: FieldSpec, fitting: Collection[str]) -> str:
    """What a value means that brings its comparison along: `>= 5`, `9-17`, `not sms`, or a bare length of time. Empty:
    nothing."""
    short, kind = text.strip()[:QUOTED_CHARACTERS], spec.value
    if spec.name == "time.hour" and (hours := hours_hint(spec, short)):
        return hours
    sign = _SIGN.fullmatch(short)
    if sign and (meant := _meant(sign[1], fitting)):
        return f"Write {{{meant}: {sign[2]}}}"
    ends = _RANGE.fullmatch(short)
    if ends and "between" in fitting and all(_measures(end, kind) for end in ends.groups()):
        return _between(spec, ends[1], ends[2])
    dates = _DATES.fullmatch(short) if kind is ValueType.DATE else None
    if dates and dates[1] <= dates[2]:
        return f"Write {{between: [{dates[1]}, {dates[2]}]}}"
    denied = _NOT_VALUE.fullmatch(short)
    if denied and kind is not ValueType.TEXT and (meant := _meant("!=", fitting)):
        return f"Write {{{meant}: {denied[1]}}}"
    return f"Write {{older_than: {short}}}" if kind is ValueType.DURATION and seconds_of(short) else ""


def bare_hint(text: str, spec: FieldSpec, fitting: Collection[str], names: Names) -> str:
    """What a value without an operator means; one that is counted in office hours is a length of time, too."""
    span = read_span(text, names) if spec.in_hours else None
    if isinstance(span, Span) and span.hours:
        return f"Write {{older_than: {span}}}"
    return comparison_hint(text, spec, fitting)


def _between(spec: FieldSpec, first: str, second: str) -> str:
    if spec.value is ValueType.NUMBER and int(first) > int(second):
        low, high = second, first
        return (
            turned_round(spec, int(first), int(second))
            if spec.name == "time.hour"
            else (f"Write {{between: [{low}, {high}]}}")
        )
    if spec.value is ValueType.DURATION and (seconds_of(first) or 0) > (seconds_of(second) or 0):
        first, second = second, first
    return f"Write {{between: [{first}, {second}]}}"


def _measures(text: str, kind: ValueType) -> bool:
    return text.isdecimal() if kind is ValueType.NUMBER else kind is ValueType.DURATION and seconds_of(text) is not None


def _meant(word: str, fitting: Collection[str]) -> str:
    return next((name for name in _OTHER_WORDS.get(word.lower(), ()) if name in fitting), "")
