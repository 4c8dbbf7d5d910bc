"""The tables of the language: events, fields, operators, actions, strategies.

Whatever a rule may say is an entry here. Built-in entries and those of plugins go through the same tables, so that
`casella check`, the errors, the schema and the manual know both alike.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import ClassVar, Literal, TypeVar

from pydantic import BaseModel

from casella_rules.language.limits import NO_LIMITS, FieldLimits
from casella_rules.language.name_hints import unknown_name_hint
from casella_rules.yaml.problems import RulesError, did_you_mean, quoted


class ValueType(StrEnum):
    """What kind of value a field has. The member's value is how messages call it."""

    TEXT = "text"
    WORD = "word"
    SET = "set"
    NUMBER = "number"
    DURATION = "duration"
    FLAG = "true or false"
    DATE = "date"


class Takes(StrEnum):
    """What an operator takes behind it."""

    ONE = "one value"
    MANY = "a value or a list"
    PAIR = "a list of two values, lowest first"
    FLAG = "true or false"


class Parameter(StrEnum):
    """What a rule must say behind an event, so that it is known when the event comes."""

    NOTHING = "nothing"
    DURATION = "a duration"
    CRON = "a time of the calendar"


@dataclass(frozen=True, slots=True)
class EventSpec:
    """Something that happens and may wake a rule. `takes`: what stands behind its name (`conversation_waiting: 30m`).
    `about`: what it is about; an action that needs a conversation cannot follow an event about an agent."""

    name: str
    description: str
    takes: Parameter = Parameter.NOTHING
    example: str = ""
    about: Literal["conversation", "agent"] = "conversation"


CODES = {
    "country": ("[A-Za-z]{2}", "Countries are written in two letters (ISO 3166): IT, CH, US"),
    "language": ("[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*", "Languages are codes (BCP 47): it, en, pt-BR"),
}
"""How a code is written, as a regular expression, and what to tell whoever writes something else."""


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """Something a rule may ask about. A name with a `*` stands for a family: `hours.*` is `hours.support` …,
    `team.*.waiting` is `team.billing.waiting` …

    `names`: the values are names of this kind in the desk. `star`: what stands for the `*` is. `values`: a closed list.
    `code`: of what they are codes. `tracked`: events say what it was before (`changed` …). `plugin`: who brings it.
    `limits`: what its value can be at all. `in_hours`: it may be counted in office hours."""

    name: str
    value: ValueType
    description: str
    example: str
    names: str = ""
    star: str = ""
    values: tuple[str, ...] = ()
    code: Literal["", "country", "language"] = ""
    tracked: bool = False
    plugin: str = ""
    limits: FieldLimits = NO_LIMITS
    in_hours: bool = False

    @property
    def is_family(self) -> bool:
        """Whether the name stands for several fields."""
        return "*" in self.name

    def member(self, name: str) -> str:
        """What stands for the `*` in a full name: `billing` in `team.billing.waiting`."""
        return name.split(".")[self.name.split(".").index("*")]


@dataclass(frozen=True, slots=True)
class OperatorSpec:
    """One way to compare. Operators are built in; plugins add fields, which bring their type's operators."""

    name: str
    fits: frozenset[ValueType]
    takes: Takes
    description: str
    example: str
    tracked: bool = False


@dataclass(frozen=True, slots=True)
class ActionSpec:
    """Something a rule may do. `argument` checks what is written behind the name; `shorthand` is the argument's field
    that a bare value stands for (`tag: vip`), or, with `always_short`, whatever is written (`set: {plan: gold}`).

    `first_wins`: only the first one of a run is done. `causes`: the events it may cause, which may wake rules again.
    `about`: what it is done to; `any` needs no conversation. `plugin`: who brings it.
    """

    name: str
    argument: type[BaseModel]
    description: str
    example: str
    shorthand: str = ""
    first_wins: bool = False
    always_short: bool = False
    causes: tuple[str, ...] = ()
    about: Literal["conversation", "any"] = "conversation"
    plugin: str = ""


