"""Compiled rule sets and the decision. Nothing is asked that cannot match; see `gates`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import copy

from casella_rules.engine.chain import NO_PAST, HeldBecause, Past
from casella_rules.engine.compiled_tests import Check, View, check_of, fold_name
from casella_rules.engine.decision import Decision, DelayedRule, HeldRule, PlannedAction, SkippedAction, delay_of
from casella_rules.engine.gates import Census, Filing, Gate, file_test
from casella_rules.engine.reference import holds
from casella_rules.engine.serial import hash_of, rules_as_json
from casella_rules.engine.text_index import TextIndex
from casella_rules.language.assign_arguments import Assign
from casella_rules.language.circumstances import SENT_BY
from casella_rules.language.durations import Span, span_of
from casella_rules.language.facts import Facts
from casella_rules.language.model import Always, Rule, Test, conditions_of, event_of
from casella_rules.language.vocabulary import ValueType, Vocabulary

_NO_FACTS = Facts("", {})


class _Step:
    """One rule, ready to be decided. `settled`: passing its gate answers everything. Of many rules few are ever asked,
    so `check` is made when its rule first is. Two threads may both make it; they make the same."""

    __slots__ = (
        "_rest", "check", "cooldown", "delayed", "exclusive", "name", "planned", "settled", "stops", "to_sender",
        "watch",
    )  # fmt: skip

    def __init__(self, rule: Rule, rest: Test | None, vocabulary: Vocabulary) -> None:
        self.name = rule.name
        self.watch = rule.watch
        self.stops = rule.stops
        # `stop` is an order to the run itself; there is nothing left to carry out.
        self.planned = tuple(
            PlannedAction(rule.name, index, action.name, action.argument)
            for index, action in enumerate(rule.actions)
            if action.name != "stop"
        )
        self.exclusive = tuple(i for i, a in enumerate(self.planned) if vocabulary.actions[a.action].first_wins)
        self.to_sender = tuple(
            i for i, a in enumerate(self.planned) if isinstance(a.argument, Assign) and a.argument.to
        )
        self.cooldown = rule.cooldown
        self.delayed = delay_of(rule) if rule.after else None
        self._rest = rest
        self.settled = rest is None or isinstance(rest, Always)
        self.check: Check | None = None

    def made(self) -> Check:
        """The check, kept for the next time."""
        self.check = check = check_of(self._rest or Always())
        return check

    def at_once(self) -> _Step:
        """The same rule, its waiting over."""
        step = copy(self)
        step.delayed = None
        return step


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
        self._steps = [
            _Step(rule, filing.rest if filing else rule.scoped_test, vocabulary)
            for rule, filing in zip(self.rules, filed, strict=True)
        ]
        self._indexes = _indexes(self.rules, filed)

    def decide(self, facts: Facts, past: Past = NO_PAST) -> Decision:
        """What to do about these facts. Pure: equal facts and past, equal decision."""
        index = self._indexes.get(facts.trigger)
        if index is None:
            return self._nothing
        view = View(facts)
        run: list[_Step] = []
        for position in index.candidates(view):
            step = self._steps[position]
            if step.settled or (step.check or step.made())(view):
                run.append(step)
                if step.stops:
                    break
        if not run:
            return self._nothing
        if len(run) > 1 or past is not NO_PAST or run[0].to_sender:
            return self._planned(run, past, facts)
        return self._alone(run[0])

    def decide_due(self, rule: str, facts: Facts, past: Past = NO_PAST) -> Decision:
        """What a rule that waited does now that its time has come: its test is asked again. A rule that was removed,
        switched off or waits for something else by now does nothing."""
        found = next((position for position, one in enumerate(self.rules) if _still(one, rule, facts)), None)
        if found is None:
            return Decision(self.hash, held=(HeldRule(rule, HeldBecause.NO_LONGER_THERE),))
        if not holds(self.rules[found].scoped_test, facts):
            return self._nothing
        return self._planned([self._steps[found].at_once()], past, facts)

    def acts(self, rule: str) -> bool:
        """Whether there is such a rule, and it does what it says."""
        return any(one.name == rule and one.enabled and not one.watch for one in self.rules)

    @property
    def triggers(self) -> frozenset[str]:
        """Everything that wakes a rule: `message_received`, `conversation_waiting 30m`, `schedule 0 9 * * *` …"""
        return frozenset(self._indexes)

    def waits(self, event: str) -> tuple[int, ...]:
        """After how many seconds rules want to hear of `conversation_waiting` or `conversation_idle`, in order."""
        return tuple(sorted(span.seconds for span in self._spans(event) if not span.hours))

    def open_waits(self, event: str) -> tuple[Span, ...]:
        """The same, where the time is counted while office hours are open."""
        return tuple(sorted((span for span in self._spans(event) if span.hours), key=str))

    def _spans(self, event: str) -> list[Span]:
        found = (span_of(trigger.partition(" ")[2]) for trigger in self._indexes if event_of(trigger) == event)
        return [span for span in found if span]

    @property
    def schedules(self) -> tuple[str, ...]:
        """The times of the calendar that rules wait for, as cron writes them."""
        return tuple(sorted(trigger.partition(" ")[2] for trigger in self._indexes if event_of(trigger) == "schedule"))

    def _alone(self, step: _Step) -> Decision:
        """The decision when one rule matched and no other; decisions are immutable, so it is made once."""
        decision = self._made.get(step)
        if decision is None:
            decision = self._made[step] = self._planned([step], NO_PAST, _NO_FACTS)
        return decision

    def _planned(self, run: Iterable[_Step], past: Past, facts: Facts) -> Decision:
        plan = _Plan(past, facts)
        for step in run:
            plan.add(step)
        return Decision(
            self.hash, tuple(plan.matched), tuple(plan.watched), tuple(plan.actions), tuple(plan.skipped),
            plan.stopped_by, tuple(plan.delayed), tuple(plan.held),
        )  # fmt: skip


class _Plan:
    """What becomes of the rules that matched, in order."""

    def __init__(self, past: Past, facts: Facts) -> None:
        self._past = past
        self._facts = facts
        self._taken: set[str] = set()
        self.matched: list[str] = []
        self.watched: list[str] = []
        self.actions: list[PlannedAction] = []
        self.skipped: list[SkippedAction] = []
        self.delayed: list[DelayedRule] = []
        self.held: list[HeldRule] = []
        self.stopped_by: str | None = None

    def add(self, step: _Step) -> None:
        """A rule that may not act (again) still ends the run: it was meant to be the last word."""
        if step.stops:
            self.stopped_by = step.name
        refusal = None if self._past is NO_PAST else self._past.refusal(step.name, step.cooldown)
        if refusal:
            path = () if refusal is HeldBecause.COOLDOWN else self._past.chain.path
            self.held.append(HeldRule(step.name, refusal, path))
        elif step.delayed:
            self.delayed.append(step.delayed)
        elif step.watch:
            self.watched.append(step.name)
            self.skipped += [SkippedAction(a.rule, a.index, a.action, "watch_mode") for a in step.planned]
        else:
            self.matched.append(step.name)
            self._act(step)

    def _act(self, step: _Step) -> None:
        if not step.exclusive:
            self.actions += step.planned
            return
        for position, action in enumerate(step.planned):
            if position in step.exclusive and action.action in self._taken:
                self.skipped.append(SkippedAction(action.rule, action.index, action.action, "already_assigned"))
                continue
            if position in step.to_sender and self._facts.get(SENT_BY) != "agent":  # whoever is named below may get it
                self.skipped.append(SkippedAction(action.rule, action.index, action.action, "no_agent_wrote"))
                continue
            if position in step.exclusive:
                self._taken.add(action.action)
            self.actions.append(action)


def compile_rules(rules: Sequence[Rule], vocabulary: Vocabulary) -> RuleSet:
    """Rules that were read without problems, ready to decide."""
    return RuleSet(rules, vocabulary)


def decide(ruleset: RuleSet, facts: Facts, past: Past = NO_PAST) -> Decision:
    """What to do about these facts."""
    return ruleset.decide(facts, past)


def decide_due(ruleset: RuleSet, rule: str, facts: Facts, past: Past = NO_PAST) -> Decision:
    """What a rule that waited does now that its time has come."""
    return ruleset.decide_due(rule, facts, past)


def _still(rule: Rule, name: str, facts: Facts) -> bool:
    return rule.name == name and rule.enabled and facts.trigger in rule.when


def _indexes(rules: Sequence[Rule], filed: Sequence[Filing | None]) -> dict[str, _Index]:
    by_event: dict[str, list[int]] = {}
    for position, rule in enumerate(rules):
        for trigger in rule.when if rule.enabled else ():
            by_event.setdefault(trigger, []).append(position)
    # Events that wake the same rules share one index: the automata are what costs memory.
    shared: dict[tuple[int, ...], _Index] = {}
    indexes = {}
    for event, positions in by_event.items():
        key = tuple(positions)
        if key not in shared:
            shared[key] = _Index([(position, filed[position]) for position in positions])
        indexes[event] = shared[key]
    return indexes
