"""Where everything stands in a YAML text, to the character: what an edit needs, and the reading of a desk does not."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol, cast

import yaml
from yaml.error import YAMLError

_PARSER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(slots=True)
class Place:
    """A value: `text[start:end]`, which for a block ends with its last value. `flow`: in brackets or braces."""

    start: int
    end: int
    column: int
    text: str = ""
    flow: bool = False
    pairs: list[tuple[Place, Place]] | None = None
    items: list[Place] | None = None
    #: Whether anything in it is named (`&`) or stands for something elsewhere (`*`).
    tied: bool = field(default=False)

    def value(self, key: str) -> Place | None:
        """The value under a key of a mapping."""
        return next((value for name, value in self.pairs or () if name.text == key), None)


class _Mark(Protocol):
    index: int
    column: int


class _Event(Protocol):
    start_mark: _Mark
    end_mark: _Mark
    anchor: str | None
    value: str
    flow_style: bool


def placed(text: str) -> Place | None:
    """The whole text's value; None where it cannot be read, or holds nothing."""
    try:
        return _Places(text).document()
    except YAMLError:
        return None


class _Places:
    def __init__(self, text: str) -> None:
        self._text = text
        self._get = _PARSER(text).get_event

    def document(self) -> Place | None:
        self._get()
        if isinstance(self._get(), yaml.StreamEndEvent):
            return None
        return self._place(self._get())

    def _place(self, event: object) -> Place:
        at = cast(_Event, event)
        start, column = at.start_mark.index, at.start_mark.column
        if isinstance(event, yaml.AliasEvent):
            return Place(start, at.end_mark.index, column, tied=True)
        tied = at.anchor is not None
        if isinstance(event, yaml.ScalarEvent):
            end = at.end_mark.index
            return Place(start, start + len(self._text[start:end].rstrip("\n")), column, at.value, tied=tied)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(at, tied)
        return self._mapping(at, tied)

    def _sequence(self, at: _Event, tied: bool) -> Place:
        items: list[Place] = []
        while not isinstance(event := self._get(), yaml.SequenceEndEvent):
            items.append(self._place(event))
        end = cast(_Event, event).end_mark.index if at.flow_style else items[-1].end
        tied = tied or any(item.tied for item in items)
        return Place(at.start_mark.index, end, at.start_mark.column, flow=at.flow_style, items=items, tied=tied)

    def _mapping(self, at: _Event, tied: bool) -> Place:
        pairs: list[tuple[Place, Place]] = []
        while not isinstance(event := self._get(), yaml.MappingEndEvent):
            key = self._place(event)
            pairs.append((key, self._place(self._get())))
        end = cast(_Event, event).end_mark.index if at.flow_style else pairs[-1][1].end
        tied = tied or any(key.tied or value.tied for key, value in pairs)
        return Place(at.start_mark.index, end, at.start_mark.column, flow=at.flow_style, pairs=pairs, tied=tied)
