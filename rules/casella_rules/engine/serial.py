"""Rules as JSON and back: what the hash of a rule set is made of, and how old rule sets are kept."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import date

from pydantic import BaseModel, ValidationError

from casella_rules.language.model import Action, All, Always, Any, Condition, Not, Place, Rule, Test
from casella_rules.language.vocabulary import ActionSpec, ValueType, Vocabulary
from casella_rules.yaml.problems import RulesError

Json = str | int | float | bool | None | list["Json"] | dict[str, "Json"]


class UnknownEntryError(RulesError):
    """Stored rules use an entry that this installation does not have; install the plugin that brought it."""

    code = "rules_unknown_entry"


def rules_as_json(rules: Sequence[Rule]) -> str:
    """Canonical JSON: equal for equal rules, whatever their comments, layout and files."""
    # Rule by rule: ten thousand rules as one tree of lists would take more memory than the rules themselves.
    return f"[{','.join(_CANONICAL.encode(_rule_out(rule)) for rule in rules)}]"


def rules_from_json(text: str, vocabulary: Vocabulary) -> tuple[Rule, ...]:
    """Rules as they were stored. Raises UnknownEntryError for an action nobody brings any more."""
    return tuple(_rule_in(entry, vocabulary) for entry in json.loads(text))


def hash_of(canonical: str) -> str:
    """The name of a rule set: 16 hexadecimal digits of SHA-256."""
    return hashlib.sha256(canonical.encode()).hexdigest()[:16]


_CANONICAL = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _rule_out(rule: Rule) -> Json:
    out: dict[str, Json] = {
        "name": rule.name,
        "when": list(rule.when),
        "if": _test_out(rule.test),
        "then": [
            [action.name, action.argument.model_dump(mode="json", by_alias=True, exclude_defaults=True)]
            for action in rule.actions
        ],
    }
    out |= {"enabled": False} if not rule.enabled else {}
    out |= {"mode": "watch"} if rule.watch else {}
    out |= {"inboxes": list(rule.inboxes)} if rule.inboxes else {}
    out |= {"after": rule.after} if rule.after else {}
    out |= {"after_in": rule.after_in} if rule.after_in else {}
    out |= {"unless": list(rule.unless)} if rule.unless else {}
    out |= {"cooldown": rule.cooldown} if rule.cooldown else {}
    out |= {"cooldown_in": rule.cooldown_in} if rule.cooldown_in else {}
    return out


def _rule_in(entry: dict[str, Json], vocabulary: Vocabulary) -> Rule:
    return Rule(
        name=str(entry["name"]),
        when=_strings(entry["when"]),
        test=_test_in(entry["if"]),
        actions=tuple(_action_in(action, vocabulary) for action in _list(entry["then"])),
        enabled=entry.get("enabled") is not False,
        watch=entry.get("mode") == "watch",
        inboxes=_strings(entry.get("inboxes") or []),
        after=_seconds(entry.get("after")),
        unless=_strings(entry.get("unless") or []),
        cooldown=_seconds(entry.get("cooldown")),
        place=Place("", 0, 0),
        after_in=str(entry.get("after_in") or ""),
        cooldown_in=str(entry.get("cooldown_in") or ""),
    )


def _action_in(entry: Json, vocabulary: Vocabulary) -> Action:
    name, argument = _list(entry)
    spec = vocabulary.actions.get(str(name))
    if spec is None:
        raise UnknownEntryError(f"the stored rules use the action '{name}', which nobody brings; install its plugin")
    return Action(spec.name, read_argument(spec, argument, "rules use"))


def read_argument(spec: ActionSpec, stored: object, where: str) -> BaseModel:
    """What an action was told, as it was stored. Raises UnknownEntryError when whoever brings it takes other things by
    now."""
    try:
        return spec.argument.model_validate(stored)
    except ValidationError:
        raise UnknownEntryError(
            f"the stored {where} the action '{spec.name}' in a form that it no longer has; with the plugin as it was "
            "then, more can be said"
        ) from None


def _test_out(test: Test) -> Json:
    match test:
        case Always():
            return "always"
        case All(parts):
            return {"all": [_test_out(part) for part in parts]}
        case Any(parts):
            return {"any": [_test_out(part) for part in parts]}
        case Not(part):
            return {"not": _test_out(part)}
        case Condition():
            operand: list[Json] = [item.isoformat() if isinstance(item, date) else item for item in test.operand]
            how: list[Json] = ["exact"] if test.exact else ["unaccented"] if test.unaccented else []
            return [test.field, test.value.name, test.operator, operand, *how]


def _test_in(entry: Json) -> Test:
    if isinstance(entry, dict):
        ((group, inner),) = entry.items()
        if group == "not":
            return Not(_test_in(inner))
        parts = tuple(_test_in(part) for part in _list(inner))
        return All(parts) if group == "all" else Any(parts)
    if isinstance(entry, list):
        field, value_name, operator, operand = entry[:4]
        value = ValueType[str(value_name)]
        read = tuple(
            date.fromisoformat(str(item)) if value is ValueType.DATE and isinstance(item, str) else item
            for item in _list(operand)
        )
        scalars = tuple(item for item in read if isinstance(item, str | int | float | date))
        how = entry[4:]
        return Condition(
            str(field), value, str(operator), scalars, exact="exact" in how, unaccented="unaccented" in how
        )
    return Always()


def _list(entry: Json) -> list[Json]:
    return entry if isinstance(entry, list) else []


def _seconds(entry: Json) -> int:
    return entry if isinstance(entry, int) else 0


def _strings(entry: Json) -> tuple[str, ...]:
    return tuple(str(item) for item in _list(entry))
