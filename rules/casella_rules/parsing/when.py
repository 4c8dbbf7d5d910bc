"""Reads what says when a rule acts: `when`, `after`, `unless`, `cooldown`."""

from __future__ import annotations

from casella_rules.language.calendar_times import cron_meant, cron_problem
from casella_rules.language.durations import Span, how_written
from casella_rules.language.open_time import read_span
from casella_rules.language.vocabulary import EventSpec, Parameter
from casella_rules.parsing.action_hints import event_hint
from casella_rules.parsing.conditions import Scribe
from casella_rules.parsing.shape import shown
from casella_rules.yaml.problems import did_you_mean, name_hint, quoted
from casella_rules.yaml.source import Mapping, Node, Scalar, Sequence, is_empty

#: A rule that comes back sooner is a rule that never rests.
SHORTEST_WAIT = 1


def read_when(node: Mapping, scribe: Scribe) -> tuple[str, ...]:
    """The triggers of a rule, each with its parameter."""
    value = node.get("when")
    if value is None:
        scribe.note(node, "'when' is missing", "Write for example 'when: message_received'")
        return ()
    listed = value.items if isinstance(value, Sequence) else [value]
    if not listed:
        scribe.note(value, "this list is empty", "Name an event")
    triggers = (_trigger(item, scribe) for item in listed)
    return tuple(dict.fromkeys(trigger for trigger in triggers if trigger))


def _trigger(node: Node, scribe: Scribe) -> str | None:
    if isinstance(node, Mapping) and len(node.entries) == 1:
        key, value = next(iter(node.entries.values()))
    elif isinstance(node, Scalar) and not is_empty(node):
        key, value = node, None
    else:
        scribe.note(node, f"expected an event, got {shown(node)}")
        return None
    spec = scribe.vocabulary.events.get(key.text)
    if spec is None:
        scribe.note(key, f"unknown event {quoted(key.text)}", event_hint(key.text, scribe.vocabulary.events))
        return None
    return _with_parameter(spec, key, value, scribe)


def _with_parameter(spec: EventSpec, key: Scalar, value: Node | None, scribe: Scribe) -> str | None:
    if spec.takes is Parameter.NOTHING:
        if value is None:
            return spec.name
        scribe.note(value, f"{quoted(spec.name)} takes nothing behind it", f"Write '{spec.name}' alone")
        return None
    if value is None or is_empty(value):
        scribe.note(key, f"{quoted(spec.name)} needs {spec.takes}", f"Write for example '{spec.example}'")
        return None
    if spec.takes is Parameter.DURATION:
        span = _span(value, scribe)
        return f"{spec.name} {span}" if span else None
    return _schedule(spec, value, scribe)


def _span(node: Node, scribe: Scribe) -> Span | None:
    """A duration, or one that is counted while office hours are open."""
    if not isinstance(node, Scalar) or is_empty(node):
        scribe.note(node, f"{shown(node)} is not a duration", how_written(""))
        return None
    span = read_span(node.text, scribe.names)
    if not isinstance(span, Span):
        scribe.note(node, *span)
        return None
    if span.seconds < SHORTEST_WAIT:
        scribe.note(node, "this is no time at all", "Write 45s, 10m, 1h30m or 2d")
        return None
    return span


def _schedule(spec: EventSpec, node: Node, scribe: Scribe) -> str | None:
    wrong = cron_problem(node.text) if isinstance(node, Scalar) else "it must be one text"
    if wrong:
        meant = cron_meant(node.text) if isinstance(node, Scalar) else ""
        hint = f'Write "{meant}"' if meant else f"Write for example '{spec.example}'"
        scribe.note(node, f"{shown(node)} is not a time of the calendar: {wrong}", hint)
        return None
    assert isinstance(node, Scalar)
    return f"{spec.name} {' '.join(node.text.lower().split())}"


def read_time(node: Mapping, key: str, scribe: Scribe) -> Span:
    """How long a rule waits (`after`) or rests (`cooldown`); no time at all when it does not."""
    value = node.get(key)
    return (_span(value, scribe) if value is not None else None) or Span(0)


def read_unless(node: Mapping, scribe: Scribe) -> tuple[str, ...]:
    """The events that cancel a rule that waits. `closed` is short for `conversation_closed`, and so on."""
    value = node.get("unless")
    if value is None:
        return ()
    if node.get("after") is None:
        scribe.note(node.key("unless"), "'unless' cancels what 'after' waits for", "Add for example 'after: 10m'")
    events = []
    for word in words(value, "an event", scribe):
        name = word.text if word.text in scribe.vocabulary.events else f"conversation_{word.text}"
        spec = scribe.vocabulary.events.get(name)
        if spec is None or spec.takes is not Parameter.NOTHING:
            known = [event.name for event in scribe.vocabulary.events.values() if event.takes is Parameter.NOTHING]
            hint = did_you_mean(word.text, known) or name_hint("Events", word.text, known)
            said = "unknown event" if spec is None else "nothing can be cancelled by"
            scribe.note(word, f"{said} {quoted(word.text)}", hint)
        else:
            events.append(name)
    return tuple(dict.fromkeys(events))


def words(node: Node, what: str, scribe: Scribe) -> list[Scalar]:
    """One word, or a list of at least one."""
    listed = node.items if isinstance(node, Sequence) else [node]
    if not listed:
        scribe.note(node, "this list is empty", f"Name {what}")
    for item in listed:
        if not isinstance(item, Scalar) or is_empty(item):
            scribe.note(item, f"expected {what}, got {shown(item)}")
    return [item for item in listed if isinstance(item, Scalar) and not is_empty(item)]
