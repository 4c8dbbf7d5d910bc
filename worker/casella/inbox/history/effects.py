"""What a decision does, in a form in which what happened can be compared with what would happen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import orjson

from casella.inbox.history.rows import Recorded
from casella_rules import Decision, FactValue, Reply

TEAM, AGENT, TO = "team", "agent", "to"


@dataclass(frozen=True, slots=True)
class Effect:
    """One deed of one rule. `what` reads after `kind`: assign `team billing`, reply `canned greeting`."""

    rule: str
    kind: str
    what: str


def happened(recorded: Recorded) -> list[Effect]:
    """What the stored decision did; what was skipped then is left out."""
    return [
        effect
        for rule, index, name, argument in recorded.actions
        if (rule, index) not in recorded.skipped
        for effect in _effects(rule, name, argument)
    ]


def would_happen(decision: Decision, recorded: Recorded, facts: Mapping[str, FactValue]) -> list[Effect]:
    """What the new decision would do here. Assigning skips who has an agent; what was refused then is refused again."""
    refused = _refused(recorded)
    found: list[Effect] = []
    for action in decision.actions:
        argument = action.argument.model_dump(mode="json", by_alias=True, exclude_defaults=True)
        found += (e for e in _effects(action.rule, action.action, argument) if (e.kind, e.what) not in refused)
    if facts.get("conversation.assignee") is not None or facts.get("conversation.status") == "closed":
        found = [effect for effect in found if effect.kind != "assign"]
    if facts.get("contact.opted_out") is True:
        found = [effect for effect in found if effect.kind != "reply"]
    return found


def _refused(recorded: Recorded) -> set[tuple[str, str]]:
    """Deeds that the house refused then for reasons that are not the rules': the gate, the reply window."""
    own = ("has_assignee", "already_fired", "already_assigned", "watch_mode")
    return {
        (effect.kind, effect.what)
        for rule, index, name, argument in recorded.actions
        if recorded.skipped.get((rule, index), own[0]) not in own
        for effect in _effects(rule, name, argument)
    }


def _effects(rule: str, name: str, argument: Mapping[str, object]) -> Iterable[Effect]:
    match name:
        case "assign":
            kind = next(kind for kind in (TEAM, AGENT, TO) if argument.get(kind))
            yield Effect(rule, name, f"{kind} {argument.get(kind)}")
        case "tag" | "untag":
            tags = argument.get("tags")
            for tag in tags if isinstance(tags, list | tuple) else ():
                yield Effect(rule, name, str(tag))
        case "reply":
            wanted = Reply.model_validate(argument)
            what = f"canned {wanted.canned}" if wanted.canned else f"“{wanted.label}”"
            yield Effect(rule, name, "".join((what, *(f" [{title}]" for title in wanted.offered))))
        case "priority":
            yield Effect(rule, name, str(argument.get("priority")))
        case _:
            yield Effect(rule, name, ", ".join(_shown(key, value) for key, value in argument.items()))


def _shown(key: str, value: object) -> str:
    return f"{key} {value}" if isinstance(value, str) else f"{key} {orjson.dumps(value).decode()}"
