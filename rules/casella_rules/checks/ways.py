"""The ways in which a test can hold: each a list of plain questions with the answers they need, all at once.

A test of groups inside groups becomes "this and not that, or that and these". What can never hold is dropped on the
way, so that the lists stay short; a test with too many ways is not written out at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from casella_rules.language.model import All, Always, Any, Condition, Not, Test

#: More ways than this are not looked through: the answer then is "not known".
MAX_WAYS = 256


@dataclass(frozen=True, slots=True)
class Literal:
    """One question and the answer it needs."""

    condition: Condition
    wanted: bool


Way = tuple[Literal, ...]
Possible = Callable[[Way], bool]


def ways(test: Test, possible: Possible, limit: int = MAX_WAYS) -> list[Way] | None:
    """Every way in which the test can hold that `possible` lets pass; none at all when it never holds. None when there
    are more than `limit`, which says nothing."""
    return narrowed([()], test, possible, limit)


def narrowed(
    known: Sequence[Way], test: Test, possible: Possible, limit: int = MAX_WAYS, *, wanted: bool = True
) -> list[Way] | None:
    """The ways in which the test comes out as `wanted` beside what is `known` already."""
    match test:
        case Always():
            return list(known) if wanted else []
        case Condition():
            literal = Literal(test, wanted)
            longer = (way if literal in way else (*way, literal) for way in known)
            return [way for way in longer if possible(way)]
        case Not(part):
            return narrowed(known, part, possible, limit, wanted=not wanted)
        case All(parts) | Any(parts):
            every = isinstance(test, All) is wanted
            return (_all_of if every else _one_of)(known, parts, possible, limit, wanted)


def _all_of(
    known: Sequence[Way], parts: Iterable[Test], possible: Possible, limit: int, wanted: bool
) -> list[Way] | None:
    left: list[Way] | None = list(known)
    for part in sorted(parts, key=_breadth):
        if not left:
            break
        left = narrowed(left, part, possible, limit, wanted=wanted)
    return left


def _one_of(
    known: Sequence[Way], parts: Iterable[Test], possible: Possible, limit: int, wanted: bool
) -> list[Way] | None:
    found: dict[Way, None] = {}
    for part in parts:
        more = narrowed(known, part, possible, limit, wanted=wanted)
        if more is None or len(found) + len(more) > limit:
            return None
        found.update(dict.fromkeys(more))
    return list(found)


def _breadth(test: Test) -> int:
    """Plain questions first: they rule out most before anything branches."""
    match test:
        case Condition() | Always():
            return 0
        case Not(part):
            return _breadth(part)
        case All(parts) | Any(parts):
            return 1 + sum(map(_breadth, parts))
