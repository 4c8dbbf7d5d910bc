"""Reads what stands behind `if:` into a test, collecting every problem on the way."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import pairwise

from pydantic import BaseModel

from casella_rules.language.model import All, Always, Any, Condition, Not, OperandValue, Place, Test
from casella_rules.language.open_time import measured
from casella_rules.language.vocabulary import FieldSpec, Names, ValueType, Vocabulary
from casella_rules.parsing.field_hints import asks_directly, behind_commas, field_hint, group_hint, suffixed
from casella_rules.parsing.negations import denied_field
from casella_rules.parsing.operator_hints import (
    bare_hint,
    comparison_hint,
    fitting_hint,
    operator_hint,
    with_what_is_beside,
)
from casella_rules.parsing.range_hints import days_hint, from_to_hint, one_hour
from casella_rules.parsing.shape import shown
from casella_rules.parsing.values import BadValueError, hours_of, operand_of
from casella_rules.yaml.habits import glued
from casella_rules.yaml.polarity import positive_of
from casella_rules.yaml.problems import Problem, quoted
from casella_rules.yaml.source import Mapping, Node, Scalar, Sequence, is_empty

#: Groups inside groups inside groups; deeper than this nobody understands a rule any more.
MAX_GROUPS = 3

#: A test that could not be read. It stands in for the real one, so that reading goes on and finds more problems.
UNREADABLE = Always()


@dataclass
class Scribe:
    """What reading needs everywhere: the language, the desk's names, and where problems are noted."""

    file: str
    vocabulary: Vocabulary
    names: Names
    problems: list[Problem] = field(default_factory=list)
    #: Arguments of actions that were read already, by what was written: ten thousand rules name a few dozen teams.
    arguments: dict[tuple[str, str], BaseModel] = field(default_factory=dict)

    def note(self, node: Node, message: str, hint: str = "") -> None:
        """Note one problem at a place."""
        self.problems.append(Problem(self.file, node.line, node.column, message, hint))


def read_test(node: Node, scribe: Scribe) -> Test:
    """The test behind `if:`. Problems are noted; an unreadable part reads as `always`."""
    if isinstance(node, Scalar) and node.text == "always":
        return Always()
    if isinstance(node, Mapping):
        return _all_of(node, scribe, 0, "'if'")
    if is_empty(node):
        scribe.note(node, "'if' is empty", "Write 'if: always' for a rule that always holds")
    else:
        word = node.text.lower() if isinstance(node, Scalar) else ""
        scribe.note(node, f"'if' must hold fields with values, got {shown(node)}", _IF.get(word, _FIELDS))
    return UNREADABLE


_FIELDS = "Put fields with their values below it, such as 'text: {contains: refund}'"
_IF = {
    **dict.fromkeys(("true", "yes", "on", "any", "all", "everything", "*", "1"), "Write always"),
    **dict.fromkeys(("false", "no", "off", "never", "none", "0"), "A rule that shall never act says 'enabled: false'"),
}


def _all_of(node: Mapping, scribe: Scribe, depth: int, owner: str) -> Test:
    parts = [_entry(key, value, scribe, depth) for key, value in _in_their_places(node, scribe)]
    if not parts and not node.entries:
        scribe.note(node, f"{owner} is empty", "Write 'if: always' for a rule that always holds" if depth == 0 else "")
        return UNREADABLE
    if not parts:
        return UNREADABLE
    return parts[0] if len(parts) == 1 else All(tuple(parts))


def _in_their_places(node: Mapping, scribe: Scribe) -> list[tuple[Scalar, Node]]:
    """The entries; operators that stand beside their field, which is then empty, and values behind a comma without
    brackets are told and left out with it."""
    entries = list(node.entries.values())
    for (key, value), (operator, _) in pairwise(entries):
        if is_empty(value) and operator.text in scribe.vocabulary.operators and scribe.vocabulary.field_of(key.text):
            text = f"{quoted(operator.text)} stands beside {quoted(key.text)}, and not below it"
            scribe.note(operator, text, f"Move {quoted(operator.text)} two columns to the right of {quoted(key.text)}")
            entries = [one for one in entries if one[0] not in (key, operator)]
    if told := behind_commas(entries, scribe.vocabulary):
        first, gone, hint = told
        scribe.note(gone[0], "several values stand in brackets", hint)
        entries = [one for one in entries if one[0] not in (first, *gone)]
    return entries


def _entry(key: Scalar, value: Node, scribe: Scribe, depth: int) -> Test:
    if key.text in ("all", "any", "not"):
        return _group(key, value, scribe, depth + 1)
    instead = group_hint(key.text)
    if instead and not isinstance(value, Scalar):
        scribe.note(key, f"there is no group {quoted(key.text)}", instead)
        return UNREADABLE
    return _field(key, key.text, value, scribe)


