"""Tests as fast functions. The meaning of each operator is written down once more, slowly, in `reference`."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from datetime import date, datetime
from functools import lru_cache

from casella_rules.engine.patterns import as_run, compile_pattern
from casella_rules.language.facts import Facts, FactValue, previous_field
from casella_rules.language.model import All, Always, Any, Condition, Not, OperandValue, Test
from casella_rules.language.text import collapsed, compatible, exact, fold, has_word, unaccented
from casella_rules.language.vocabulary import ValueType

Form = Callable[[str], str]

#: Names (channels, tags, statuses) come again and again; customers' words do not pass here.
fold_name = lru_cache(maxsize=4_096)(fold)


class View:
    """The facts of one decision, with each text brought into each form at most once."""

    __slots__ = ("_folded", "_forms", "values")

    def __init__(self, facts: Facts) -> None:
        self.values = facts.values_by_name
        self._folded: dict[str, str] = {}
        self._forms: dict[tuple[str, Form], str] = {}

    def text(self, field: str, form: Form) -> str | None:
        """The field's text in this form, or None when it has none."""
        value = self.values.get(field)
        if value.__class__ is not str:
            return None
        if form is fold:  # nearly always; a short way to it
            folded = self._folded.get(field)
            if folded is None:
                folded = self._folded[field] = fold(value)
            return folded
        key = (field, form)
        shaped = self._forms.get(key)
        if shaped is None:
            shaped = self._forms[key] = form(value)
        return shaped


Check = Callable[[View], bool]


def check_of(test: Test) -> Check:
    """The function that answers the test."""
    match test:
        case Condition():
            return _CHECKS[test.value](test)
        case All(parts):
            return _every([check_of(part) for part in parts])
        case Any(parts):
            return _some([check_of(part) for part in parts])
        case Not(part):
            inner = check_of(part)
            return lambda view: not inner(view)
        case Always():
            return lambda view: True


def _every(checks: list[Check]) -> Check:
    if len(checks) == 1:
        return checks[0]
    if len(checks) == 2:
        first, second = checks
        return lambda view: first(view) and second(view)

    def every(view: View) -> bool:
        for check in checks:  # noqa: SIM110  # all() with a generator costs twice as much here
            if not check(view):
                return False
        return True

    return every


def _some(checks: list[Check]) -> Check:
    def some(view: View) -> bool:
        for check in checks:  # noqa: SIM110  # any() with a generator costs twice as much here
            if check(view):
                return True
        return False

    return some


def _is_set(condition: Condition) -> Check:
    field, wanted = condition.field, bool(condition.operand[0])

    def is_set(view: View) -> bool:
        value = view.values.get(field)
        return (value is not None and value != frozenset()) is wanted

    return is_set


def form_of(condition: Condition) -> Form:
    """The form in which a condition compares texts."""
    if condition.operator == "matches":
        return exact if condition.exact else compatible
    if condition.unaccented:
        return unaccented
    return exact if condition.exact else fold


def pattern_of(condition: Condition, written: str) -> str:
    """The regular expression of a `matches`, case included."""
    return as_run(written, exact=condition.exact)


def _text_check(condition: Condition) -> Check:
    if condition.operator == "is_set":
        return _is_set(condition)
    field, form = condition.field, form_of(condition)
    asks = _text_test(condition, [form(str(value)) for value in condition.operand])

    def check(view: View) -> bool:
        text = view.text(field, form)
        return text is not None and asks(text)

    return check


def _text_test(condition: Condition, operand: list[str]) -> Callable[[str], bool]:
    wanted = tuple(operand)
    trimmed = frozenset(value.strip() for value in operand)
    match condition.operator:
        case "is" | "any_of":
            return lambda text: text.strip() in trimmed
        case "is_not" | "none_of":
            return lambda text: text.strip() not in trimmed
        case "contains":
            return lambda text: any(value in text for value in wanted)
        case "contains_word":
            words = tuple(collapsed(value) for value in wanted)
            return lambda text: any(has_word(text, word) for word in words)
        case "starts_with":
            return lambda text: text.strip().startswith(wanted)
        case "ends_with":
            return lambda text: text.strip().endswith(wanted)
        case "matches":
            patterns = [pattern_of(condition, str(value)) for value in condition.operand]
            # Compiled when first asked: mostly the rule set's one automaton has answered before.
            return lambda text: any(compile_pattern(pattern).search(text) is not None for pattern in patterns)
    raise AssertionError(condition.operator)


