"""What the stored facts hold, and what they do not: a rule that asks for something else is not guessed at.

A field that is always gathered and is not among the facts had no value. One that is gathered only where a rule asks
for it is unknown, unless the rules of that time asked for it.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Mapping, Set
from dataclasses import dataclass, replace

from casella.inbox.history.rows import Recorded
from casella.inbox.routing import ALWAYS_FAMILIES, ALWAYS_GATHERED
from casella_rules import Facts, Rule, RuleSet, compile_rules
from casella_rules.engine.reference import holds
from casella_rules.language.facts import previous_field
from casella_rules.language.model import All, Always, Any, Condition, Not, Test, conditions_of

#: Where no rule asks, the house only says yes for certain: an old customer's first conversation would cost a question.
_HALF_KNOWN = {"contact.is_new": True}
#: Other words of the customer: they are not kept with a decision, even where a rule asked for them.
_NEVER_STORED = frozenset({"quoted", "button"})
_MOST_SETS = 32


@dataclass(frozen=True, slots=True)
class Gap:
    """A rule that could not be asked so many times, for want of these fields."""

    rule: str
    fields: tuple[str, ...]
    times: int


class Askable:
    """The new rules, without those that cannot be answered from the facts at hand."""

    def __init__(self, rules: RuleSet) -> None:
        self._rules = rules
        self._wanting = {field for field in rules.fields if not _always(field)}
        self._without: OrderedDict[frozenset[str], RuleSet] = OrderedDict()
        self._gaps: Counter[tuple[str, tuple[str, ...]]] = Counter()

    def rules(self, recorded: Recorded, facts: Facts, then: Set[str]) -> RuleSet:
        """The rules to decide these facts with. `then`: the fields that the rules of that time asked for."""
        missing = {
            field for field in self._wanting if field not in then - _NEVER_STORED and not _is_known(field, facts)
        }
        missing |= self._wanting & recorded.unavailable
        if recorded.text is None and "text" in self._rules.fields and _has_words(facts):
            missing.add("text")
        if not missing:
            return self._rules
        unknown = frozenset(rule.name for rule in self._rules.rules if self._is_open(rule, facts, missing))
        return self._leaving_out(unknown) if unknown else self._rules

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """What could not be asked, rule by rule."""
        return tuple(Gap(rule, fields, times) for (rule, fields), times in self._gaps.items())

    def _is_open(self, rule: Rule, facts: Facts, missing: Set[str]) -> bool:
        if not rule.enabled or facts.trigger not in rule.when or verdict(rule.scoped_test, facts, missing) is not None:
            return False
        asked = sorted({c.field for c in conditions_of(rule.scoped_test)} & missing)
        self._gaps[rule.name, tuple(asked)] += 1
        return True

    def _leaving_out(self, names: frozenset[str]) -> RuleSet:
        known = self._without.get(names)
        if known is None:
            kept = [replace(rule, enabled=rule.enabled and rule.name not in names) for rule in self._rules.rules]
            known = self._without[names] = compile_rules(kept, self._rules.vocabulary)
            if len(self._without) > _MOST_SETS:
                self._without.popitem(last=False)
        return known


def verdict(test: Test, facts: Facts, missing: Set[str]) -> bool | None:
    """Whether the test holds whatever the missing fields were; None when that depends on them."""
    match test:
        case Condition():
            asked = {test.field, previous_field(test.field)} if test.operator.startswith("changed") else {test.field}
            return holds(test, facts) if asked.isdisjoint(missing) else None
        case All(parts):
            answers = [verdict(part, facts, missing) for part in parts]
            return False if False in answers else None if None in answers else True
        case Any(parts):
            answers = [verdict(part, facts, missing) for part in parts]
            return True if True in answers else None if None in answers else False
        case Not(part):
            answer = verdict(part, facts, missing)
            return None if answer is None else not answer
        case Always():
            return True


def unheard_triggers(rules: RuleSet, heard: Mapping[str, int]) -> dict[str, tuple[str, ...]]:
    """Rules that wait for events of which the history holds none, with those events."""
    return {
        rule.name: missing
        for rule in rules.rules
        if rule.enabled and (missing := tuple(trigger for trigger in rule.when if trigger not in heard))
    }


def _always(field: str) -> bool:
    return field in ALWAYS_GATHERED or field.startswith(ALWAYS_FAMILIES)


def _is_known(field: str, facts: Facts) -> bool:
    value = facts.get(field)
    return value is not None and _HALF_KNOWN.get(field, value) == value


def _has_words(facts: Facts) -> bool:
    return "kind" in facts
