"""Why is this here? A stored decision, told rule by rule and candidate by candidate.

Nothing of it was written down when it was decided but the facts, what was done, and the fingerprint of the rules. The
why-not of every other rule is worked out now, from the rules as they were then, and the words of the message.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson
from sqlalchemy import Connection, select

from casella.desk.not_done import why_not_done
from casella.ids import is_id
from casella.inbox.assignment import PassedOver, local_time, passed_over, wish
from casella.inbox.house import Rooms
from casella.inbox.routing import explaining_italian
from casella.inbox.routing.actions.wording import action_text
from casella.inbox.routing.facts.customer_words import words_of
from casella.store.rows import TableRow
from casella.store.tables import plugin_actions, rule_sets
from casella.texts import READER, to_reader
from casella_rules import (
    Decision,
    Facts,
    RuleSet,
    UnknownEntryError,
    compile_rules,
    explain,
    rules_from_json,
)
from casella_rules.engine.explain import Outcome, RuleTrace

_KEPT = 8
_MEANT = frozenset({Outcome.OTHER_EVENT, Outcome.SWITCHED_OFF})


@dataclass(frozen=True, slots=True)
class RuleView:
    """One rule that this event could wake. `reasons`: of one that did not act, the conditions and what they saw."""

    name: str
    outcome: str
    text: str
    reasons: Sequence[str]


@dataclass(frozen=True, slots=True)
class ActionView:
    """`done` false: `reason` says why not, or why not yet, and `text` the same for people. `result`: what came of an
    action of a plugin."""

    rule: str
    action: str
    argument: Mapping[str, object]
    done: bool
    reason: str | None
    text: str | None = None
    result: str | None = None


@dataclass(frozen=True, slots=True)
class ChoiceView:
    """Who got it (`agent` None: nobody), of which team, and why not each of the others. `strategy` and `skills`: how he
    was looked for; None and nothing where one agent was named. `instead`: the strategy that chose because the plugin's
    could not be asked."""

    team: str | None
    agent: str | None
    strategy: str | None
    skills: Sequence[str]
    passed_over: Sequence[PassedOver]
    behind_queue: bool
    instead: str | None = None


@dataclass(frozen=True, slots=True)
class RunView:
    """One run of the rules. `others`: how many rules wait for other events. `problem`: why no more can be said.
    `unavailable`: plugins' fields that had no value because they could not be asked, and why. `result_of`: the plugin's
    action whose result this is; `later_of`: the rule whose action had waited for this. No rule was asked then."""

    trigger: str
    chain: Sequence[str]
    due: str | None
    rules: Sequence[RuleView]
    others: int
    actions: Sequence[ActionView]
    assignments: Sequence[ChoiceView]
    problem: str | None
    unavailable: Mapping[str, str]
    result_of: str | None
    later_of: str | None


class Explainer:
    """Explains decisions; keeps the rule sets it needed last."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms
        self._sets: OrderedDict[str, RuleSet] = OrderedDict()

    def run(self, db: Connection, row: TableRow) -> RunView:
        """What happened in one run, as it is told today. Whether it may be seen was asked before."""
        outcome = orjson.loads(row.outcome)
        facts = _with_words(db, row, Facts.from_json(row.facts))
        result, later = outcome.get("result_of") or {}, outcome.get("later_of") or {}
        rules, others, problem = ([], 0, None) if result or later else self._rules(db, row, facts, outcome)
        return RunView(
            facts.trigger,
            outcome.get("chain", ()),
            outcome.get("due"),
            rules,
            others,
            _actions(outcome, results_of(db, row.cause_id)),
            [self._choice(one) for one in outcome.get("assignments", ())],
            problem,
            outcome.get("unavailable", {}),
            result.get("action"),
            later.get("rule"),
        )

    def _rules(
        self, db: Connection, row: TableRow, facts: Facts, outcome: Mapping[str, object]
    ) -> tuple[list[RuleView], int, str | None]:
        try:
            ruleset = self._ruleset(db, row.rule_set)
            decided = outcome.get("decision")
            vocabulary = ruleset.vocabulary
            decision = Decision.from_json(orjson.dumps(decided).decode(), vocabulary) if decided else None
        except UnknownEntryError as error:
            return [], 0, str(error)
        trace = explain(ruleset, facts, decision, due=str(outcome.get("due") or ""))
        told = [rule for rule in trace.rules if rule.outcome not in _MEANT]
        return [_rule_view(rule) for rule in told], len(trace.rules) - len(told), None

    def _ruleset(self, db: Connection, digest: str) -> RuleSet:
        current = self._rooms.desk.current.ruleset
        if digest == current.hash:
            return current
        if digest not in self._sets:
            source = db.execute(select(rule_sets.c.source).where(rule_sets.c.digest == digest)).scalar_one()
            rules = rules_from_json(orjson.dumps(source).decode(), current.vocabulary)
            self._sets[digest] = compile_rules(rules, current.vocabulary)
            while len(self._sets) > _KEPT:
                self._sets.popitem(last=False)
        self._sets.move_to_end(digest)
        return self._sets[digest]

    def _choice(self, stored: Mapping[str, object]) -> ChoiceView:
        directory = self._rooms.directory.current
        team = directory.teams.get(str(stored.get("team_id")))
        passed = stored.get("passed_over") or ()
        return ChoiceView(
            team.name if team else None,
            self._name(stored.get("agent_id")),
            str(strategy) if (strategy := stored.get("strategy")) else None,
            [str(skill) for skill in skills] if isinstance(skills := stored.get("skills"), list) else [],
            [passed_over(self._rooms, *pair) for pair in passed] if isinstance(passed, list) else (),
            stored.get("behind") == "queue",
            str(stored["instead"]) if stored.get("instead") else None,
        )

    def _name(self, agent_id: object) -> str | None:
        agent = self._rooms.directory.current.agents.get(str(agent_id))
        return agent.name if agent else str(agent_id) if agent_id else None


