"""Tests that nothing can pass, because of what they ask of one field at the same time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .model import All, Any, Condition, OperandValue, Test
from .text import fold
from .vocabulary import ValueType


def is_impossible(test: Test) -> bool:
    """Whether nothing can pass this test. Only what is certain: False means "not known"."""
    match test:
        case Any(parts):
            return all(is_impossible(part) for part in parts)
        case All(parts):
            return next(iter(impossible_fields(test)), None) is not None or any(map(is_impossible, parts))
        case _:
            return False


def impossible_fields(test: Test) -> Iterable[str]:
    """Fields of which a conjunction asks what no value can answer. Groups inside `any` and `not` are left alone."""
    if not isinstance(test, All):
        return
    by_field: dict[str, list[Condition]] = {}
    for condition in flat(test):
        by_field.setdefault(condition.field, []).append(condition)
    for field, conditions in by_field.items():
        if _disjoint(conditions) or _absent_and_asked(conditions) or _sets_clash(conditions) or _no_room(conditions):
            yield field


def flat(test: Test) -> Iterable[Condition]:
    """The conditions that all must hold."""
    match test:
        case Condition():
            yield test
        case All(parts):
            for part in parts:
                yield from flat(part)
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
