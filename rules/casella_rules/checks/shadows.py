"""Which rules end every run that a later rule could be in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from casella_rules.checks.implication import implies
from casella_rules.checks.possible import Judges
from casella_rules.checks.ways import Way, narrowed
from casella_rules.language.model import Condition, Rule, conditions_of, flat
from casella_rules.language.text import collapsed, fold
from casella_rules.language.vocabulary import ValueType
from casella_rules.parsing.conditions import UNREADABLE

#: Rules that stop and name no word are compared one by one; more of them than this are not looked at.
_MOST_WITHOUT_WORDS = 200
#: Of several that stop together: more ways past them than this, or more of them, are not followed.
_MOST_LEFT = 64
_MOST_TOGETHER = 40
_NAMED = {
    ValueType.WORD: ("is", "any_of"),
    ValueType.SET: ("has", "has_any"),
    ValueType.TEXT: ("contains_word", "is", "any_of"),  # `contains` may stand inside a word, and is filed nowhere
}
_Key = tuple[str, str]


class Stoppers:
    """The rules that stop, or do something else that leaves nothing for later ones (`does`), filed by a word they ask
    for, so that not every rule is compared with every other."""

    def __init__(self, rules: Sequence[Rule], judges: Judges, does: Callable[[Rule], bool] | None = None) -> None:
        self._rules = rules
        self._judges = judges
        self._does = does or (lambda rule: rule.stops)
        self._by_word: dict[_Key, list[int]] = {}
        self._others: list[int] = []
        stopping = [at for at, rule in enumerate(rules) if self._may_stop(rule)]
        self._stopping = stopping
        self._tests = [rule.scoped_test for rule in rules]
        self._breadth = [1 + sum(1 for _ in conditions_of(test)) for test in self._tests]
        common = Counter(key for at in stopping for part in flat(rules[at].scoped_test) for key in _keys(part))
        for at in stopping:
            self._file(at, common)

    def stop(self, position: int, trigger: str) -> list[Rule]:
        """The rule above this position, or the several, that stop whatever the rule there matches."""
        if not self._stopping or position <= self._stopping[0]:
            return []
        alone = self._before(position, trigger)
        return [alone] if alone else self._together(position, trigger)

    def _before(self, position: int, trigger: str) -> Rule | None:
        """The first rule above this position that stops whatever the rule there matches, when this trigger comes."""
        rule, patience = self._rules[position], self._judges.patience
        for at in sorted(at for at in self._candidates(rule) if at < position):
            other = self._rules[at]
            if patience.is_over:
                return None
            patience.spend(self._breadth[position] * self._breadth[at])
            if trigger in other.when and implies(self._tests[position], self._tests[at]):
                return other
        return None

    def _together(self, position: int, trigger: str) -> list[Rule]:
        """Rules above this one that between them stop all that it matches, when this trigger comes; the fewest."""
        rule, judge = self._rules[position], self._judges.of(trigger)
        left = judge.ways(rule.scoped_test)
        used: list[Rule] = []
        for other in (self._rules[at] for at in self._stopping if at < position):
            if not left or len(used) > _MOST_TOGETHER or self._judges.patience.is_over:
                break
            if trigger in other.when:
                passed = narrowed(left, other.scoped_test, judge.allows, _MOST_LEFT, wanted=False)
                if passed is not None and (len(passed) <= len(left) or len(passed) < len(left) * self._exits(other)):
                    left, used = passed, [*used, other]
        return self._needed(rule, used, trigger) if left == [] and used else []

    def _exits(self, rule: Rule) -> int:
        """In how many ways a test can fail, looking at nothing else."""
        exits = narrowed([()], rule.scoped_test, _anything, _MOST_LEFT, wanted=False)
        return len(exits) if exits else 0

    def _needed(self, rule: Rule, used: list[Rule], trigger: str) -> list[Rule]:
        judge = self._judges.of(trigger)
        for spare in used:
            others = [one for one in used if one is not spare]
            left = judge.ways(rule.scoped_test)
            for other in others:
                left = narrowed(left or (), other.scoped_test, judge.allows, _MOST_LEFT, wanted=False)
            if left == []:
                return self._needed(rule, others, trigger)
        return used

    def _may_stop(self, rule: Rule) -> bool:
        if not (rule.enabled and self._does(rule)) or rule.test is UNREADABLE:
            return False
        return self._judges.any_allows(rule, rule.scoped_test)

    def _file(self, at: int, common: Counter[_Key]) -> None:
        """Under all the words of its rarest condition."""
        offered = [keys for part in flat(self._rules[at].scoped_test) if (keys := list(_keys(part)))]
        if not offered:
            self._others.append(at)
            return
        for key in min(offered, key=lambda keys: sum(common[key] for key in keys)):
            self._by_word.setdefault(key, []).append(at)

    def _candidates(self, rule: Rule) -> set[int]:
        """A narrower rule asks for nothing that the wider one does not name: one of its words is enough to find it."""
        found = set(self._others[:_MOST_WITHOUT_WORDS])
        for part in flat(rule.scoped_test):
            for key in _asked(part):
                found.update(self._by_word.get(key, ()))
        return found


def _anything(way: Way) -> bool:
    return True


def _keys(part: Condition) -> Iterator[_Key]:
    if not (part.exact or part.unaccented) and part.operator in _NAMED.get(part.value, ()):
        yield from ((part.field, collapsed(fold(str(value)))) for value in part.operand)


def _asked(part: Condition) -> Iterator[_Key]:
    """Words of a narrower condition, one of which the wider one must name: those of its first value, a phrase's each;
    of tags that must all be there, any."""
    texts = [collapsed(fold(str(value))) for value in part.operand]
    for text in texts if part.operator == "has_all" else texts[:1]:
        yield part.field, text
        if " " in text:
            yield from ((part.field, word) for word in text.split())