def _with_words(db: Connection, row: TableRow, facts: Facts) -> Facts:
    """The customer's words are not among the stored facts; they are in the message that the event was about."""
    message_id = str(row.cause_id).partition("/")[0]
    return Facts(facts.trigger, {**facts, **words_of(db, message_id)}) if is_id(message_id) else facts


def _rule_view(rule: RuleTrace) -> RuleView:
    if READER.get() == "it":
        reasons = [explaining_italian.reason(one) for one in rule.findings]
        return RuleView(rule.name, rule.outcome.value, explaining_italian.said(rule), reasons)
    first, *_ = rule.as_text().splitlines()
    return RuleView(
        rule.name, rule.outcome.value, first.removeprefix(f"{rule.name}: "), [str(f) for f in rule.findings]
    )


def results_of(db: Connection, cause_id: str) -> Mapping[tuple[str, int], TableRow]:
    """What came of the actions of plugins that one cause has brought about."""
    rows = db.execute(select(plugin_actions).where(plugin_actions.c.cause_id == cause_id)).all()
    return {(row.rule, row.action): row for row in rows}


def _actions(outcome: Mapping[str, object], results: Mapping[tuple[str, int], TableRow]) -> list[ActionView]:
    decision = outcome.get("decision")
    decided = decision if isinstance(decision, dict) else {}
    skipped = outcome.get("skipped")
    refused = {(one["rule"], one["index"]): one for one in (skipped if isinstance(skipped, list) else ())}
    done = [
        _of_plugin(row, argument)
        if (row := results.get((rule, index))) is not None
        else _not_done(rule, action, argument, why["reason"], why.get("text"))
        if (why := refused.get((rule, index))) is not None
        else ActionView(rule, action, argument, True, None)
        for rule, index, action, argument in decided.get("actions", ())
    ]
    return done + [_not_done(rule, action, {}, reason) for rule, _, action, reason in decided.get("skipped", ())]


def _not_done(
    rule: str, action: str, argument: Mapping[str, object], reason: str, text: str | None = None
) -> ActionView:
    return ActionView(rule, action, argument, False, reason, text or why_not_done(reason))


def _of_plugin(row: TableRow, argument: Mapping[str, object]) -> ActionView:
    if row.state == "done":
        return ActionView(row.rule, row.name, argument, True, None, result=row.result or None)
    why = row.result or to_reader("its turn has not come yet")
    failed = row.state == "failed"
    code, word = ("failed", to_reader("failed")) if failed else ("waits", to_reader("waits"))
    return _not_done(
        row.rule, row.name, argument, f"{code}: {row.result or 'its turn has not come yet'}", f"{word}: {why}"
    )


def lines(view: RunView, at: datetime, zone: str = "UTC") -> Iterable[str]:
    """One run for people, on the terminal; `zone`: the time zone in which they read times."""
    yield f"{local_time(at, zone)}  {view.trigger}"
    if view.chain:
        yield f"  caused by {' → '.join(view.chain)}"
    if view.due:
        yield f"  '{view.due}' had waited for this moment"
    if view.result_of:
        yield f"  what came of {view.result_of}"
    if view.later_of:
        yield f"  an action of '{view.later_of}' had waited for this moment"
    for name, why in view.unavailable.items():
        yield f"  {name} was not available: {why}"
    for rule in view.rules:
        yield f"  {rule.name}: {rule.text}"
        yield from (f"      {reason}" for reason in rule.reasons)
    for action in view.actions:
        told = f" ({action.result})" if action.result else ""
        deed = action_text(action.action, action.argument)
        yield f"  → {deed}" + (told if action.done else f" (not done: {action.text or action.reason})")
    for choice in view.assignments:
        yield from _choice_lines(choice)
    if view.others:
        yield f"  {view.others} other rules wait for other events, or are switched off"
    if view.problem:
        yield f"  {view.problem}"


def _choice_lines(choice: ChoiceView) -> Iterable[str]:
    where = f" of {choice.team}" if choice.team else ""
    if choice.behind_queue:
        yield f"  nobody{where} yet: others have waited longer"
    else:
        asked = f" ({wish(choice.strategy, choice.skills)})" if choice.strategy else ""
        instead = f", by {choice.instead}: the plugin's strategy could not be asked" if choice.instead else ""
        yield f"  {choice.agent or 'nobody'}{where}{asked}{instead}"
    for other in choice.passed_over:
        yield f"      not {other.agent}: {other.text}"