@dataclass(frozen=True, slots=True)
class StrategySpec:
    """One way to choose among eligible agents. `plugin`: who brings it."""

    name: str
    description: str
    plugin: str = ""


@dataclass(frozen=True, slots=True)
class Names:
    """The names a desk has, by kind (`team`, `tag` …). A kind that is missing here is not checked. `attributes`: the
    contacts' own attributes with the type of each, by key. `absence`: what to do about a name that can only be a
    plugin's (`Vocabulary.unknown_hint`)."""

    known: Mapping[str, frozenset[str]] = field(default_factory=dict)
    attributes: Mapping[str, FieldSpec] = field(default_factory=dict)
    unknown_hint: Callable[[str, str, Iterable[str]], str] = lambda name, kind, known: ""

    LABELS: ClassVar[Mapping[str, tuple[str, str, str]]] = {
        "team": ("team", "Teams", "is not in desk.yaml"),
        "agent": ("agent", "Agents", "is not in desk.yaml"),
        "tag": ("tag", "Tags", "is not in desk.yaml"),
        "channel": ("channel", "Channels", "is not in desk.yaml"),
        "channel_type": ("channel type", "Channel types", "is not installed"),
        "connection": ("connection", "Connections", "is not in desk.yaml"),
        "inbox": ("inbox", "Inboxes", "is not in desk.yaml"),
        "hours": ("office hours", "Office hours", "are not in desk.yaml"),
        "canned": ("canned message", "Canned messages", "is not in canned.yaml"),
        "strategy": ("strategy", "Strategies", "is not known"),
        "field": ("field", "Fields of plugins", "is not known"),
        "action": ("action", "Actions of plugins", "is not known"),
        "locale": ("locale", "Locales", "is not in desk.yaml"),
        "attribute": ("attribute", "Attributes", "is not in desk.yaml"),
        "webhook": ("webhook", "Webhooks", "is not in desk.yaml"),
        "rule": ("rule", "Rules", "is not there"),
        "event": ("event", "Events", "is not known"),
        "survey": ("survey", "Surveys", "is not in desk.yaml"),
    }

    def unknown(self, kind: str, name: str) -> tuple[str, str] | None:
        """The message and the hint for a name the desk does not have; None when it is there."""
        known = self.known.get(kind)
        if known is None or name in known:
            return None
        if kind in _OF_PLUGINS and (hint := self.unknown_hint(name, kind, known)):
            return f"{kind} {quoted(name)} is not known", hint
        label, plural, ending = self.LABELS.get(kind, (kind, kind.capitalize(), "is not known"))
        return f"{label} {quoted(name)} {ending}", unknown_name_hint(plural, name, known)

    def including(self, kind: str, names: Iterable[str]) -> Names:
        """These names with others of one kind added."""
        return replace(self, known={**self.known, kind: self.known.get(kind, frozenset()) | frozenset(names)})


class DuplicateEntryError(RulesError):
    """Two parts of the program (or two plugins) bring an entry of one name; rename or remove one of them."""

    code = "rules_duplicate_entry"


Entry = TypeVar("Entry", EventSpec, FieldSpec, OperatorSpec, ActionSpec, StrategySpec)