def _group(key: Scalar, value: Node, scribe: Scribe, depth: int) -> Test:
    owner = f"'{key.text}'"
    if depth > MAX_GROUPS:
        scribe.note(key, f"groups are nested more than {MAX_GROUPS} deep", "Write two rules instead")
        return UNREADABLE
    if is_empty(value):
        scribe.note(key, f"{owner} is empty")
        return UNREADABLE
    if key.text == "not":
        if isinstance(value, Mapping):
            return Not(_all_of(value, scribe, depth, owner))
        scribe.note(
            value,
            f"'not' must hold fields with values, got {shown(value)}",
            "For none of several write 'not: {any: [...]}'",
        )
        return UNREADABLE
    parts = _alternatives(value, scribe, depth, owner)
    return Any(parts) if key.text == "any" else All(parts)


def _alternatives(value: Node, scribe: Scribe, depth: int, owner: str) -> tuple[Test, ...]:
    if isinstance(value, Mapping) and value.entries:
        return tuple(_entry(key, inner, scribe, depth) for key, inner in value.entries.values())
    if not isinstance(value, Sequence):
        scribe.note(
            value, f"{owner} is empty" if isinstance(value, Mapping) else f"{owner} must be a list of conditions"
        )
        return (UNREADABLE,)
    if not value.items:
        scribe.note(value, f"{owner} is empty")
        return (UNREADABLE,)
    parts = []
    for item in value.items:
        if isinstance(item, Mapping):
            parts.append(_all_of(item, scribe, depth, f"this part of {owner}"))
        else:
            scribe.note(item, f"expected a condition (field: value), got {shown(item)}")
    return tuple(parts) or (UNREADABLE,)


def _field(key: Scalar, name: str, value: Node, scribe: Scribe) -> Test:
    spec = scribe.vocabulary.field_of(name)
    if spec is not None:
        return _member_checked(key, name, spec, value, scribe)
    inner = list(value.entries.values()) if isinstance(value, Mapping) else []
    if inner and scribe.vocabulary.is_prefix(name) and not asks_directly(name, inner, scribe.vocabulary):
        parts = tuple(_field(key, f"{name}.{key.text}", node, scribe) for key, node in inner)
        return parts[0] if len(parts) == 1 else All(parts)
    meant, behind = glued(name)
    if behind and is_empty(value) and scribe.vocabulary.field_of(meant):
        scribe.note(key, f"unknown field {quoted(name)}", f"Write '{meant}: {behind}'")
        return UNREADABLE
    hint = _denied(name, value, scribe) or field_hint(name, value, scribe.vocabulary, scribe.names)
    scribe.note(key, f"unknown field {quoted(name)}", hint)
    return UNREADABLE


def _denied(name: str, value: Node, scribe: Scribe) -> str:
    """What to write for a field that says no."""
    positive = positive_of(name) or ""
    fields = [one for one in (positive, positive.replace("_", ".", 1)) if scribe.vocabulary.field_of(one)]
    return denied_field(name, value, scribe.vocabulary.fields, fields or suffixed(positive, scribe.vocabulary))


def _member_checked(key: Scalar, name: str, spec: FieldSpec, value: Node, scribe: Scribe) -> Test:
    if spec.star:
        unknown = scribe.names.unknown(spec.star, spec.member(name))
        if unknown:
            scribe.note(key, *unknown)
            return UNREADABLE
        spec = replace(spec, name=name)
    told = len(scribe.problems)
    test = _comparisons(name, spec, value, scribe)
    if spec.star == "attribute" and scribe.names.known and "attribute" not in scribe.names.known:
        # The attributes could not be read, so nothing is known of this one's type.
        test = test if len(scribe.problems) == told else UNREADABLE
        del scribe.problems[told:]
    return test


def _comparisons(name: str, spec: FieldSpec, value: Node, scribe: Scribe) -> Test:
    if is_empty(value):
        scribe.note(value, f"{quoted(name)} has no value", f"Write for example '{spec.example}'")
        return UNREADABLE
    if not isinstance(value, Mapping):
        return _bare(name, spec, value, scribe)
    how = _how(value, spec, scribe)
    entries = [(key, inner) for key, inner in value.entries.values() if key.text not in _HOW]
    if not entries:
        scribe.note(value, f"{quoted(name)} has no operator", f"Write for example '{spec.example}'")
        return UNREADABLE
    strays = _strays(spec, entries, scribe)
    entries = [entry for entry in entries if entry[0] not in strays]
    if ends := from_to_hint(spec, {key.text: inner for key, inner in entries}):
        scribe.note(value, "a range is not asked for this way", ends)
        return UNREADABLE
    told = len(scribe.problems)
    parts = tuple(_comparison(name, spec, key, inner, how, scribe) for key, inner in entries)
    scribe.problems[told:] = with_what_is_beside(name, entries, scribe.problems[told:])
    return parts[0] if len(parts) == 1 else All(parts)


