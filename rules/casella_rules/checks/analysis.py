"""What is wrong between rules, or within one, although each word of them is right. No false alarms: only what is
certain is reported."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from casella_rules.checks.impossible import impossible
from casella_rules.checks.loops import loops
from casella_rules.checks.possible import Judges
from casella_rules.checks.shadows import Stoppers
from casella_rules.language.circumstances import Circumstances
from casella_rules.language.model import Always, Rule
from casella_rules.language.text import fold
from casella_rules.parsing.conditions import UNREADABLE
from casella_rules.yaml.problems import Problem, in_order, quoted


def analyse(rules: Sequence[Rule], circumstances: Circumstances | None = None) -> list[Problem]:
    """Names used twice, rules that are never reached, rules, parts and values that can never match, rules that wake
    each other for ever. `circumstances`: what can be at all; without them what the built-in tables say."""
    judges = Judges(circumstances or Circumstances())
    found = list(_names_twice(rules))
    for look in (impossible, _unreachable, _possible_loops):
        judges.patience.renew()
        found += look(rules, judges)
    return list(in_order(found))


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


def _unreachable(rules: Sequence[Rule], judges: Judges) -> Iterable[Problem]:
    """Rules behind those that stop whatever they match. Per trigger: something must stop first for each of them."""
    stoppers = Stoppers(rules, judges)
    for position, rule in enumerate(rules):
        if not rule.enabled or rule.test is UNREADABLE or not rule.when:
            continue
        before: list[Rule] = []
        for trigger in rule.when:
            found = stoppers.stop(position, trigger)
            before += [one for one in found if one not in before]
            if not found:
                break
        else:
            if judges.any_allows(rule, rule.scoped_test) and fold(before[0].name) != fold(rule.name):
                yield _problem(rule, f"this rule can never run: {_stopped_by(before, rule)}")


def _stopped_by(others: Sequence[Rule], rule: Rule) -> str:
    named = [f"{quoted(other.name)} ({_where(other, rule)})" for other in others]
    if len(others) > 1:
        return f"{', '.join(named[:-1])} and {named[-1]} stop all that it matches"
    return (
        f"{named[0]} {'always stops before it' if isinstance(others[0].test, Always) else 'stops all that it matches'}"
    )


def _possible_loops(rules: Sequence[Rule], judges: Judges) -> Iterable[Problem]:
    for ring in loops(rules, judges.circumstances.vocabulary.actions, judges):
        way = " → ".join(quoted(rule.name) for rule in (*ring, ring[0]))
        told = f"{way} wake each other" if len(ring) > 1 else f"{quoted(ring[0].name)} wakes itself"
        hint = "Add a condition that ends it, such as a tag, or a cooldown"
        yield _problem(ring[0], f"possible loop: {told} again and again", hint)
