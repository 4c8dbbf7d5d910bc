"""What decided that something came otherwise than a test expected: of many rules, the ones that matter."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from pydantic import BaseModel

from casella.desk.not_done import why_not_done
from casella.desk.trials.play import Play, Run
from casella_rules import Outcome, RuleTrace, explain

_FEW = 3
_ACTIONS = {
    "assignee": ("assign", "unassign"), "team": ("assign", "unassign"), "unassigned": ("assign", "unassign"),
    "priority": ("priority",), "tags": ("tag", "untag"), "status": ("close", "reopen", "snooze"), "inbox": ("move",),
    "reply": ("reply",), "replies": ("reply",), "offered": ("reply",), "locale": ("reply",), "notes": ("note",),
    "notified": ("notify",),
    "webhooks": ("webhook",), "survey": ("survey",), "drafts": ("draft",), "opted_out": ("opt_out",),
    "custom": ("set",),
}  # fmt: skip


def because(play: Play, name: str, wanted: object, got: object) -> Iterator[str]:
    """Of rules that should have acted or not, their line of the trace; of anything else, who did it, or who would
    have and why not."""
    yield from play.log.refused
    runs = play.log.runs
    if not runs:
        yield "no rule was asked: nothing has happened that any rule waits for"
        return
    if name in ("rules", "watched", "delayed"):
        different = set(_names(wanted)) ^ set(_names(got))
        yield from _lines(play, [rule for rule in (*_names(wanted), *_names(got)) if rule in different] or _names(got))
        return
    actions = _ACTIONS.get(name) or (*_names(wanted), *_names(got))
    yield from _lines(play, _deciding(play, actions, _words(wanted), _words(got)))
    skipped = [(rule, action, why_not_done(why)) for rule, action, why in play.log.skipped if action in actions]
    yield from (f"{rule}: {action} was not done: {why}" for rule, action, why in skipped)
    yield from (f"{rule}: {action} is not done yet: {why}" for rule, action, why in play.log.waits if action in actions)
    if "assign" in actions:
        yield from play.log.choices


def _deciding(play: Play, actions: Sequence[str], wanted: frozenset[str], got: frozenset[str]) -> list[str]:
    """The rules that did what was not expected, and those that would have done what was. Where no action names what
    was expected (an agent whom a team's strategy chooses), the first few rules with such an action."""
    able = {rule.name: [one.argument for one in rule.actions if one.name in actions] for rule in play.rules.rules}
    able = {rule: arguments for rule, arguments in able.items() if arguments}
    acted = {one.rule for run in play.log.runs for one in run.decision.actions if one.action in actions}
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


def _lines(play: Play, rules: Sequence[str]) -> Iterator[str]:
    """What the runs of this step said of these rules, without what only waits for something else."""
    wanted, seen = dict.fromkeys(rules), set()
    for trace in (trace for run in play.log.runs for trace in _trace(play, run)):
        if trace.name in wanted and trace.outcome is not Outcome.OTHER_EVENT:
            seen.add(trace.name)
            yield from trace.as_text().splitlines()
    yield from (f"{rule}: waits for another event" for rule in wanted if rule not in seen and len(wanted) <= _FEW)


def _trace(play: Play, run: Run) -> Sequence[RuleTrace]:
    return explain(play.rules, run.facts, run.decision, due=run.due).rules
