"""What to say of a key that no rule has: an event, a question or an action that stands beside `when`, `if` and `then`
instead of behind them, or what other systems call a part of a rule."""

from __future__ import annotations

from collections.abc import Mapping as Table
from dataclasses import dataclass

from casella_rules.language.calendar_times import cron_meant
from casella_rules.language.durations import seconds_of, short_form
from casella_rules.language.vocabulary import EventSpec, Parameter
from casella_rules.parsing.conditions import Scribe
from casella_rules.yaml.polarity import positive_of
from casella_rules.yaml.problems import name_hint, quoted
from casella_rules.yaml.source import Mapping, Node, Scalar, Sequence, is_empty
from casella_rules.yaml.written import as_written

KEYS = (
    "name", "description", "when", "if", "then", "after", "unless", "cooldown", "enabled", "mode", "inboxes",
)  # fmt: skip
_GROUPS = ("all", "any", "not")


@dataclass(frozen=True)
class Stray:
    """A key that belongs elsewhere: the part of the rule that it stands for (empty: none), and what to say."""

    part: str
    message: str
    hint: str


def strays(node: Mapping, scribe: Scribe) -> frozenset[str]:
    """Notes every key of a rule that is none. The parts of the rule that these keys stand for."""
    found = []
    for key, value in node.entries.values():
        stray = _unless(value, node, scribe) if key.text == "unless" else None
        if key.text not in KEYS:
            stray = _stray(key, value, node, scribe)
        if stray is not None:
            scribe.note(key, stray.message, stray.hint)
            found.append(stray.part)
            if key.text == "unless":
                found.append("unless")
    return frozenset(filter(None, found))


def _stray(key: Scalar, value: Node, node: Mapping, scribe: Scribe) -> Stray:
    name, message = key.text, f"unknown key {quoted(key.text)}"
    if name in _OTHER_WORDS:
        part = _OTHER_WORDS[name].partition(":")[0]
        return Stray(part if part in KEYS else "", message, f"Write {quoted(_OTHER_WORDS[name])}")
    if part := _beside(name, node, scribe):
        text = f"{quoted(name)} stands beside {quoted(part)}, and not below it"
        return Stray(part, text, f"Move {quoted(name)} two columns to the right of {quoted(part)}")
    hint = _event(name, value, node, scribe)
    if hint:
        return Stray("when", message, hint)
    if hint := _question(name, value, node, scribe):
        return Stray("if", message, hint)
    if name in scribe.vocabulary.actions:
        written = name if is_empty(value) else f"{name}: {as_written(value)}"
        below = f"Below 'then' it is '- {written}'"
        return Stray("then", message, below if "then" in node.entries else f"Write 'then: [{written}]'")
    return Stray("", message, name_hint("Keys", name, KEYS))


def _beside(name: str, node: Mapping, scribe: Scribe) -> str:
    """The part that has nothing behind it, though this key belongs there."""
    asked, when = node.get("if"), node.get("when")
    if asked is not None and is_empty(asked) and (name in _GROUPS or scribe.vocabulary.field_of(name)):
        return "if"
    return "when" if when is not None and is_empty(when) and name in scribe.vocabulary.events else ""


def _event(name: str, value: Node, node: Mapping, scribe: Scribe) -> str:
    """An event, or a time of the calendar by another name."""
    events = scribe.vocabulary.events
    event = next((one for one in (name, _TIMES.get(name, ""), f"conversation_{name}") if one in events), "")
    if not event:
        return ""
    spec = events[event]
    meant, sure = _with_parameter(spec, value)
    if "when" in node.entries:
        return f"What happens stands behind 'when', and makes a rule of its own: when: {meant}"
    return f"Write 'when: {meant}'" if sure else f"Write for example 'when: {meant}'"


def _with_parameter(spec: EventSpec, value: Node) -> tuple[str, bool]:
    """The event as `when` takes it, and whether all of it is known."""
    written = value.text if isinstance(value, Scalar) else ""
    if spec.takes is Parameter.NOTHING:
        return spec.name, True
    if spec.takes is Parameter.DURATION and seconds_of(short_form(written).partition(" of ")[0]):
        return f"{{{spec.name}: {short_form(written)}}}", True
    if spec.takes is Parameter.CRON and (cron := cron_meant(written)):
        return f'{{{spec.name}: "{cron}"}}', True
    return f"{{{spec.example}}}", False


def _question(name: str, value: Node, node: Mapping, scribe: Scribe) -> str:
    """A field or a group, or an `if` that says no."""
    denied = positive_of(name) in ("if", "when", "where", "") and isinstance(value, Mapping)
    first = name.partition(".")[0]
    known = name in _GROUPS or scribe.vocabulary.field_of(name) or scribe.vocabulary.is_prefix(first)
    if not denied and not known:
        return ""
    meant = f"not: {as_written(value)}" if denied else f"{name}: {as_written(value)}"
    return f"Below 'if' it is '{meant}'" if "if" in node.entries else f"Write 'if: {{{meant}}}'"


def _unless(value: Node, node: Mapping, scribe: Scribe) -> Stray | None:
    """`unless: {text: …}`: a question that must not hold, and no event."""
    asked = value.items[0] if isinstance(value, Sequence) and value.items else value
    if not isinstance(asked, Mapping) or not asked.entries:
        return None
    if not all(name in _GROUPS or scribe.vocabulary.field_of(name) for name in asked.entries):
        return None
    meant = f"{{any: {as_written(value)}}}" if isinstance(value, Sequence) else as_written(value)
    hint = f"Below 'if' it is 'not: {meant}'" if "if" in node.entries else f"Write 'if: {{not: {meant}}}'"
    return Stray("if", "'unless' names events that cancel what 'after' waits for, and this asks for something", hint)


#: What other systems call a time of the calendar.
_TIMES: Table[str, str] = dict.fromkeys(
    ("cron", "every", "at", "daily", "weekly", "hourly", "time", "timer", "repeat", "calendar"), "schedule"
)
_OTHER_WORDS: Table[str, str] = {
    "on": "when", "events": "when", "event": "when", "trigger": "when", "triggers": "when",
    "do": "then", "actions": "then", "action": "then",
    "conditions": "if", "condition": "if", "where": "if", "match": "if",
    "disabled": "enabled: false", "delay": "after", "wait": "after", "cancel": "unless",
}  # fmt: skip
