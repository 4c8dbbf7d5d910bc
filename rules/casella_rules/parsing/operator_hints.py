"""What to write instead of a comparison in the signs and words of other languages."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

from casella_rules.language.durations import seconds_of
from casella_rules.language.vocabulary import ValueType
from casella_rules.yaml.problems import QUOTED_CHARACTERS, listing, nearest

#: What other languages call an operator. The first one that fits the field is meant.
_OTHER_WORDS: Mapping[str, tuple[str, ...]] = {
    ">": ("older_than", "gt"), ">=": ("gte",), "<": ("newer_than", "lt"), "<=": ("lte",),
    "=": ("is", "has"), "==": ("is", "has"), "equals": ("is", "has"), "eq": ("is", "has"), "equal": ("is", "has"),
    "!=": ("is_not", "has_none"), "<>": ("is_not", "has_none"), "not": ("is_not", "has_none"),
    "not_equals": ("is_not", "has_none"), "ne": ("is_not", "has_none"), "isnt": ("is_not", "has_none"),
    "in": ("any_of", "has_any"), "one_of": ("any_of", "has_any"), "not_in": ("none_of", "has_none"),
    "contains": ("has",), "includes": ("has", "contains"), "include": ("has", "contains"), "any_of": ("has_any",),
    "regex": ("matches",), "regexp": ("matches",), "match": ("matches",), "like": ("contains",),
    "more_than": ("older_than", "gt"), "greater_than": ("older_than", "gt"), "less_than": ("newer_than", "lt"),
    "at_least": ("gte",), "at_most": ("lte",), "exists": ("is_set",), "present": ("is_set",),
    "begins_with": ("starts_with",), "word": ("contains_word",), "words": ("contains_word",),
}  # fmt: skip
_SIGN = re.compile(r"(>=|<=|!=|<>|==|=|>|<) *(\S.*)")
_RANGE = re.compile(r"(\w{1,20}) ?(?:-|–|\.\.|to) ?(\w{1,20})")  # word processors write that dash


def operator_hint(word: str, value: str, fitting: Collection[str]) -> str:
    """The operator that was meant, or those there are. `value`: what stands behind it, if that is one value."""
    meant = _meant(word, fitting)
    if meant:
        return f"Write {{{meant}: {value}}}" if value and len(value) < QUOTED_CHARACTERS else f"Write '{meant}'"
    near = nearest(word, fitting)
    return f"Did you mean '{near}'?" if near else listing("Operators", fitting)


def comparison_hint(text: str, kind: ValueType, fitting: Collection[str]) -> str:
    """What a value means that brings its comparison along: `>= 5`, `9-17`, or a bare length of time. Empty: nothing."""
    short = text.strip()[:QUOTED_CHARACTERS]
    sign = _SIGN.fullmatch(short)
    if sign and (meant := _meant(sign[1], fitting)):
        return f"Write {{{meant}: {sign[2]}}}"
    ends = _RANGE.fullmatch(short)
    if ends and "between" in fitting and all(_measures(end, kind) for end in ends.groups()):
        return f"Write {{between: [{ends[1]}, {ends[2]}]}}"
    return f"Write {{older_than: {short}}}" if kind is ValueType.DURATION and seconds_of(short) else ""


def _measures(text: str, kind: ValueType) -> bool:
    return text.isdecimal() if kind is ValueType.NUMBER else kind is ValueType.DURATION and seconds_of(text) is not None


def _meant(word: str, fitting: Collection[str]) -> str:
    return next((name for name in _OTHER_WORDS.get(word.lower(), ()) if name in fitting), "")
