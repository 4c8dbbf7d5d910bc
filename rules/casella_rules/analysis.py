"""What is wrong between rules, or within one, although each word of them is right. No false alarms: only what is
certain is reported."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain

from .conditions import UNREADABLE
from .model import All, Always, Condition, OperandValue, Rule, Test
from .problems import Problem, in_order, quoted
from .text import fold
from .vocabulary import ValueType


def analyse(rules: Sequence[Rule]) -> list[Problem]:
    """Names used twice, rules that are never reached, tests that can never hold."""
    return list(in_order(chain(_names_twice(rules), _unreachable(rules), _contradictions(rules))))


def _problem(rule: Rule, message: str, hint: str = "") -> Problem:
    return Problem(rule.place.file, rule.place.line, rule.place.column, message, hint)


def _where(rule: Rule, seen_from: Rule) -> str:
    place = rule.place
    return f"line {place.line}" if place.file == seen_from.place.file else f"{place.file}:{place.line}"


def _names_twice(rules: Sequence[Rule]) -> Iterable[Problem]:
    first: dict[str, Rule] = {}
    for rule in rules:
        other = first.setdefault(fold(rule.name), rule)
        if other is not rule and rule.name:
            message = f"two rules are called {quoted(rule.name)}, this one and the one in {_where(other, rule)}"
            yield _problem(rule, message, "A rule is known by its name")


def _unreachable(rules: Sequence[Rule]) -> Iterable[Problem]:
    """Rules behind one that always stops. Per event: the stop must come first for each event the rule waits for."""
    enders: dict[str, list[Rule]] = {}
    for rule in rules:
        if not rule.enabled:
            continue
        stops = [_ender(rule, enders.get(event, ())) for event in rule.when]
        if stops and all(stops) and stops[0]:
            message = (
                f"this rule can never run: {quoted(stops[0].name)} ({_where(stops[0], rule)}) always stops before it"
            )
            yield _problem(rule, message)
        elif rule.stops and isinstance(rule.test, Always) and rule.test is not UNREADABLE:
            for event in rule.when:
                enders.setdefault(event, []).append(rule)


def _ender(rule: Rule, enders: Sequence[Rule]) -> Rule | None:
    """A rule that ends every run this one could be in: it holds in all inboxes, or in all of this one's."""
    covering = (e for e in enders if not e.inboxes or (rule.inboxes and set(rule.inboxes) <= set(e.inboxes)))
    return next(covering, None)


def _contradictions(rules: Sequence[Rule]) -> Iterable[Problem]:
    for rule in rules:
        for field in _impossible(rule.scoped_test):
            yield _problem(rule, f"this rule can never match: what it asks of {quoted(field)} cannot hold together")


def _impossible(test: Test) -> Iterable[str]:
    """Fields of which a conjunction asks what no value can answer. Groups inside `any` and `not` are left alone."""
    if not isinstance(test, All):
        return
    by_field: dict[str, list[Condition]] = {}
    for condition in _flat(test):
        by_field.setdefault(condition.field, []).append(condition)
    for field, conditions in by_field.items():
        if _disjoint(conditions) or _absent_and_asked(conditions) or _sets_clash(conditions) or _no_room(conditions):
            yield field


def _flat(test: Test) -> Iterable[Condition]:
    match test:
        case Condition():
            yield test
        case All(parts):
            for part in parts:
                yield from _flat(part)
        case _:
            pass


def _folded(condition: Condition) -> set[OperandValue]:
    return {fold(value).strip() if isinstance(value, str) else value for value in condition.operand}


def _disjoint(conditions: Sequence[Condition]) -> bool:
    """`is` one thing and another. The channel has two names at once (key and type), so it is left alone."""
    single = [c for c in conditions if c.operator in ("is", "any_of") and c.field != "channel" and not c.exact]
    if not single:
        return False
    possible = set.intersection(*(_folded(c) for c in single))
    excluded = [c for c in conditions if c.operator in ("is_not", "none_of") and not c.exact]
    return not possible.difference(*(_folded(c) for c in excluded)) if excluded else not possible


def _absent_and_asked(conditions: Sequence[Condition]) -> bool:
    """No value, and yet something about it. An empty set still answers `has_none`; changes are about the past."""
    absent = any(c.operator == "is_set" and c.operand == (False,) for c in conditions)
    needs = any(c.operator not in ("is_set", "has_none") and not c.operator.startswith("changed") for c in conditions)
    present = any(c.operator == "is_set" and c.operand == (True,) for c in conditions)
    return absent and (needs or present)


def _sets_clash(conditions: Sequence[Condition]) -> bool:
    required: set[OperandValue] = set()
    forbidden: set[OperandValue] = set()
    for condition in conditions:
        if condition.operator in ("has", "has_all"):
            required |= _folded(condition)
        elif condition.operator == "has_none":
            forbidden |= _folded(condition)
    anys = (_folded(c) for c in conditions if c.operator == "has_any")
    return bool(required & forbidden) or any(one <= forbidden for one in anys)


def _no_room(conditions: Sequence[Condition]) -> bool:
    """Above one number and below a smaller one. Bounds are (number, 1 when the number itself is excluded)."""
    low, high = (float("-inf"), 0), (float("inf"), 0)
    for condition in conditions:
        if condition.value not in (ValueType.NUMBER, ValueType.DURATION):
            continue
        numbers = [float(value) for value in condition.operand if isinstance(value, int | float)]
        match condition.operator:
            case "gt" | "older_than":
                low = max(low, (numbers[0], 1))
            case "gte":
                low = max(low, (numbers[0], 0))
            case "lt" | "newer_than":
                high = min(high, (numbers[0], 1), key=_from_below)
            case "lte":
                high = min(high, (numbers[0], 0), key=_from_below)
            case "between":
                low, high = max(low, (numbers[0], 0)), min(high, (numbers[1], 0), key=_from_below)
    return low[0] > high[0] or (low[0] == high[0] and (low[1] or high[1]) == 1)


def _from_below(bound: tuple[float, int]) -> tuple[float, int]:
    return bound[0], -bound[1]
