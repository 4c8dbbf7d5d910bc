"""Rules, parts of rules and single values that nothing can ever match, and why."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from .conditions import UNREADABLE
from .explain import sentence
from .limits import FieldLimits
from .model import All, Any, Condition, Rule, Test, conditions_of, event_of, flat
from .possible import Judges, thing_of
from .problems import Problem, quoted
from .vocabulary import ValueType

#: A list that is longer is not looked through value by value.
_MOST_VALUES = 100
#: Operators behind which each value of a list may be the one that counts.
_EACH_COUNTS = (
    "any_of", "contains", "contains_word", "starts_with", "ends_with", "matches", "has_any",
    "changed_from", "changed_to",
)  # fmt: skip
PutBack = Callable[[Test], Test]


def impossible(rules: Sequence[Rule], judges: Judges) -> Iterator[Problem]:
    """A problem for each rule that can never match, and for each part and value of the others that never can."""
    for rule in rules:
        if not rule.when or rule.test is UNREADABLE:
            continue
        alive = [trigger for trigger in rule.when if not judges.of(trigger).excludes(rule.scoped_test)]
        reasons = _dead_parts(rule, alive, judges) if alive else [f"this rule can never match: {_why(rule, judges)}"]
        for reason in dict.fromkeys(reasons):
            message, _, hint = reason.partition("\n")
            yield Problem(rule.place.file, rule.place.line, rule.place.column, message, hint)


def why_never(rule: Rule, trigger: str, judges: Judges) -> str:
    """Why a rule can never match when this happens; empty where it can."""
    only = replace(rule, when=(trigger,))
    return "" if judges.any_allows(only, rule.scoped_test) else _why(only, judges).partition("\n")[0]


def _why(rule: Rule, judges: Judges) -> str:
    """In words; a hint behind a line break."""
    return _untold(rule, judges) or _alone(rule, judges) or _together(rule, rule.scoped_test, judges)


def _untold(rule: Rule, judges: Judges) -> str:
    """What none of the rule's events tells."""
    known = judges.circumstances
    asked = [part for part in flat(rule.scoped_test) if part.operator != "is_set" or part.operand == (True,)]
    for field in dict.fromkeys(part.field for part in asked):
        if any(known.may_be_known(field, trigger) for trigger in rule.when):
            continue
        if any(part.operator.startswith("changed") for part in asked if part.field == field):
            continue
        told = [known.limits(field, trigger).known_with for trigger in rule.when]
        if all(told) and set(rule.events) != {"agent_available"}:
            return f"{quoted(field)} is known only with {', '.join(told[0])}"
        return f"'agent_available' has no conversation, so no {quoted(field)}"
    return ""


def _alone(rule: Rule, judges: Judges) -> str:
    """A single question that nothing answers."""
    for part in flat(rule.scoped_test):
        if all(judges.of(trigger).excludes(part) for trigger in rule.when):
            bounds = [judges.circumstances.limits(part.field, trigger) for trigger in rule.when]
            number = part.value in (ValueType.NUMBER, ValueType.DURATION)
            hint = _bounds(part.field, bounds) if number else _events(rule, part, judges)
            return f"nothing ever answers {quoted(sentence(part))}\n{hint}"
    return ""


def _bounds(field: str, bounds: Iterable[FieldLimits]) -> str:
    limits = next(iter(bounds))
    if limits.least is not None and limits.most is not None and limits.most < 1_000_000:
        return f"{quoted(field)} goes from {limits.least:g} to {limits.most:g}"
    whole = " and is a whole number" if limits.whole else ""
    return f"{quoted(field)} is at least {limits.least:g}{whole}" if limits.least is not None else ""


def _events(rule: Rule, part: Condition, judges: Judges) -> str:
    """What the rule's events have for values there, where these are few."""
    known = judges.circumstances
    values = sorted({value for trigger in rule.when for value in known.values(part.field, trigger)})
    if part.operator.startswith("changed"):
        return f"{quoted(part.field)} is not changed by {' or '.join(event_of(trigger) for trigger in rule.when)}"
    return f"With {', '.join(rule.events)} it is {' or '.join(values)}" if 0 < len(values) <= 6 else ""


def _together(rule: Rule, test: Test, judges: Judges) -> str:
    for trigger in rule.when:
        fields = judges.of(trigger).clashing(test)
        if fields:
            return f"what it asks of {' and '.join(map(quoted, fields))} cannot hold together"
    return "what it asks excludes itself"


def _dead_parts(rule: Rule, alive: Sequence[str], judges: Judges) -> Iterator[str]:
    here = replace(rule, when=tuple(alive))
    for part, test in _alternatives(rule.test):
        within = _within(rule, test)
        if not judges.any_allows(here, within):
            yield f"a part of 'any' can never hold: {_of_part(here, part, within, judges)}"
    for condition, value, test in _single_values(rule.test):
        if not judges.any_allows(here, _within(rule, test)):
            message = f"{quoted(str(value))} can never match here: the rest of the rule excludes it"
            yield f"{message}\nTake it out of {quoted(f'{condition.field} {condition.operator}')}"


def _of_part(rule: Rule, part: Test, within: Test, judges: Judges) -> str:
    alone = replace(rule, test=part, inboxes=())
    if not judges.any_allows(rule, part):
        return _why(alone, judges).partition("\n")[0]
    return _together(rule, within, judges)


def _within(rule: Rule, test: Test) -> Test:
    return replace(rule, test=test).scoped_test


def _alternatives(test: Test) -> Iterator[tuple[Test, Test]]:
    """Every part of every `any`, with the whole test in which it is the only one left."""
    match test:
        case Any(parts):
            for part in parts:
                yield part, part
                yield from _alternatives(part)
        case All(parts):
            for at, part in enumerate(parts):
                for inner, alone in _alternatives(part):
                    yield inner, All((*parts[:at], alone, *parts[at + 1 :]))
        case _:
            pass


def _single_values(test: Test) -> Iterator[tuple[Condition, object, Test]]:
    """Every value of every list, with the whole test in which it is the only one left. Only of what the test asks about
    more than once: a value alone was looked at when it was read."""
    things = [thing_of(condition.field) for condition in conditions_of(test)]
    often = {thing for thing in things if things.count(thing) > 1 or thing == "agent"}
    for condition, put_back in _lists(test):
        if thing_of(condition.field) in often and 1 < len(condition.operand) <= _MOST_VALUES:
            for value in condition.operand:
                yield condition, value, put_back(replace(condition, operand=(value,)))


def _lists(test: Test) -> Iterator[tuple[Condition, PutBack]]:
    match test:
        case Condition(operator=operator) if operator in _EACH_COUNTS:
            yield test, _itself
        case All(parts):
            for at, part in enumerate(parts):
                for condition, inner in _lists(part):
                    yield condition, _around(parts, at, inner)
        case _:
            pass


def _itself(test: Test) -> Test:
    return test


def _around(parts: tuple[Test, ...], at: int, inner: PutBack) -> PutBack:
    return lambda test: All((*parts[:at], inner(test), *parts[at + 1 :]))
