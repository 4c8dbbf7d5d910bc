"""Why did these rules do what they did? Asked afterwards, from the stored facts; deciding pays nothing for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from casella_rules.engine.chain import MAX_CHAIN, HeldBecause
from casella_rules.engine.deciding import RuleSet
from casella_rules.engine.decision import Decision, DelayedRule, HeldRule, delay_of
from casella_rules.engine.reference import holds
from casella_rules.language.durations import Span, written
from casella_rules.language.facts import Facts, FactValue, previous_field
from casella_rules.language.model import All, Always, Any, Condition, Not, OperandValue, Rule, Test
from casella_rules.language.open_time import measured_in
from casella_rules.language.vocabulary import ValueType
from casella_rules.yaml.problems import quoted

#: A customer's words are cut here when a trace quotes them.
SHOWN_CHARACTERS = 120


class Outcome(StrEnum):
    """What became of one rule in one run."""

    MATCHED = "matched"
    WATCHED = "watched"
    NOT_MATCHED = "not_matched"
    OTHER_EVENT = "other_event"
    SWITCHED_OFF = "switched_off"
    NOT_REACHED = "not_reached"
    DELAYED = "delayed"
    HELD = "held"


@dataclass(frozen=True, slots=True)
class Finding:
    """One condition that decided: what it asked, what it saw, whether it held. `was`: where it asked for a change, what
    there was before; empty: the same."""

    field: str
    asked: str
    now: str
    held: bool
    was: str | None = None

    @property
    def saw(self) -> str:
        if self.was is None:
            return self.now
        return f"{self.now}, and was {self.was}" if self.was else f"{self.now}, and did not change"

    def __str__(self) -> str:
        return f"{self.asked}: {'yes' if self.held else 'no'}, it is {self.saw}"


@dataclass(frozen=True, slots=True)
class RuleTrace:
    """One rule of the run. `findings`: the conditions because of which it matched, or did not, with what they saw.
    `delay`: of a rule that waits. `held`: of a rule that matched and might not act, with the reason."""

    name: str
    outcome: Outcome
    findings: tuple[Finding, ...] = ()
    stopped_by: str | None = None
    delay: DelayedRule | None = None
    held: HeldRule | None = None

    def as_text(self) -> str:
        """One line, and the reasons below it."""
        return "\n".join([f"{self.name}: {_said(self)}", *(f"    {finding}" for finding in self.findings)])


@dataclass(frozen=True, slots=True)
class Trace:
    """The whole run, rule by rule, in the order of the rules. `ruleset` is the hash of the rules that were asked."""

    event: str
    ruleset: str
    rules: tuple[RuleTrace, ...]

    def as_text(self) -> str:
        """The run for people, one rule per line, the reasons below it."""
        return "\n".join(rule.as_text() for rule in self.rules)


def explain(ruleset: RuleSet, facts: Facts, decision: Decision | None = None, *, due: str = "") -> Trace:
    """What each rule said to these facts, and because of what. Agrees with `decide` on what matched.

    `decision`: what was decided then, which alone knows what came before (chains, cooldowns). `due`: the delayed rule
    that was asked again in this run; no other was.
    """
    held = {one.rule: one for one in decision.held} if decision else {}
    stopper: str | None = None
    traces = []
    for rule in ruleset.rules:
        if due and rule.name != due:
            continue
        trace = _trace(rule, facts, stopper, held.get(rule.name), due=bool(due))
        traces.append(trace)
        if trace.outcome in (Outcome.MATCHED, Outcome.HELD) and rule.stops:
            stopper = rule.name
    if due and not traces:
        traces.append(RuleTrace(due, Outcome.HELD, held=HeldRule(due, HeldBecause.NO_LONGER_THERE)))
    return Trace(facts.trigger, ruleset.hash, tuple(traces))


def _trace(rule: Rule, facts: Facts, stopper: str | None, held: HeldRule | None, *, due: bool) -> RuleTrace:
    if not rule.enabled:
        return RuleTrace(rule.name, Outcome.SWITCHED_OFF)
    if facts.trigger not in rule.when:
        return RuleTrace(rule.name, Outcome.OTHER_EVENT)
    if stopper is not None:
        return RuleTrace(rule.name, Outcome.NOT_REACHED, stopped_by=stopper)
    findings = tuple(_deciding(rule.scoped_test, facts))
    if not holds(rule.scoped_test, facts):
        return RuleTrace(rule.name, Outcome.NOT_MATCHED, findings)
    if held is not None:
        return RuleTrace(rule.name, Outcome.HELD, findings, held=held)
    if rule.after and not due:
        return RuleTrace(rule.name, Outcome.DELAYED, findings, delay=delay_of(rule))
    return RuleTrace(rule.name, Outcome.WATCHED if rule.watch else Outcome.MATCHED, findings)


def _deciding(test: Test, facts: Facts) -> Sequence[Finding]:
    """The conditions that made the test come out as it did: the first that failed of `all`, every one of `any`."""
    match test:
        case All(parts):
            failed = next((part for part in parts if not holds(part, facts)), None)
            deciding = parts if failed is None else (failed,)
        case Any(parts):
            held = next((part for part in parts if holds(part, facts)), None)
            deciding = parts if held is None else (held,)
        case Not(part):
            deciding = (part,)
        case Condition():
            return [Finding(test.field, sentence(test), _now(test, facts), holds(test, facts), _was(test, facts))]
        case Always():
            return []
    return [finding for part in deciding for finding in _deciding(part, facts)]


def sentence(condition: Condition) -> str:
    """`contact.tags has 'vip'`, as near to the YAML as can be read aloud."""
    values = [_value(item, condition) for item in condition.operand]
    operand = values[0] if len(values) == 1 else f"[{', '.join(values)}]"
    field, hours = measured_in(condition.field)
    return f"{field} {condition.operator} {operand}{f' of {hours}' if hours else _how(condition)}"


def _how(condition: Condition) -> str:
    return " (case: exact)" if condition.exact else " (accents: ignore)" if condition.unaccented else ""


def _value(item: OperandValue, condition: Condition) -> str:
    if condition.value is ValueType.DURATION and isinstance(item, int | float) and not isinstance(item, bool):
        return written(item)
    return _plain(item)


def _now(condition: Condition, facts: Facts) -> str:
    value = facts.get(condition.field)
    duration = condition.value is ValueType.DURATION and isinstance(value, int | float)
    hours = measured_in(condition.field)[1]
    return str(Span(int(value), hours)) if duration and isinstance(value, int | float) else _plain(value)


def _was(condition: Condition, facts: Facts) -> str | None:
    if not condition.operator.startswith("changed"):
        return None
    before = previous_field(condition.field)
    return _plain(facts[before]) if before in facts else ""


def _plain(value: FactValue) -> str:
    if value is None:
        return "not set"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, frozenset):
        return f"[{', '.join(quoted(name) for name in sorted(value))}]" if value else "empty"
    if isinstance(value, str):
        return quoted(value[:SHOWN_CHARACTERS])
    return value.isoformat() if isinstance(value, date) else f"{value:g}" if isinstance(value, float) else str(value)


_SAID = {
    Outcome.MATCHED: "matched",
    Outcome.WATCHED: "would have matched (it only watches)",
    Outcome.NOT_MATCHED: "did not match",
    Outcome.OTHER_EVENT: "waits for another event",
    Outcome.SWITCHED_OFF: "is switched off",
}


_HELD = {
    HeldBecause.ALREADY_FIRED: "matched, and did not act: it has fired in this chain already",
    HeldBecause.CHAIN_TOO_LONG: f"matched, and did not act: {MAX_CHAIN} rules have caused each other by then",
    HeldBecause.COOLDOWN: "matched, and rests for its cooldown",
    HeldBecause.NO_LONGER_THERE: "was to act now, and is no longer there",
}


def _said(rule: RuleTrace) -> str:
    if rule.stopped_by:
        return f"was not reached: {quoted(rule.stopped_by)} stopped"
    if rule.held:
        led_by = f" ({' → '.join(rule.held.path)})" if rule.held.path else ""
        return _HELD[rule.held.reason] + led_by
    if rule.delay:
        unless = f", unless {' or '.join(rule.delay.unless)} comes first" if rule.delay.unless else ""
        return f"matched, and waits for {Span(rule.delay.after, rule.delay.hours)}{unless}"
    return _SAID[rule.outcome]
