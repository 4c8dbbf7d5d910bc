"""Rules as they are after checking: immutable, without places in files except where a person asks for them."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from pydantic import BaseModel

from casella_rules.language.vocabulary import ValueType

OperandValue = str | int | float | date


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is written."""

    file: str
    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Condition:
    """One question about one field. `operand` always is a tuple; every value in it counts. `exact`: capitals matter.
    `unaccented`: accents do not. `place`: where it is
    written, for whoever has to mend it; it says nothing of the question."""

    field: str
    value: ValueType
    operator: str
    operand: tuple[OperandValue, ...]
    exact: bool = False
    unaccented: bool = dataclasses.field(default=False, kw_only=True)
    place: Place | None = dataclasses.field(default=None, compare=False, repr=False)


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
    """When one of these triggers comes, if the test holds, then do this. `watch`: decide, but act on nothing.

    A trigger is an event's name, with its parameter where it takes one: `message_received`,
    `conversation_waiting 30m`, `schedule 0 9 * * mon-fri`. `after`: seconds to wait before the test is asked again
    and the actions are done; an event in `unless` that comes in between cancels it. `cooldown`: seconds for which the
    rule does not act on the same conversation again.
    """

    name: str
    when: tuple[str, ...]
    test: Test
    actions: tuple[Action, ...]
    enabled: bool = True
    watch: bool = False
    inboxes: tuple[str, ...] = ()
    after: int = 0
    unless: tuple[str, ...] = ()
    cooldown: int = 0
    description: str = ""
    place: Place = Place("", 0, 0)
    #: The office hours in whose open time `after` is counted; empty: it is counted all day and night.
    after_in: str = ""
    #: The same of `cooldown`.
    cooldown_in: str = ""

    @property
    def events(self) -> tuple[str, ...]:
        """The events it waits for, each once, without their parameters."""
        return tuple(dict.fromkeys(event_of(trigger) for trigger in self.when))

    @property
    def scoped_test(self) -> Test:
        """The test, with what the rule's keys add to it as its first parts."""
        added = (*_inboxes(self.inboxes), *_customer_began(self), *_not_put_aside(self))
        if not added:
            return self.test
        return All((*added, *self.test.parts)) if isinstance(self.test, All) else All((*added, self.test))

    @property
    def stops(self) -> bool:
        """Whether it ends the run when it matches. One that waits acts in no run, so it ends none."""
        return not self.watch and not self.after and any(action.name == "stop" for action in self.actions)


def event_of(trigger: str) -> str:
    """The event's name in a trigger: `conversation_waiting` in `conversation_waiting 30m`."""
    return trigger.partition(" ")[0]


def _inboxes(inboxes: tuple[str, ...]) -> tuple[Test, ...]:
    return (Condition("inbox", ValueType.WORD, "any_of", inboxes),) if inboxes else ()


def _customer_began(rule: Rule) -> tuple[Test, ...]:
    """A rule about customers' messages that also waits for `conversation_opened` means the customer's first message:
    a conversation that an agent starts wakes it only when it asks who began."""
    if not {"message_received", "conversation_opened"} <= set(rule.events):
        return ()
    if any(condition.field == _STARTED_BY for condition in conditions_of(rule.test)):
        return ()
    opened = Condition("event", ValueType.WORD, "is", ("conversation_opened",))
    return (Not(All((opened, Condition(_STARTED_BY, ValueType.WORD, "is", ("agent",))))),)


def _not_put_aside(rule: Rule) -> tuple[Test, ...]:
    """A rule of silence leaves alone what is put aside: it is silent because somebody wants it so. Unless the rule asks
    how a conversation stands."""
    if "conversation_idle" not in rule.events or any(one.field == _STATUS for one in conditions_of(rule.test)):
        return ()
    snoozed = Condition(_STATUS, ValueType.WORD, "is", ("snoozed",))
    if rule.events == ("conversation_idle",):
        return (Not(snoozed),)
    return (Not(All((Condition("event", ValueType.WORD, "is", ("conversation_idle",)), snoozed))),)


_STARTED_BY = "conversation.started_by"
_STATUS = "conversation.status"


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


def flat(test: Test) -> Iterator[Condition]:
    """The questions that all must come out true, groups inside `any` and `not` left out."""
    match test:
        case Condition():
            yield test
        case All(parts):
            for part in parts:
                yield from flat(part)
        case _:
            pass
