"""Which rules end every run that a later rule could be in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from .conditions import UNREADABLE
from .contradictions import flat, is_impossible
from .implication import implies
from .model import Condition, Rule
from .text import collapsed, fold
from .vocabulary import ValueType

#: Rules that stop and name no word are compared one by one; more of them than this are not looked at.
_MOST_WITHOUT_WORDS = 200
_NAMED = {
    ValueType.WORD: ("is", "any_of"),
    ValueType.SET: ("has", "has_any"),
    ValueType.TEXT: ("contains_word", "is", "any_of"),  # `contains` may stand inside a word, and is filed nowhere
}
_Key = tuple[str, str]


class Stoppers:
    """The rules that stop, filed by a word they ask for, so that not every rule is compared with every other."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._rules = rules
        self._by_word: dict[_Key, list[int]] = {}
        self._others: list[int] = []
        stopping = [at for at, rule in enumerate(rules) if _may_stop(rule)]
        common = Counter(key for at in stopping for part in flat(rules[at].scoped_test) for key in _keys(part))
        for at in stopping:
            self._file(at, common)

    def before(self, position: int, trigger: str) -> Rule | None:
        """The first rule above this position that stops whatever the rule there matches, when this trigger comes."""
        rule = self._rules[position]
        for at in sorted(at for at in self._candidates(rule) if at < position):
            other = self._rules[at]
            if trigger in other.when and implies(rule.scoped_test, other.scoped_test):
                return other
        return None

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


def _may_stop(rule: Rule) -> bool:
    if not (rule.enabled and rule.stops) or rule.test is UNREADABLE:
        return False
    return not is_impossible(rule.scoped_test)


def _keys(part: Condition) -> Iterator[_Key]:
    if not part.exact and part.operator in _NAMED.get(part.value, ()):
        yield from ((part.field, collapsed(fold(str(value)))) for value in part.operand)


def _asked(part: Condition) -> Iterator[_Key]:
    """Words of a narrower condition, one of which the wider one must name: those of its first value, a phrase's each;
    of tags that must all be there, any."""
    texts = [collapsed(fold(str(value))) for value in part.operand]
    for text in texts if part.operator == "has_all" else texts[:1]:
        yield part.field, text
        if " " in text:
            yield from ((part.field, word) for word in text.split())
