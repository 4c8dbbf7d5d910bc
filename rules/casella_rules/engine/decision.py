"""What a run of the rules decided: immutable, storable, and enough to explain it later."""

from __future__ import annotations

from dataclasses import dataclass

import orjson
from pydantic import BaseModel

from casella_rules.engine.chain import HeldBecause
from casella_rules.engine.serial import UnknownEntryError, read_argument
from casella_rules.language.facts import to_json
from casella_rules.language.model import Rule
from casella_rules.language.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class PlannedAction:
    """One thing to do. (event, rule, index) is its unique receipt: `index` counts the rule's own actions from zero."""

    rule: str
    index: int
    action: str
    argument: BaseModel


@dataclass(frozen=True, slots=True)
class SkippedAction:
    """One thing not done although its rule matched. `reason`: already_assigned, or watch_mode."""

    rule: str
    index: int
    action: str
    reason: str


@dataclass(frozen=True, slots=True)
class DelayedRule:
    """One rule that matched and waits. When `after` seconds are over, and none of the events in `unless` has come
    for the conversation, ask `decide_due` with new facts of the same trigger. `hours`: those in whose open time the
    seconds are counted."""

    rule: str
    after: int
    unless: tuple[str, ...] = ()
    hours: str = ""


def delay_of(rule: Rule) -> DelayedRule:
    """How a rule with `after` waits."""
    return DelayedRule(rule.name, rule.after, rule.unless, rule.after_in)


@dataclass(frozen=True, slots=True)
class HeldRule:
    """One rule that matched and did not act. `path`: the rules that led here, when the chain is the reason."""

    rule: str
    reason: HeldBecause
    path: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """`matched`: the rules that acted, in order. `watched`: those that would have, but only watch. `stopped_by`: the
    rule that ended the run. `delayed`: those that act later, perhaps. `held`: those that matched and may not act
    (again). `ruleset`: the hash of the rule set that decided."""

    ruleset: str
    matched: tuple[str, ...] = ()
    watched: tuple[str, ...] = ()
    actions: tuple[PlannedAction, ...] = ()
    skipped: tuple[SkippedAction, ...] = ()
    stopped_by: str | None = None
    delayed: tuple[DelayedRule, ...] = ()
    held: tuple[HeldRule, ...] = ()

    def as_json(self) -> str:
        """Compact JSON; what is empty is left out."""
        out = {
            "ruleset": self.ruleset,
            "matched": self.matched,
            "watched": self.watched,
            "actions": [[a.rule, a.index, a.action, _dumped(a.argument)] for a in self.actions],
            "skipped": [[s.rule, s.index, s.action, s.reason] for s in self.skipped],
            "stopped_by": self.stopped_by,
            "delayed": [[d.rule, d.after, d.unless, *([d.hours] if d.hours else [])] for d in self.delayed],
            "held": [[h.rule, h.reason, h.path] for h in self.held],
        }
        return to_json({key: value for key, value in out.items() if value})

    @classmethod
    def from_json(cls, text: str, vocabulary: Vocabulary) -> Decision:
        """The decision as it was stored. Raises UnknownEntryError for an action nobody brings any more."""
        stored = orjson.loads(text)
        return cls(
            ruleset=stored["ruleset"],
            matched=tuple(stored.get("matched", ())),
            watched=tuple(stored.get("watched", ())),
            actions=tuple(
                PlannedAction(rule, index, name, _argument(name, argument, vocabulary))
                for rule, index, name, argument in stored.get("actions", ())
            ),
            skipped=tuple(SkippedAction(*entry) for entry in stored.get("skipped", ())),
            stopped_by=stored.get("stopped_by"),
            delayed=tuple(
                DelayedRule(rule, after, tuple(unless), *hours)
                for rule, after, unless, *hours in stored.get("delayed", ())
            ),
            held=tuple(
                HeldRule(rule, HeldBecause(reason), tuple(path)) for rule, reason, path in stored.get("held", ())
            ),
        )


def _dumped(argument: BaseModel) -> dict[str, object]:
    return argument.model_dump(mode="json", by_alias=True, exclude_defaults=True)


def _argument(name: str, argument: object, vocabulary: Vocabulary) -> BaseModel:
    spec = vocabulary.actions.get(name)
    if spec is None:
        raise UnknownEntryError(
            f"the stored decision used the action '{name}', which nobody brings; install its plugin"
        )
    return read_argument(spec, argument, "decision used")
