"""Rules, parts of rules and single values that nothing can ever match, and why."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from casella_rules.checks.possible import Judges, thing_of
from casella_rules.engine.explain import sentence
from casella_rules.language.durations import written
from casella_rules.language.limits import FieldLimits
from casella_rules.language.model import All, Any, Condition, Rule, Test, conditions_of, flat
from casella_rules.language.vocabulary import ValueType
from casella_rules.parsing.conditions import UNREADABLE
from casella_rules.yaml.problems import Problem, quoted

#: A list that is longer is not looked through value by value.
_MOST_VALUES = 100
#: Operators behind which each value of a list may be the one that counts.
_EACH_COUNTS = (
    "any_of", "contains", "contains_word", "starts_with", "ends_with", "matches", "has_any",
    "changed_from", "changed_to",
)  # fmt: skip
#: Things of which the desk or the event has only some of the values that the language knows.
_LIMITED = ("agent", "sent_by", "event", "time")
PutBack = Callable[[Test], Test]


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something can never match, what to write instead, and the question that shows it."""

    text: str
    hint: str = ""
    at: Condition | None = None

    def problem(self, rule: Rule, what: str) -> Problem:
        """As told to a manager, where the question is written."""
        place = (self.at.place if self.at else None) or rule.place
        return Problem(place.file, place.line, place.column, f"{what}{self.text}", self.hint)


def impossible(rules: Sequence[Rule], judges: Judges) -> Iterator[Problem]:
    """A problem for each rule that can never match, and for each part and value of the others that never can."""
    for rule in rules:
        if not rule.when or rule.test is UNREADABLE:
            continue
        alive = tuple(trigger for trigger in rule.when if not judges.of(trigger).excludes(rule.scoped_test))
        if alive:
            yield from _dead_parts(replace(rule, when=alive), judges)
        else:
            yield _why(rule, rule.scoped_test, judges).problem(rule, "this rule can never match: ")


def never_on(rule: Rule, judges: Judges) -> Iterator[tuple[str, Reason]]:
    """The events of a rule, which may match on others, on which it never does, and why."""
    for trigger in rule.when:
        if judges.of(trigger).excludes(rule.scoped_test):
            yield trigger, _why(replace(rule, when=(trigger,)), rule.scoped_test, judges)


def _why(rule: Rule, test: Test, judges: Judges) -> Reason:
    return _untold(rule, test, judges) or _alone(rule, test, judges) or _together(rule, test, judges)


def _untold(rule: Rule, test: Test, judges: Judges) -> Reason | None:
    """What none of the rule's events tells."""
    known = judges.circumstances
    for part in flat(test):
        if part.operator.startswith("changed") or (part.operator == "is_set" and part.operand == (False,)):
            continue
        if any(known.may_be_known(part.field, trigger) for trigger in rule.when):
            continue
        told = [known.limits(part.field, trigger).known_with for trigger in rule.when]
        if all(told) and set(rule.events) != {"agent_available"}:
            return Reason(f"{quoted(part.field)} is known only with {', '.join(told[0])}", at=part)
        return Reason(f"'agent_available' has no conversation, so no {quoted(part.field)}", at=part)
    return None


def _alone(rule: Rule, test: Test, judges: Judges) -> Reason | None:
    """A single question that nothing answers."""
    for part in flat(test):
        if all(judges.of(trigger).excludes(part) for trigger in rule.when):
            bounds = [judges.circumstances.limits(part.field, trigger) for trigger in rule.when]
            number = part.value in (ValueType.NUMBER, ValueType.DURATION)
            hint = _bounds(part, bounds[0]) if number else _values(rule, part, judges)
            return Reason(f"nothing ever answers {quoted(sentence(part))}", hint, part)
    return None


def _bounds(part: Condition, limits: FieldLimits) -> str:
    if limits.least is None:
        return ""
    shown = written if part.value is ValueType.DURATION else "{:g}".format
    if limits.most is not None and limits.most < 1_000_000:
        return f"{quoted(part.field)} goes from {shown(limits.least)} to {shown(limits.most)}"
    whole = " and is a whole number" if limits.whole else ""
    return f"{quoted(part.field)} is at least {shown(limits.least)}{whole}"


def _values(rule: Rule, part: Condition, judges: Judges) -> str:
    """What the rule's events have for values there, where these are few."""
    known = judges.circumstances
    values = sorted({value for trigger in rule.when for value in known.values(part.field, trigger)})
    if part.operator.startswith("changed"):
        return f"{' and '.join(rule.events)} {'do' if len(rule.events) > 1 else 'does'} not change it"
    return f"With {', '.join(rule.events)} it is {' or '.join(values)}" if 0 < len(values) <= 6 else ""


def _together(rule: Rule, test: Test, judges: Judges) -> Reason:
    for trigger in rule.when:
        fields = judges.of(trigger).clashing(test)
        if fields:
            last = next(part for part in reversed(list(flat(test))) if part.field in fields)
            text = f"what it asks of {' and '.join(map(quoted, fields))} cannot hold together"
            return Reason(text, _over_midnight(test) if list(fields) == ["time.hour"] else "", at=last)
    return Reason("its conditions exclude each other")


def _over_midnight(test: Test) -> str:
    """`time.hour: {gte: 22, lt: 6}` is meant from the evening to the morning."""
    from_, until = (
        [one.operand[0] for one in flat(test) if one.field == "time.hour" and one.operator in operators]
        for operators in (("gt", "gte"), ("lt", "lte"))
    )
    whole = [int(one) for one in (*from_, *until) if isinstance(one, int)]
    if len(from_) != 1 or len(until) != 1 or len(whole) != 2 or whole[0] <= whole[1]:
        return ""
    asked = [f"{{time.hour: {{{one.operator}: {one.operand[0]}}}}}" for one in flat(test) if one.field == "time.hour"]
    return f"Write 'any: [{', '.join(asked)}]' for {whole[0]} to {whole[1]} over midnight"


def _dead_parts(rule: Rule, judges: Judges) -> Iterator[Problem]:
    """What never matches in a rule that may. `rule`: with only the events on which it may."""
    for part, test in _alternatives(rule.test):
        within = _within(rule, test)
        if not judges.any_allows(rule, within):
            here = part if not judges.any_allows(rule, part) else within
            reason = _why(rule, here, judges)
            at = reason.at or next(conditions_of(part), None)
            yield replace(reason, at=at).problem(rule, "a part of 'any' can never hold: ")
    for condition, value, test in _single_values(rule.test):
        if not judges.any_allows(rule, _within(rule, test)):
            hint = f"Take it out of {quoted(f'{condition.field} {condition.operator}')}"
            text = f"{quoted(str(value))} can never match here: the events or the rest of the rule exclude it"
            yield Reason(text, hint, condition).problem(rule, "")


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
    more than once, and of what has limits: any other value alone was looked at when it was read."""
    things = [thing_of(condition.field) for condition in conditions_of(test)]
    weighed = {thing for thing in things if things.count(thing) > 1 or thing in _LIMITED}
    for condition, put_back in _lists(test):
        limited = condition.value in (ValueType.NUMBER, ValueType.DURATION) or thing_of(condition.field) in weighed
        if limited and 1 < len(condition.operand) <= _MOST_VALUES:
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
