"""What decided that something came otherwise than a test expected: of many rules, the ones that matter."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from pydantic import BaseModel

from casella.desk.not_done import why_not_done
from casella.inbox.routing import words_of
from casella.inbox.rule_tests.choices import choices
from casella.inbox.rule_tests.record import Record, Run
from casella_rules import Facts, Outcome, Reply, RuleTrace, explain

_FEW = 3
_ACTIONS = {
    "assignee": ("assign", "unassign"), "team": ("assign", "unassign"), "unassigned": ("assign", "unassign"),
    "priority": ("priority",), "tags": ("tag", "untag"), "status": ("close", "reopen", "snooze"), "inbox": ("move",),
    "reply": ("reply",), "replies": ("reply",), "offered": ("reply",), "locale": ("reply",), "notes": ("note",),
    "notified": ("notify",),
    "webhooks": ("webhook",), "survey": ("survey",), "drafts": ("draft",), "opted_out": ("opt_out",),
    "custom": ("set",),
}  # fmt: skip


def because(record: Record, name: str, wanted: object, got: object) -> Iterator[str]:
    """Of rules that should have acted or not, their line of the trace; of anything else, who did it, or who would
    have and why not."""
    yield from record.play.refused
    if not record.play.did and not any(run.asked for run in record.runs):
        yield "no rule was asked: nothing has happened that any rule waits for"
        return
    if name in ("rules", "watched", "delayed"):
        different = set(_names(wanted)) ^ set(_names(got))
        rules = [rule for rule in (*_names(wanted), *_names(got)) if rule in different] or _names(got)
        yield from _lines(record, rules)
        return
    actions = _ACTIONS.get(name) or (*_names(wanted), *_names(got))
    yield from _lines(record, _deciding(record, actions, _words(wanted), _words(got)))
    yield from _not_done(record, actions)
    if "assign" in actions:
        yield from (line for run in record.runs for line in choices(record.world, run))


def _not_done(record: Record, actions: Sequence[str]) -> Iterator[str]:
    for run in record.runs:
        refused = [(one.rule, one.action, why) for one, why in run.skipped]
        refused += [(one.rule, one.action, one.reason) for one in run.decision.skipped]
        yield from (
            f"{rule}: {action} was not done: {why_not_done(why)}" for rule, action, why in refused if action in actions
        )
    for one in (one for run in record.runs for one in run.waits if one.action in actions):
        assert isinstance(one.argument, Reply), "only replies wait"
        yield f"{one.rule}: {one.action} is not done yet: it waits until {one.argument.when_open} opens"


def _deciding(record: Record, actions: Sequence[str], wanted: frozenset[str], got: frozenset[str]) -> list[str]:
    """The rules that did what was not expected, and those that would have done what was. Where no action names what
    was expected (an agent whom a team's strategy chooses), the first few rules with such an action."""
    able = {
        rule.name: [one.argument for one in rule.actions if one.name in actions]
        for rule in record.world.desk.rules.rules
    }
    able = {rule: arguments for rule, arguments in able.items() if arguments}
    acted = {one.rule for run in record.runs for one in run.decision.actions if one.action in actions}
    did = {rule for rule in acted if _mentions(able.get(rule, ()), got - wanted)} or acted
    would = {rule for rule, arguments in able.items() if _mentions(arguments, wanted - got)}
    return [rule for rule in able if rule in did | would] or [*able][:_FEW]


def _mentions(arguments: Iterable[BaseModel], words: frozenset[str]) -> bool:
    return any(not words.isdisjoint(_words(one.model_dump(mode="json", by_alias=True))) for one in arguments)


def _words(value: object) -> frozenset[str]:
    """Every single value in what was written, for comparison."""
    if isinstance(value, Mapping):
        return frozenset().union(*map(_words, value.values()))
    if isinstance(value, list | tuple | set | frozenset):
        return frozenset().union(*map(_words, value))
    return frozenset() if value is None else frozenset({str(value).strip()})


def _names(value: object) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else []


def _lines(record: Record, rules: Sequence[str]) -> Iterator[str]:
    """What the runs of this step said of these rules, without what only waits for something else."""
    wanted, seen = dict.fromkeys(rules), set()
    for trace in (trace for run in record.runs if run.asked for trace in _trace(record, run)):
        if trace.name in wanted and trace.outcome is not Outcome.OTHER_EVENT:
            seen.add(trace.name)
            yield from trace.as_text().splitlines()
    yield from (f"{rule}: waits for another event" for rule in wanted if rule not in seen and len(wanted) <= _FEW)


def _trace(record: Record, run: Run) -> Sequence[RuleTrace]:
    facts = run.facts
    told = Facts(facts.trigger, {**facts, **words_of(record.db, run.row.cause_id.partition("/")[0])})
    return explain(record.world.desk.rules, told, run.decision, due=run.due).rules
