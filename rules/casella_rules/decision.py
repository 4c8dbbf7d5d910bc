"""What a run of the rules decided: immutable, storable, and enough to explain it later."""

from __future__ import annotations

import json
from dataclasses import dataclass

from pydantic import BaseModel

from .serial import UnknownEntryError
from .vocabulary import Vocabulary


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
class Decision:
    """`matched`: the rules that acted, in order. `watched`: those that would have, but only watch. `stopped_by`: the
    rule that ended the run. `ruleset`: the hash of the rule set that decided."""

    ruleset: str
    matched: tuple[str, ...] = ()
    watched: tuple[str, ...] = ()
    actions: tuple[PlannedAction, ...] = ()
    skipped: tuple[SkippedAction, ...] = ()
    stopped_by: str | None = None

    def as_json(self) -> str:
        """Compact JSON; what is empty is left out."""
        out = {
            "ruleset": self.ruleset,
            "matched": self.matched,
            "watched": self.watched,
            "actions": [[a.rule, a.index, a.action, _dumped(a.argument)] for a in self.actions],
            "skipped": [[s.rule, s.index, s.action, s.reason] for s in self.skipped],
            "stopped_by": self.stopped_by,
        }
        return json.dumps(
            {key: value for key, value in out.items() if value}, ensure_ascii=False, separators=(",", ":")
        )

    @classmethod
    def from_json(cls, text: str, vocabulary: Vocabulary) -> Decision:
        """The decision as it was stored. Raises UnknownEntryError for an action nobody brings any more."""
        stored = json.loads(text)
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
        )


def _dumped(argument: BaseModel) -> dict[str, object]:
    return argument.model_dump(mode="json", by_alias=True, exclude_defaults=True)


def _argument(name: str, argument: object, vocabulary: Vocabulary) -> BaseModel:
    spec = vocabulary.actions.get(name)
    if spec is None:
        raise UnknownEntryError(
            f"the stored decision used the action '{name}', which nobody brings; install its plugin"
        )
    return spec.argument.model_validate(argument)
