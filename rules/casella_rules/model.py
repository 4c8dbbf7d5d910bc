"""Rules as they are after checking: immutable, without places in files except where a person asks for them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from pydantic import BaseModel

from .vocabulary import ValueType

OperandValue = str | int | float | date


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is written."""

    file: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Condition:
    """One question about one field. `operand` always is a tuple; every value in it counts."""

    field: str
    value: ValueType
    operator: str
    operand: tuple[OperandValue, ...]
    exact: bool = False


@dataclass(frozen=True, slots=True)
class All:
    """Every part must hold."""

    parts: tuple[Test, ...]


@dataclass(frozen=True, slots=True)
class Any:
    """One part must hold."""

    parts: tuple[Test, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part must not hold."""

    part: Test


@dataclass(frozen=True, slots=True)
class Always:
    """Holds."""


Test = Condition | All | Any | Not | Always


@dataclass(frozen=True, slots=True)
class Action:
    """One thing to do, with its checked argument."""

    name: str
    argument: BaseModel


@dataclass(frozen=True, slots=True)
class Rule:
    """When one of these events happens, if the test holds, then do this. `watch`: decide, but act on nothing."""

    name: str
    when: tuple[str, ...]
    test: Test
    actions: tuple[Action, ...]
    enabled: bool = True
    watch: bool = False
    inboxes: tuple[str, ...] = ()
    description: str = ""
    place: Place = Place("", 0, 0)

    @property
    def scoped_test(self) -> Test:
        """The test, with the rule's inboxes as its first part."""
        if not self.inboxes:
            return self.test
        scope = Condition("inbox", ValueType.WORD, "any_of", self.inboxes)
        return All((scope, *self.test.parts)) if isinstance(self.test, All) else All((scope, self.test))

    @property
    def stops(self) -> bool:
        """Whether it ends the run when it matches."""
        return not self.watch and any(action.name == "stop" for action in self.actions)


def conditions_of(test: Test) -> Iterator[Condition]:
    """Every question in a test, in the order written."""
    match test:
        case Condition():
            yield test
        case All(parts) | Any(parts):
            for part in parts:
                yield from conditions_of(part)
        case Not(part):
            yield from conditions_of(part)
        case Always():
            pass
