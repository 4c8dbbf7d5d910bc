"""The facts a decision is made on: field name to value, plus the event. Made by the caller, never changed."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime
from typing import Final

import orjson

FactValue = str | int | float | bool | frozenset[str] | date | datetime | None


class Facts(Mapping[str, FactValue]):
    """What is known at the moment of an event.

    A missing field, None and an empty text are the same: no value. `previous.x` is given only when this very event
    changed `x`; None then says that there was no value before. A single thing with several names (a channel goes by
    its key and by its type) is given as the set of its names. A language with its country (`it-IT`) is that
    language too.

    `trigger` is the event with its parameter where it has one (`conversation_waiting 30m`), `event` its name alone.
    """

    __slots__ = ("event", "trigger", "values_by_name")

    def __init__(self, trigger: str, values: Mapping[str, FactValue]) -> None:
        event = trigger.partition(" ")[0] if " " in trigger else trigger
        self.trigger: Final = trigger
        self.event: Final = event
        #: The same as a plain dictionary, because deciding asks it often. Not to be changed.
        self.values_by_name: Final[dict[str, FactValue]] = {
            name: _sound(value) if value.__class__ is str else value for name, value in values.items()
        }
        for name in _LANGUAGES:
            if (said := self.values_by_name.get(name)).__class__ is str:
                self.values_by_name[name] = _language(str(said))
        self.values_by_name["event"] = event

    def __getitem__(self, field: str) -> FactValue:
        return self.values_by_name[field]

    def __iter__(self) -> Iterator[str]:
        return iter(self.values_by_name)

    def __len__(self) -> int:
        return len(self.values_by_name)

    def __repr__(self) -> str:
        # Customers' words are in here; they do not belong into logs.
        return f"Facts({self.trigger!r}, {len(self.values_by_name)} fields)"

    def as_json(self, without: Collection[str] = ()) -> str:
        """Compact JSON, without the fields that have no value (a `previous.` one keeps its null). `without`: fields
        that are left out, too."""
        kept = {
            name: value if value.__class__ in _PLAIN else _to_json(value)
            for name, value in sorted(self.values_by_name.items())
            if name != "event"
            and (value is not None or name.startswith("previous."))
            and not (without and name in without)
        }
        return to_json([self.trigger, kept])

    @classmethod
    def from_json(cls, text: str) -> Facts:
        """The facts as they were stored. Raises ValueError for anything else."""
        trigger, values = orjson.loads(text)
        return cls(trigger, {name: _from_json(value) for name, value in values.items()})


def previous_field(field: str) -> str:
    """Where the facts say what a field was before this event: `previous.status` for `conversation.status`."""
    return f"previous.{field.removeprefix('conversation.')}"


def _sound(value: FactValue) -> FactValue:
    """The text as something that can be encoded, or None for an empty one."""
    if not isinstance(value, str) or value.isascii():
        return value or None
    return value.encode("utf-8", "replace").decode()  # JSON lets half a surrogate pair through


_LANGUAGES = ("language", "contact.language")


def _language(tag: str) -> FactValue:
    """`it` for `it`; for `it_IT` what it is called in one: `it`, `it-IT`."""
    written = tag.replace("_", "-")
    language = written.partition("-")[0]
    return frozenset({language, written}) if language != written else written


def to_json(value: object) -> str:
    """Compact JSON of what is stored with each decision; orjson takes a quarter of the time."""
    try:
        return orjson.dumps(value).decode()
    except TypeError:  # a number of more than 64 bits, half a surrogate pair in a name: rare, and no reason to fail
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


_PLAIN = frozenset((str, int, float, bool, type(None)))  # asked first: most values are
_Json = str | int | float | bool | None | list[str] | dict[str, str]


def _to_json(value: FactValue) -> _Json:
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, datetime):
        return {"moment": value.isoformat()}
    return {"date": value.isoformat()} if isinstance(value, date) else value


def _from_json(value: _Json) -> FactValue:
    if isinstance(value, list):
        return frozenset(value)
    if isinstance(value, dict):
        return datetime.fromisoformat(value["moment"]) if "moment" in value else date.fromisoformat(value["date"])
    return value
