"""The rivals of `bench.rules`, each with the same rules in its own language, compiled before the clock starts.

Each gets what suits it best. Conditions stand in the order in which they are cheapest to ask (channel, hours, tags,
text), so that most rules end at the first one. The message is in the engine's own form before the clock starts, where
it has one (CEL's context). Words are found as ` word ` in a text with a space at either end, which is far cheaper than
the word boundaries that Casella looks for. What a language lacks is given to it: JSON Logic gets compiled patterns.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import cel
import rule_engine
import zen
from json_logic import jsonLogic
from json_logic.builtins import BUILTINS

from bench.rig.rules.rule_mix import Message, Spec

Given = dict[str, object]


class Rival(Protocol):
    """One engine with the rules compiled: `prepare` is not timed, `decide` is."""

    def prepare(self, message: Message) -> Any: ...
    def decide(self, prepared: Any) -> list[int]: ...


def given(message: Message) -> Given:
    """A message as the rivals see it."""
    return {
        "channel": message.channel,
        "text": f" {message.text} ",
        "tags": list(message.tags),
        "hours": message.hours,
    }


class Cel:
    """common-expression-language: CEL in Rust; one context serves all rules of a message."""

    def __init__(self, rules: Sequence[Spec]) -> None:
        self._programs = [(rule.number, cel.compile(_cel(rule)).execute) for rule in rules]

    def prepare(self, message: Message) -> cel.Context:
        return cel.Context(given(message))

    def decide(self, prepared: cel.Context) -> list[int]:
        return [number for number, execute in self._programs if execute(prepared)]


class Zen:
    """zen-engine: compiled expressions in Rust."""

    def __init__(self, rules: Sequence[Spec]) -> None:
        self._expressions = [(rule.number, zen.compile_expression(_zen(rule)).evaluate) for rule in rules]

    def prepare(self, message: Message) -> Given:
        return given(message)

    def decide(self, prepared: Given) -> list[int]:
        return [number for number, evaluate in self._expressions if evaluate(prepared)]


class RuleEngine:
    """rule-engine: typed expressions, interpreted in Python."""

    def __init__(self, rules: Sequence[Spec]) -> None:
        text = rule_engine.DataType.STRING
        types = {"channel": text, "text": text, "hours": text, "tags": rule_engine.DataType.SET(text)}
        context = rule_engine.Context(type_resolver=rule_engine.type_resolver_from_dict(types))
        self._rules = [(rule.number, rule_engine.Rule(_rule_engine(rule), context=context).matches) for rule in rules]

    def prepare(self, message: Message) -> object:
        return given(message) | {"tags": set(message.tags)}

    def decide(self, prepared: object) -> list[int]:
        return [number for number, matches in self._rules if matches(prepared)]


class JsonLogic:
    """panzi-json-logic: JSON Logic, interpreted in Python, with an operation for compiled patterns and one for sets."""

    def __init__(self, rules: Sequence[Spec]) -> None:
        patterns = {rule.pattern: re.compile(rule.pattern) for rule in rules if rule.pattern}
        sets = {rule.number: frozenset(rule.tags) for rule in rules}
        self._operations = {
            **BUILTINS,
            "matches": lambda _, text, pattern: patterns[pattern].search(text) is not None,
            "has_any": lambda _, tags, number: not sets[number].isdisjoint(tags),
        }
        self._rules = [(rule.number, _json_logic(rule)) for rule in rules]

    def prepare(self, message: Message) -> object:
        return given(message)

    def decide(self, prepared: object) -> list[int]:
        operations = self._operations
        return [number for number, logic in self._rules if jsonLogic(logic, prepared, operations)]


RIVALS: dict[str, Callable[[Sequence[Spec]], Rival]] = {
    "common-expression-language": Cel,
    "zen-engine": Zen,
    "panzi-json-logic": JsonLogic,
    "rule-engine": RuleEngine,
}


def _text(value: object) -> str:
    """As a literal of a language whose literals are those of JSON."""
    return json.dumps(value)


def _one_of(rule: Spec) -> str:
    channels = rule.channels
    return f"channel == {_text(channels[0])}" if len(channels) == 1 else f"channel in {_text(channels)}"


def _cel(rule: Spec) -> str:
    words = " || ".join(f"text.contains({_text(f' {word} ')})" for word in rule.words)
    return " && ".join(
        [
            _one_of(rule),
            *(['hours == "open"'] if rule.within_hours else []),
            f"tags.exists(tag, tag in {_text(rule.tags)})",
            f"text.matches({_text(rule.pattern)})" if rule.pattern else f"({words})",
        ]
    )


def _zen(rule: Spec) -> str:
    words = " or ".join(f"contains(text, {_text(f' {word} ')})" for word in rule.words)
    # Its texts know no escapes: a backslash is a backslash.
    return " and ".join(
        [
            _one_of(rule),
            *(['hours == "open"'] if rule.within_hours else []),
            f"some(tags, # in {_text(rule.tags)})",
            f'matches(text, "{rule.pattern}")' if rule.pattern else f"({words})",
        ]
    )


def _rule_engine(rule: Spec) -> str:
    words = " or ".join(f"{_text(f' {word} ')} in text" for word in rule.words)
    tags = ", ".join(_text(tag) for tag in rule.tags)
    return " and ".join(
        [
            _one_of(rule),
            *(['hours == "open"'] if rule.within_hours else []),
            f"tags & {{{tags}}}",
            f"text =~~ {_text(rule.pattern)}" if rule.pattern else f"({words})",
        ]
    )


def _json_logic(rule: Spec) -> dict[str, object]:
    channel, text = {"var": "channel"}, {"var": "text"}
    words = [{"in": [f" {word} ", text]} for word in rule.words]
    asked: list[object] = [
        {"===": [channel, rule.channels[0]]} if len(rule.channels) == 1 else {"in": [channel, list(rule.channels)]},
        *([{"===": [{"var": "hours"}, "open"]}] if rule.within_hours else []),
        {"has_any": [{"var": "tags"}, rule.number]},
        {"matches": [text, rule.pattern]} if rule.pattern else {"or": words},
    ]
    return {"and": asked}
