"""Requests as no provider sends them: a case's body with one thing in it exchanged, for every place."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import cast
from urllib.parse import parse_qsl, urlencode

import orjson

from casella.plugin.testing.cases import FORM, JSON, WebhookCase

ODD_TYPES: tuple[object, ...] = (None, True, 0, -1, 1.5, 10**15, [], [[]], {}, {"id": None})
ODD_TEXTS = (
    *("something_new", "", "0", "-1", "99999999999999999999", "null", "\x00", "é😀", "%", " ", "x" * 300),
    *("²", "٣٤"),  # both `isdigit`; `int` raises on the first, and reads the second as 34
)
BAD_NEIGHBOURS: tuple[object, ...] = (None, 7, "x", [], {}, {"id": None, "type": 3})


def with_unknown_fields(case: WebhookCase) -> Iterator[bytes]:
    """The body with fields that the provider may add one day."""
    if case.content_type.startswith(FORM):
        yield case.body + b"&NewField=new&new_field="
        yield b"ANewField=%F0%9F%98%80&" + case.body
    elif case.content_type.startswith(JSON):
        yield orjson.dumps(_extended(orjson.loads(case.body)))


def with_unknown_texts(case: WebhookCase, texts: Sequence[str] = ODD_TEXTS) -> Iterator[bytes]:
    """The body with one text exchanged: kinds, states and ids that nobody has heard of."""
    if case.content_type.startswith(FORM):
        pairs = _pairs(case.body)
        for index, (name, _) in enumerate(pairs):
            yield from (urlencode([*pairs[:index], (name, odd), *pairs[index + 1 :]]).encode() for odd in texts)
    elif case.content_type.startswith(JSON):
        document = orjson.loads(case.body)
        yield from map(orjson.dumps, _exchanged(document, lambda old: texts if isinstance(old, str) else ()))


def with_wrong_types(case: WebhookCase) -> Iterator[bytes]:
    """The body with one value of another type, left out, or (in forms, where all is text) repeated."""
    if case.content_type.startswith(FORM):
        pairs = _pairs(case.body)
        for index, (name, _) in enumerate(pairs):
            yield urlencode([*pairs[:index], *pairs[index + 1 :]]).encode()
            yield urlencode([*pairs, (name, "second")]).encode()
    elif case.content_type.startswith(JSON):
        document = orjson.loads(case.body)
        yield from map(orjson.dumps, (*ODD_TYPES, "text"))
        yield from map(orjson.dumps, _exchanged(document, _other_types))
        yield from map(orjson.dumps, _left_out(document))


def with_bad_neighbours(case: WebhookCase) -> Iterator[bytes]:
    """The body with something unreadable before and behind the elements of a list, for every list of objects."""
    if case.content_type.startswith(JSON):
        yield from map(orjson.dumps, _exchanged(orjson.loads(case.body), _neighboured))


def _pairs(body: bytes) -> list[tuple[str, str]]:
    return parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)


def _extended(value: object) -> object:
    if isinstance(value, dict):
        return {**{name: _extended(inner) for name, inner in value.items()}, "new_field": {"new": [1, None]}}
    return [_extended(inner) for inner in value] if isinstance(value, list) else value


def _other_types(old: object) -> Sequence[object]:
    return ODD_TYPES if isinstance(old, str) else (*ODD_TYPES, "x")


def _neighboured(old: object) -> Sequence[object]:
    if not (isinstance(old, list) and any(isinstance(element, dict) for element in old)):
        return ()
    return [[bad, *old, bad] for bad in BAD_NEIGHBOURS]


def _exchanged(value: object, others: Callable[[object], Sequence[object]]) -> Iterator[object]:
    """The document with one place below the top exchanged for one of its `others`, for every place."""
    if isinstance(value, dict):
        for name, inner in cast("dict[str, object]", value).items():
            for odd in (*others(inner), *_exchanged(inner, others)):
                yield {**value, name: odd}
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            for odd in (*others(inner), *_exchanged(inner, others)):
                yield [*value[:index], odd, *value[index + 1 :]]


def _left_out(value: object) -> Iterator[object]:
    """The document without one of its fields, for every field."""
    if isinstance(value, dict):
        for name, inner in cast("dict[str, object]", value).items():
            yield {key: kept for key, kept in value.items() if key != name}
            yield from ({**value, name: less} for less in _left_out(inner))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from ([*value[:index], less, *value[index + 1 :]] for less in _left_out(inner))
