"""What is wrong between rules, or within one, although each word of them is right. No false alarms: only what is
certain is reported."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain

from .builtin_actions import ACTIONS
from .conditions import UNREADABLE
from .contradictions import flat, impossible_fields, is_impossible
from .loops import loops
from .model import All, Always, Any, Condition, Rule, Test
from .problems import Problem, in_order, quoted
from .shadows import Stoppers
from .text import fold
from .vocabulary import ActionSpec, ValueType


def analyse(rules: Sequence[Rule], actions: Mapping[str, ActionSpec] | None = None) -> list[Problem]:
    """Names used twice, rules that are never reached, tests that can never hold, rules that wake each other for ever.
    `actions`: those of the vocabulary; without them the built-in ones."""
    known = {spec.name: spec for spec in ACTIONS} if actions is None else actions
    found = (_names_twice, _unreachable, _contradictions, _never_known)
    return list(in_order(chain(*(look(rules) for look in found), _possible_loops(rules, known))))


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
    """Rules behind those that stop whatever they match. Per trigger: something must stop first for each of them."""
    stoppers = Stoppers(rules)
    for position, rule in enumerate(rules):
        if not rule.enabled or rule.test is UNREADABLE or not rule.when:
            continue
        before = [stoppers.before(position, trigger) for trigger in rule.when]
        first = before[0]
        if first is None or not all(before) or is_impossible(rule.scoped_test):
            continue
        said = "always stops before it" if isinstance(first.test, Always) else "stops all that it matches"
        if fold(first.name) != fold(rule.name):  # two of one name are told apart first
            yield _problem(rule, f"this rule can never run: {quoted(first.name)} ({_where(first, rule)}) {said}")


def _contradictions(rules: Sequence[Rule]) -> Iterable[Problem]:
    for rule in rules:
        for field in impossible_fields(All((rule.scoped_test, *_bounds(rule.scoped_test)))):
            yield _problem(rule, f"this rule can never match: what it asks of {quoted(field)} cannot hold together")
        for part in _alternatives(rule.test):
            for field in impossible_fields(part):
                message = f"a part of 'any' can never hold: what it asks of {quoted(field)} cannot hold together"
                yield _problem(rule, message)


def _bounds(test: Test) -> Iterable[Condition]:
    """What is true of some numbers wherever there is one."""
    for field, bounds in _BETWEEN.items():
        operators = {part.operator for part in flat(test) if part.field == field}
        if operators and "is_set" not in operators:
            yield Condition(field, ValueType.NUMBER, "between", bounds)


def _alternatives(test: Test) -> Iterable[Test]:
    """Every part of every `any` in a test."""
    match test:
        case Any(parts):
            yield from parts
            for part in parts:
                yield from _alternatives(part)
        case All(parts):
            for part in parts:
                yield from _alternatives(part)
        case _:
            pass


def _never_known(rules: Sequence[Rule]) -> Iterable[Problem]:
    """Conditions on what none of the rule's events tells."""
    for rule in rules:
        asked = [part for part in flat(rule.test) if part.operator != "is_set" or part.operand == (True,)]
        for field in dict.fromkeys(part.field for part in asked):
            events = _ONLY_WITH.get(field)
            of_nobody = set(rule.events) == {"agent_available"} and field != "survey.score"
            if events and rule.when and not of_nobody and not set(events) & set(rule.events):
                message = f"this rule can never match: {quoted(field)} is known only with {', '.join(events)}"
                yield _problem(rule, message)
            elif set(rule.events) == {"agent_available"} and field.partition(".")[0] not in _OF_AN_AGENT:
                message = f"this rule can never match: 'agent_available' has no conversation, so no {quoted(field)}"
                yield _problem(rule, message)


def _possible_loops(rules: Sequence[Rule], actions: Mapping[str, ActionSpec]) -> Iterable[Problem]:
    for ring in loops(rules, actions):
        way = " → ".join(quoted(rule.name) for rule in (*ring, ring[0]))
        hint = "Add a condition that ends it, such as a tag, or a cooldown"
        yield _problem(ring[0], f"possible loop: {way} wake each other again and again", hint)


_WITH_MESSAGE = ("message_received", "message_sent", "message_failed", "conversation_opened", "survey_answered")
_ONLY_WITH = {
    "survey.score": ("survey_answered",),
    **dict.fromkeys(("text", "kind", "has_attachment", "language", "quoted", "button", "sent_by"), _WITH_MESSAGE),
}
_COUNT = (0, 1_000_000_000)
_BETWEEN: Mapping[str, tuple[int, int]] = {
    "time.hour": (0, 23),
    "survey.score": (0, 10),
    "conversation.messages": _COUNT,
    "contact.conversations": _COUNT,
}
_OF_AN_AGENT = ("event", "agent", "team", "hours", "time")