@dataclass(frozen=True)
class Vocabulary:
    """Everything rules may say. Immutable: `extended` gives a larger one. `absent`: plugins that are not there and why,
    so that a name under theirs gets that answer."""

    events: Mapping[str, EventSpec]
    fields: Mapping[str, FieldSpec]
    operators: Mapping[str, OperatorSpec]
    actions: Mapping[str, ActionSpec]
    strategies: Mapping[str, StrategySpec]
    absent: Mapping[str, str] = field(default_factory=dict)

    def extended(
        self,
        *,
        events: Iterable[EventSpec] = (),
        fields: Iterable[FieldSpec] = (),
        operators: Iterable[OperatorSpec] = (),
        actions: Iterable[ActionSpec] = (),
        strategies: Iterable[StrategySpec] = (),
    ) -> Vocabulary:
        """With these entries as well. Raises DuplicateEntryError for a name that is taken or cannot be written."""
        return replace(
            self,
            events=_with(self.events, events, "event"),
            fields=_with(self.fields, fields, "field"),
            operators=_with(self.operators, operators, "operator"),
            actions=_with(self.actions, actions, "action"),
            strategies=_with(self.strategies, strategies, "strategy"),
        )

    def including(self, fields: Iterable[FieldSpec]) -> Vocabulary:
        """With the desk's own fields: members of families (`contact.custom.plan`) of a type of their own."""
        return replace(self, fields={**self.fields, **{field.name: field for field in fields}})

    def unknown_hint(self, name: str, kind: str, known: Iterable[str]) -> str:
        """What to do about an unknown name: that its plugin is set aside; the nearest name; for one that can only be
        a plugin's, to install it. Empty where there is nothing to say."""
        plugin, dot, _ = name.partition(".")
        if plugin in self.absent:
            return f"The plugin {quoted(plugin)} {self.absent[plugin]}"
        near = did_you_mean(name, known)
        tables: tuple[Iterable[str], ...] = (self.fields, self.actions, self.strategies)
        taken = any(entry == plugin or entry.startswith(f"{plugin}.") for table in tables for entry in table)
        if near or not dot or taken or not _NAME.fullmatch(name):
            return near
        return f"Install the plugin {quoted(plugin)} if it brings this {kind}"

    def field_of(self, name: str) -> FieldSpec | None:
        """The field of this full name, members of families included (`hours.support`, `team.billing.waiting`)."""
        if (found := self.fields.get(name)) is not None:
            return None if found.is_family else found
        parts = name.split(".")
        families = (".".join([*parts[:at], "*", *parts[at + 1 :]]) for at in range(1, len(parts)) if parts[at])
        return next((self.fields[family] for family in families if family in self.fields), None)

    def operators_for(self, spec: FieldSpec) -> dict[str, OperatorSpec]:
        """What may be asked of this field."""
        return {
            name: operator
            for name, operator in self.operators.items()
            if spec.value in operator.fits and (spec.tracked or not operator.tracked)
        }

    def is_prefix(self, name: str) -> bool:
        """True for `contact` when there is a field `contact.name`, for `hours` when there is `hours.*`, and for
        `team.billing` when there is `team.*.waiting`."""
        parts = name.split(".")
        return any(known.startswith(parts[0]) and _begins(known.split("."), parts) for known in self.fields)

    def members(self, name: str) -> list[str]:
        """The fields that a prefix leads to, written with it: `team.billing.waiting` for `team.billing`."""
        parts = name.split(".")
        fields = (known.split(".") for known in self.fields)
        return sorted(".".join([*parts, *known[len(parts) :]]) for known in fields if _begins(known, parts))


EMPTY = Vocabulary({}, {}, {}, {}, {})

#: Kinds of names that plugins bring.
_OF_PLUGINS = ("strategy", "field", "action")
_NAME = re.compile(r"[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)*(?:\.\*(?:\.[a-z][a-z0-9_]*)?)?")


def _begins(known: list[str], parts: list[str]) -> bool:
    """Whether a field's name goes on behind these parts."""
    return len(known) > len(parts) and all(one in ("*", part) for one, part in zip(known, parts, strict=False))


def _with(table: Mapping[str, Entry], added: Iterable[Entry], kind: str) -> dict[str, Entry]:
    result = dict(table)
    for entry in added:
        if entry.name in result or entry.name in ("all", "any", "not", "case"):
            raise DuplicateEntryError(
                f"the {kind} {quoted(entry.name)} is there already; rename or remove one of the two"
            )
        if not _NAME.fullmatch(entry.name):
            raise DuplicateEntryError(
                f"{quoted(entry.name)} cannot be the name of a {kind}; use small letters, digits and _"
            )
        result[entry.name] = entry
    return result
