"""Compiled rule sets and the decision. Nothing is asked that cannot match; see `gates`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .checks import Check, View, check_of, fold_name
from .decision import Decision, PlannedAction, SkippedAction
from .facts import Facts
from .gates import Census, Filing, Gate, file_test
from .model import Always, Rule, conditions_of
from .serial import hash_of, rules_as_json
from .textindex import TextIndex
from .vocabulary import ValueType, Vocabulary


@dataclass(frozen=True, slots=True, eq=False)
class _Step:
    """One rule, ready to be decided. `check` is None when passing its gate settles everything."""

    name: str
    check: Check | None
    watch: bool
    stops: bool
    planned: tuple[PlannedAction, ...]
    exclusive: tuple[int, ...]


class _Index:
    """Which rules of one event are worth asking for these facts."""

    def __init__(self, filed: Sequence[tuple[int, Filing | None]]) -> None:
        self._always = [position for position, filing in filed if filing is None]
        gates = [(position, gate) for position, filing in filed if filing for gate in filing.gates]
        words: dict[tuple[str, bool], dict[str, list[int]]] = {}
        texts: dict[str, list[tuple[int, Gate]]] = {}
        for position, gate in gates:
            if gate.form:
                texts.setdefault(gate.field, []).append((position, gate))
                continue
            buckets = words.setdefault((gate.field, gate.value is ValueType.WORD), {})
            for key in gate.keys:
                buckets.setdefault(key, []).append(position)
        self._words = [(field, single, buckets) for (field, single), buckets in words.items()]
        self._texts = [TextIndex(field, entries) for field, entries in texts.items()]

    def candidates(self, view: View) -> Sequence[int]:
        """Positions of the rules to ask, in order, each once."""
        found = self._always.copy()
        for field, single, buckets in self._words:
            value = view.values.get(field)
            if single and value.__class__ is str:
                found += buckets.get(fold_name(value), ())
            elif isinstance(value, frozenset):
                for name in value:
                    found += buckets.get(fold_name(name), ())
        for texts in self._texts:
            found += texts.candidates(view)
        return sorted(set(found)) if len(found) > 1 else found


class RuleSet:
    """Rules compiled once, decided many times, from any number of threads. Made by `compile_rules`."""

    def __init__(self, rules: Sequence[Rule], vocabulary: Vocabulary) -> None:
        self.rules = tuple(rules)
        self.vocabulary = vocabulary
        self.json = rules_as_json(self.rules)
        self.hash = hash_of(self.json)
        self.fields = frozenset(condition.field for rule in self.rules for condition in conditions_of(rule.scoped_test))
        self._nothing = Decision(self.hash)
        self._made: dict[_Step, Decision] = {}
        census = Census.of(rule.scoped_test for rule in self.rules if rule.enabled)
        filed = [file_test(rule.scoped_test, census) for rule in self.rules]
        self._steps = [_step(rule, filing, vocabulary) for rule, filing in zip(self.rules, filed, strict=True)]
        self._indexes = _indexes(self.rules, filed)

    def decide(self, facts: Facts) -> Decision:
        """What to do about these facts. Pure: equal facts, equal decision."""
        index = self._indexes.get(facts.event)
        if index is None:
            return self._nothing
        view = View(facts)
        run: list[_Step] = []
        for position in index.candidates(view):
            step = self._steps[position]
            if step.check is None or step.check(view):
                run.append(step)
                if step.stops:
                    break
        if not run:
            return self._nothing
        return self._planned(run) if len(run) > 1 else self._alone(run[0])

    def _alone(self, step: _Step) -> Decision:
        """The decision when one rule matched and no other; decisions are immutable, so it is made once."""
        decision = self._made.get(step)
        if decision is None:
            decision = self._made[step] = self._planned([step])
        return decision

    def _planned(self, run: Iterable[_Step]) -> Decision:
        matched, watched = [], []
        actions: list[PlannedAction] = []
        skipped: list[SkippedAction] = []
        taken: set[str] = set()
        stopped_by = None
        for step in run:
            if step.watch:
                watched.append(step.name)
                skipped += [SkippedAction(a.rule, a.index, a.action, "watch_mode") for a in step.planned]
                continue
            matched.append(step.name)
            if step.exclusive:
                _first_wins(step, actions, skipped, taken)
            else:
                actions += step.planned
            if step.stops:
                stopped_by = step.name
        return Decision(self.hash, tuple(matched), tuple(watched), tuple(actions), tuple(skipped), stopped_by)


def compile_rules(rules: Sequence[Rule], vocabulary: Vocabulary) -> RuleSet:
    """Rules that were read without problems, ready to decide."""
    return RuleSet(rules, vocabulary)


def decide(ruleset: RuleSet, facts: Facts) -> Decision:
    """What to do about these facts."""
    return ruleset.decide(facts)


def _first_wins(step: _Step, actions: list[PlannedAction], skipped: list[SkippedAction], taken: set[str]) -> None:
    for position, action in enumerate(step.planned):
        if position in step.exclusive:
            if action.action in taken:
                skipped.append(SkippedAction(action.rule, action.index, action.action, "already_assigned"))
                continue
            taken.add(action.action)
        actions.append(action)


def _step(rule: Rule, filing: Filing | None, vocabulary: Vocabulary) -> _Step:
    rest = filing.rest if filing else rule.scoped_test
    # `stop` is an order to the run itself; there is nothing left to carry out.
    planned = tuple(
        PlannedAction(rule.name, index, action.name, action.argument)
        for index, action in enumerate(rule.actions)
        if action.name != "stop"
    )
    exclusive = tuple(i for i, action in enumerate(planned) if vocabulary.actions[action.action].first_wins)
    check = None if rest is None or isinstance(rest, Always) else check_of(rest)
    return _Step(rule.name, check, rule.watch, rule.stops, planned, exclusive)


def _indexes(rules: Sequence[Rule], filed: Sequence[Filing | None]) -> dict[str, _Index]:
    by_event: dict[str, list[int]] = {}
    for position, rule in enumerate(rules):
        for event in rule.when if rule.enabled else ():
            by_event.setdefault(event, []).append(position)
    # Events that wake the same rules share one index: the automata are what costs memory.
    shared: dict[tuple[int, ...], _Index] = {}
    indexes = {}
    for event, positions in by_event.items():
        key = tuple(positions)
        if key not in shared:
            shared[key] = _Index([(position, filed[position]) for position in positions])
        indexes[event] = shared[key]
    return indexes