def names_in(value: FactValue) -> Iterable[str]:
    """The names a fact goes by, folded: one for a word, several for a set."""
    if isinstance(value, str):
        return (fold_name(value),)
    return [fold_name(name) for name in value] if isinstance(value, frozenset) else ()


def _folded(condition: Condition) -> frozenset[str]:
    return frozenset(fold_name(str(value)) for value in condition.operand)


def _word_check(condition: Condition) -> Check:
    if condition.operator == "is_set":
        return _is_set(condition)
    if condition.operator.startswith("changed"):
        return _changed_check(condition)
    field, wanted = condition.field, _folded(condition)

    def is_one(view: View) -> bool:
        value = view.values.get(field)
        return fold_name(value) in wanted if isinstance(value, str) else not wanted.isdisjoint(names_in(value))

    def is_none(view: View) -> bool:
        names = names_in(view.values.get(field))
        return bool(names) and wanted.isdisjoint(names)

    return is_one if condition.operator in ("is", "any_of") else is_none


def _changed_check(condition: Condition) -> Check:
    field, before = condition.field, previous_field(condition.field)
    wanted = _folded(condition)
    asked = condition.operator

    def changed(view: View) -> bool:
        values = view.values
        differs = before in values and frozenset(names_in(values[before])) != frozenset(names_in(values.get(field)))
        if asked == "changed":
            return differs is condition.operand[0]
        side = values.get(before if asked == "changed_from" else field)
        return differs and not wanted.isdisjoint(names_in(side))

    return changed


def _set_check(condition: Condition) -> Check:
    if condition.operator == "is_set":
        return _is_set(condition)
    field = condition.field
    wanted = _folded(condition)
    asks: Callable[[list[str]], bool] = {
        "has": lambda names: not wanted.isdisjoint(names),
        "has_any": lambda names: not wanted.isdisjoint(names),
        "has_all": wanted.issubset,
        "has_none": wanted.isdisjoint,
    }[condition.operator]

    def check(view: View) -> bool:
        value = view.values.get(field)
        return isinstance(value, frozenset) and asks([fold_name(name) for name in value])

    return check


Quantity = int | float | date


def quantity(value: FactValue, kind: ValueType) -> Quantity | None:
    """A fact as something that can be compared, or None when it is of another type."""
    if kind is ValueType.DATE:
        return value.date() if isinstance(value, datetime) else value if isinstance(value, date) else None
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


_COMPARES: dict[str, Callable[[Quantity, Quantity], bool]] = {
    "gt": operator.gt,
    "older_than": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "newer_than": operator.lt,
    "lte": operator.le,
}


def _ordered_check(condition: Condition) -> Check:
    if condition.operator == "is_set":
        return _is_set(condition)
    field, kind = condition.field, condition.value
    asks = _ordered_test(condition.operator, condition.operand)

    def check(view: View) -> bool:
        value = quantity(view.values.get(field), kind)
        return value is not None and asks(value)

    return check


def _ordered_test(asked: str, operand: tuple[OperandValue, ...]) -> Callable[[Quantity], bool]:
    limits: list[Quantity] = [value for value in operand if not isinstance(value, str)]
    if asked in _COMPARES:
        compares, limit = _COMPARES[asked], limits[0]
        return lambda value: compares(value, limit)
    if asked == "between":
        low, high = limits
        return lambda value: low <= value <= high  # type: ignore[operator]  # both are of the field's type
    wanted = frozenset(limits)
    return (lambda value: value in wanted) if asked in ("is", "any_of") else (lambda value: value not in wanted)


def _flag_check(condition: Condition) -> Check:
    if condition.operator == "is_set":
        return _is_set(condition)
    field = condition.field
    wanted = condition.operand[0] if condition.operator == "is" else not condition.operand[0]
    return lambda view: view.values.get(field) is wanted


_CHECKS: dict[ValueType, Callable[[Condition], Check]] = {
    ValueType.TEXT: _text_check,
    ValueType.WORD: _word_check,
    ValueType.SET: _set_check,
    ValueType.NUMBER: _ordered_check,
    ValueType.DURATION: _ordered_check,
    ValueType.DATE: _ordered_check,
    ValueType.FLAG: _flag_check,
}
