"""Values to try: enough of them that, where none answers, nothing can.

A number or date matters only by where it stands between those that are asked about, a name by being one of them or
none, a set by what of them it holds. So a few samples stand for everything. None instead of samples means that there
would be too many, and that nothing can be said.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from itertools import pairwise, product
from math import ceil, floor

from casella_rules.checks.ways import Literal
from casella_rules.language.facts import FactValue
from casella_rules.language.limits import FieldLimits
from casella_rules.language.model import OperandValue
from casella_rules.language.text import fold
from casella_rules.language.vocabulary import ValueType

#: A name that nobody asks about.
OTHER_NAME = "something else"
_MOST_SETS = 512


def samples(
    value: ValueType, literals: Sequence[Literal], closed: Sequence[str], limits: FieldLimits
) -> list[FactValue] | None:
    """Values of a field that stand for all it can have. `closed`: all names there are; empty: any."""
    mentioned = [operand for literal in literals for operand in literal.condition.operand]
    match value:
        case ValueType.FLAG:
            return [True, False]
        case ValueType.WORD:
            return list(closed) or [*_names(mentioned), OTHER_NAME]
        case ValueType.SET:
            return _sets(literals)
        case ValueType.DATE:
            return _dates(mentioned)
        case ValueType.NUMBER | ValueType.DURATION:
            return _numbers(mentioned, limits)
        case ValueType.TEXT:
            return None


def _names(mentioned: Iterable[OperandValue]) -> list[str]:
    return list(dict.fromkeys(fold(name) for name in mentioned if isinstance(name, str)))


def _numbers(mentioned: Iterable[OperandValue], limits: FieldLimits) -> list[FactValue]:
    known = sorted({float(one) for one in mentioned if isinstance(one, int | float) and not isinstance(one, bool)})
    ends = [float(end) for end in (limits.least, limits.most) if end is not None]
    points = sorted({*known, *ends}) or [0.0]
    near: set[float]
    if limits.whole:
        near = {step for point in points for step in (floor(point) - 1, floor(point), ceil(point), ceil(point) + 1)}
    else:
        between = [(low + high) / 2 for low, high in pairwise(points)]
        near = {*points, *between, points[0] - 1, points[-1] + 1}
    least = float("-inf") if limits.least is None else limits.least
    most = float("inf") if limits.most is None else limits.most
    return [number for number in sorted(near) if least <= number <= most]


def _dates(mentioned: Iterable[OperandValue]) -> list[FactValue]:
    days = {one for one in mentioned if isinstance(one, date)} or {date(2026, 1, 1)}
    one = timedelta(1)
    near = {day + step for day in days for step in (-one, 0 * one, one) if date.min + one < day < date.max - one}
    return [*sorted(near | days)]


def _sets(literals: Sequence[Literal]) -> list[FactValue] | None:
    """The largest sets that hold nothing forbidden, without one of those that must not all be there; and the empty one.
    Everything else that is asked of sets is the easier to answer the more they hold."""
    mentioned, forbidden = {OTHER_NAME}, set[str]()
    not_all: list[list[str]] = []
    for literal in literals:
        names = _names(literal.condition.operand)
        mentioned.update(names)
        match literal.condition.operator, literal.wanted:
            case ("has_none", True) | (("has" | "has_any"), False):
                forbidden.update(names)
            case "has_all", False:
                not_all.append(names)
    largest = frozenset(mentioned - forbidden)
    choices = 1
    for names in not_all:
        choices *= len(names)
    if choices > _MOST_SETS:
        return None
    return [*dict.fromkeys(largest - set(left_out) for left_out in product(*not_all)), frozenset()]