def _strays(spec: FieldSpec, entries: list[tuple[Scalar, Node]], scribe: Scribe) -> list[Scalar]:
    """What stands behind a comma without brackets: `{contains_word: refund, money}`, or a number's own: `{gt: 1,5}`."""
    (first, value), *others = entries
    strays = [key for key, inner in others if is_empty(inner) and key.text not in scribe.vocabulary.operators]
    if not strays or not isinstance(value, Scalar):
        return []
    if spec.value is ValueType.NUMBER and len(strays) == 1 and f"{value.text}{strays[0].text}".isdecimal():
        hint = f"Write {{{first.text}: {value.text}.{strays[0].text}}}"
        scribe.note(value, "decimals stand behind a point, not behind a comma", hint)
        return strays
    listed = ", ".join([value.text, *(key.text for key in strays)])
    scribe.note(strays[0], "several values stand in brackets", f"Write {{{first.text}: [{listed}]}}")
    return strays


def _bare(name: str, spec: FieldSpec, value: Node, scribe: Scribe) -> Test:
    several = isinstance(value, Sequence)
    fitting = scribe.vocabulary.operators_for(spec)
    wanted = ("any_of", "has_any") if several else ("is", "has")
    operator = next((candidate for candidate in wanted if candidate in fitting), None)
    if operator is None:
        what = "a list" if several else "a bare value"
        meant = bare_hint(value.text, spec, fitting, scribe.names) if isinstance(value, Scalar) else ""
        hint = meant or f"Operators: {', '.join(fitting)}"
        scribe.note(value, f"{quoted(name)} takes no {what.removeprefix('a ')}", hint)
        return UNREADABLE
    return _compared(name, spec, operator, value, "", scribe, alone=True)


def _comparison(name: str, spec: FieldSpec, key: Scalar, value: Node, how: str, scribe: Scribe) -> Test:
    operator = key.text
    fitting = scribe.vocabulary.operators_for(spec)
    if operator not in scribe.vocabulary.operators:
        scribe.note(key, f"unknown operator {quoted(operator)}", operator_hint(name, operator, value, fitting))
        return UNREADABLE
    if operator not in fitting:
        wrong = f"{quoted(operator)} cannot be asked of {quoted(name)} ({spec.value})"
        scribe.note(key, wrong, fitting_hint(spec, operator, value, fitting))
        return UNREADABLE
    if operator == "matches" and how == "accents":
        scribe.note(key, "'accents' means nothing for a pattern", "A pattern names both letters: [eé]")
        return UNREADABLE
    return _compared(name, spec, operator, value, how, scribe)


def _compared(
    name: str, spec: FieldSpec, operator: str, value: Node, how: str, scribe: Scribe, *, alone: bool = False
) -> Test:
    operand: tuple[OperandValue, ...]
    try:
        operand = operand_of(value, spec, scribe.vocabulary.operators[operator], scribe.names)
        name = measured(name, hours_of(value, spec, scribe.vocabulary.operators[operator], scribe.names))
    except BadValueError as error:
        text = error.node.text if isinstance(error.node, Scalar) else ""
        listed = isinstance(value, Sequence)
        meant = days_hint(spec, text, operator, alone=alone, listed=listed)
        # Among others in brackets no comparison can stand.
        meant = meant or ("" if listed else comparison_hint(text, spec, scribe.vocabulary.operators_for(spec)))
        meant = meant or (one_hour(text) if spec.name == "time.hour" else "")
        scribe.note(error.node, error.message, meant or error.hint)
        return UNREADABLE
    place = Place(scribe.file, value.line, value.column)
    return Condition(name, spec.value, operator, operand, how == "case", place, unaccented=how == "accents")


#: What stands beside the operators and says how they compare: its values, the usual one last.
_HOW = {"case": ("exact", "ignore"), "accents": ("ignore", "matter")}


def _how(value: Mapping, spec: FieldSpec, scribe: Scribe) -> str:
    """`case` where capitals matter, `accents` where these do not; empty for the usual comparison."""
    told = [name for name in _HOW if _is_told(name, value, spec, scribe)]
    if len(told) > 1:
        scribe.note(value.key("accents"), "what ignores accents ignores capitals, too", "Leave 'case: exact' out")
    return told[0] if told else ""


def _is_told(name: str, value: Mapping, spec: FieldSpec, scribe: Scribe) -> bool:
    node = value.get(name)
    if node is None:
        return False
    if spec.value is not ValueType.TEXT:
        scribe.note(value.key(name), f"'{name}' means nothing for {quoted(spec.name)} ({spec.value})", "Remove it")
    elif not isinstance(node, Scalar) or node.text not in _HOW[name]:
        scribe.note(node, f"{shown(node)} is not possible here", f"Write {' or '.join(_HOW[name])}")
    return isinstance(node, Scalar) and node.text == _HOW[name][0]
