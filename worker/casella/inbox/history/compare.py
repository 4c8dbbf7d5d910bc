"""Every stored decision once more: by the rules of then, as a check, and by the new ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from casella.inbox.history.changes import Compared, Deed, compared
from casella.inbox.history.effects import Effect, happened, would_happen
from casella.inbox.history.known import Askable
from casella.inbox.history.rows import Recorded, Story
from casella.inbox.history.rulesets import OldRules, Trial
from casella.inbox.history.world import Values, World
from casella_rules import Chain, Decision, Facts, Past, RuleSet, decide, decide_due, hours_facts

_SHOWN = 160  # characters of a message
OPENED, RECEIVED = "conversation_opened", "message_received"


@dataclass(slots=True)
class Tally:
    """Counted over all conversations. `repeated`: decisions that the rules of then make again; `strayed`: others;
    `unreadable`: their rules cannot be read any more. `waits`: how often a new rule would wait with `after`."""

    decisions: int = 0
    repeated: int = 0
    strayed: int = 0
    unreadable: int = 0
    rule_sets: set[str] = field(default_factory=set)
    heard: Counter[str] = field(default_factory=Counter)
    fired_old: Counter[str] = field(default_factory=Counter)
    fired_new: Counter[str] = field(default_factory=Counter)
    watched: Counter[str] = field(default_factory=Counter)
    waits: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class _Firings:
    """Which rules fired in this conversation: by cause, and each one's last time."""

    by_cause: dict[str, set[str]] = field(default_factory=dict)
    last: dict[str, datetime] = field(default_factory=dict)

    def past(self, recorded: Recorded) -> Past:
        since = {rule: (recorded.at - at).total_seconds() for rule, at in self.last.items()}
        return Past(Chain(recorded.cause_id, (), frozenset(self.by_cause.get(recorded.cause_id, ()))), since)

    def note(self, recorded: Recorded, matched: Iterable[str]) -> None:
        for rule in matched:
            self.by_cause.setdefault(recorded.cause_id, set()).add(rule)
            self.last[rule] = recorded.at


@dataclass(slots=True)
class _Course:
    """One conversation while it is followed."""

    old: _Firings = field(default_factory=_Firings)
    new: _Firings = field(default_factory=_Firings)
    world: World = field(default_factory=World)
    opened: set[str] = field(default_factory=set)
    did: list[Deed] = field(default_factory=list)
    would: list[Deed] = field(default_factory=list)


class Comparer:
    """Compares one conversation after the other."""

    def __init__(self, trial: Trial, old: OldRules, progress: Callable[[int], None] = lambda done: None) -> None:
        self._trial = trial
        self._old = old
        self._progress = progress
        self._opens = OPENED in trial.rules.triggers
        self.askable = Askable(trial.rules)
        self.tally = Tally()

    def compare(self, story: Story) -> Compared:
        """Follow a conversation from its first decision to its last."""
        course = _Course()
        for recorded in story.recorded:
            self._step(course, recorded)
            self._progress(1)
        return compared(story.id, story.contact, course.did, course.would)

    def _step(self, course: _Course, recorded: Recorded) -> None:
        then = dict(recorded.facts.values_by_name)
        if recorded.text is not None:
            then["text"] = recorded.text
        self._check(course, recorded, Facts(recorded.facts.trigger, then))
        old = happened(recorded)
        now = course.world.seen({**then, **hours_facts(self._trial.hours, recorded.at)})
        new = list(self._anew(course, recorded, now))
        course.world.turned(then, now, old, new)
        course.did += (_deed(effect, recorded, then) for effect in old)
        course.would += (_deed(effect, recorded, now) for effect in new)

    def _check(self, course: _Course, recorded: Recorded, facts: Facts) -> None:
        """Whether the rules of then, asked again, say what they said."""
        tally, rules = self.tally, self._old.of(recorded.rule_set)
        tally.decisions += 1
        tally.rule_sets.add(recorded.rule_set)
        tally.heard[facts.trigger] += 1
        tally.fired_old.update(recorded.matched)
        if rules is None:
            tally.unreadable += 1
        elif _decided(rules, recorded, facts, course.old).matched == recorded.matched:
            tally.repeated += 1
        else:
            tally.strayed += 1
        course.old.note(recorded, recorded.matched)

    def _anew(self, course: _Course, recorded: Recorded, now: Values) -> Iterable[Effect]:
        """What the new rules do. What only happened because of a rule that does not fire any more does not happen."""
        if any(rule not in course.new.last for rule in recorded.chain):
            return
        trigger = recorded.facts.trigger
        if trigger == OPENED:
            course.opened.add(recorded.cause_id)
        elif self._opens and _opens_silently(recorded, now) and recorded.cause_id not in course.opened:
            # Nobody listened to it then, so it was not stored; but it is the same moment with the same facts.
            self.tally.heard[OPENED] += 1
            yield from self._decide(course, recorded, Facts(OPENED, now), now)
        yield from self._decide(course, recorded, Facts(trigger, now), now)

    def _decide(self, course: _Course, recorded: Recorded, facts: Facts, now: Values) -> Iterable[Effect]:
        old = self._old.of(recorded.rule_set)
        rules = self.askable.rules(recorded, facts, old.fields if old else frozenset())
        decision = _decided(rules, recorded, facts, course.new)
        course.new.note(recorded, decision.matched)
        self.tally.fired_new.update(decision.matched)
        self.tally.watched.update(decision.watched)
        self.tally.waits.update(delayed.rule for delayed in decision.delayed)
        return would_happen(decision, recorded, now)


def _decided(rules: RuleSet, recorded: Recorded, facts: Facts, firings: _Firings) -> Decision:
    past = firings.past(recorded)
    return decide_due(rules, recorded.due, facts, past) if recorded.due else decide(rules, facts, past)


def _opens_silently(recorded: Recorded, now: Values) -> bool:
    return recorded.facts.trigger == RECEIVED and now.get("conversation.is_new") is True


def _deed(effect: Effect, recorded: Recorded, values: Values) -> Deed:
    text = (recorded.text or "")[:_SHOWN]
    return Deed(effect, recorded.at, text, str(values.get("conversation.priority") or "normal"))
