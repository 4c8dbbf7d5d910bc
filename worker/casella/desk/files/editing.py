"""Changing one value of a YAML file and nothing else: every other character stays, comments and layout with it.

Each edit is read again afterwards and compared with what was meant; a file in which that cannot be done (a value that
others point at, a key in a form that nobody writes) is left alone, and CannotEdit says so.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Sequence

from casella.desk.files.spans import Place, placed
from casella_rules.yaml.problems import Problem
from casella_rules.yaml.source import Plain, UnreadableError, composed, plain_value

_PLAIN = re.compile(r"[A-Za-z](?:[\w ./-]*[\w.])?|[0-9]{1,6}[smhdw]", re.ASCII)
_MEANT = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})
_BLOCK = re.compile(r"[^\s#][^\r\t\u0085\u2028\u2029\ufeff]*")


class CannotEdit(Exception):
    """This file is written in a way in which this one value cannot be changed alone; or the value is none of a file,
    which `problems` say then."""

    def __init__(self, problems: Sequence[Problem] = ()) -> None:
        self.problems = tuple(problems)
        super().__init__()


def put(text: str, path: Sequence[str], value: Plain) -> str:
    """The text with this value at a path of keys, which are made where they are missing."""
    return _checked(text, lambda text: _put(text, path, value), lambda tree: _plain_put(tree, path, value))


def drop(text: str, path: Sequence[str]) -> str:
    """The text without the entry at a path of keys."""
    return _checked(text, lambda text: _drop(text, path), lambda tree: _plain_drop(tree, path))


def put_item(text: str, path: Sequence[str], item: str) -> str:
    """The text with one more word in the list at a path."""

    def changed(text: str) -> str:
        parent = _at(placed(text), path)
        if parent is None or not parent.items:
            return _put(text, path, [item])
        last = parent.items[-1]
        if parent.flow:
            return _spliced(text, last.end, last.end, f", {_flow(item)}")
        end = _line_end(text, last.end)
        return _spliced(text, end, end, f"\n{' ' * parent.column}- {_flow(item)}")

    def meant(tree: Plain) -> Plain:
        now = _plain_at(tree, path)
        return _plain_put(tree, path, [*(now if isinstance(now, list) else []), item])

    return _checked(text, changed, meant)


def drop_item(text: str, path: Sequence[str], item: str) -> str:
    """The text without this word in the list at a path."""

    def changed(text: str) -> str:
        parent = _at(placed(text), path)
        places = parent.items if parent and parent.items else []
        found = next((place for place in places if place.text == item), None)
        if parent is None or found is None:
            raise CannotEdit
        if len(places) == 1:
            return _put(text, path, [])
        if not parent.flow:
            return _without_lines(text, text.rindex("-", 0, found.start), found.end)
        return _without_entry(text, [(place.start, place.end) for place in places], places.index(found))

    def meant(tree: Plain) -> Plain:
        now = _plain_at(tree, path)
        return _plain_put(tree, path, [one for one in now if one != item] if isinstance(now, list) else now)

    return _checked(text, changed, meant)


def _checked(text: str, change: Callable[[str], str], meant: Callable[[Plain], Plain]) -> str:
    if text.count("\n") == text.count("\r\n") > 0:  # as Windows ends lines, all of them
        return _checked(text.replace("\r\n", "\n"), change, meant).replace("\n", "\r\n")
    try:
        before = _read(text)
    except CannotEdit:
        raise CannotEdit from None
    after = change(text)
    if _read(after) != meant(before):
        raise CannotEdit
    return after


def _read(text: str) -> Plain:
    try:
        reading = composed(text, "")
    except UnreadableError as error:
        raise CannotEdit([error.problem]) from None
    if reading.problems or reading.tree is None:
        raise CannotEdit(reading.problems)
    return plain_value(reading.tree)


def _put(text: str, path: Sequence[str], value: Plain) -> str:
    root = placed(text)
    parent, rest = root, list(path)
    if root is None or (root.pairs is None and not root.text):  # comments at most
        return f"{text.rstrip()}\n{_block(_nested(path, value), 0).lstrip()}\n".lstrip()
    while parent is not None and parent.pairs and len(rest) > 1 and (inner := parent.value(rest[0])) is not None:
        if not inner.pairs:  # nothing yet: it becomes a mapping
            break
        parent, rest = inner, rest[1:]
    if parent is None or parent.pairs is None:
        raise CannotEdit
    inside, known = _nested(rest[1:], value), parent.value(rest[0])
    if known is not None:
        return _replaced(text, parent, rest[0], inside)
    return _added(text, parent, rest[0], inside)


def _replaced(text: str, parent: Place, key: str, value: Plain) -> str:
    name, old = next(pair for pair in parent.pairs or () if pair[0].text == key)
    if old.tied:
        raise CannotEdit
    inline = parent.flow or not isinstance(value, dict) or not value
    if inline and old.start != old.end and "\n" not in text[name.end : old.start]:
        written = _flow(value) if parent.flow else _inline(value, name.column)
        return _spliced(text, old.start, old.end, written)
    colon = text.index(":", name.end) + 1
    written = f" {_flow(value)}" if parent.flow else _behind(value, name.column)
    return _spliced(text, colon, max(colon, old.end), written)


def _added(text: str, parent: Place, key: str, value: Plain) -> str:
    pairs = parent.pairs or []
    if parent.flow:
        end = pairs[-1][1].end if pairs else parent.start + 1
        return _spliced(text, end, end, f"{', ' if pairs else ''}{_flow(key)}: {_flow(value)}")
    end = _line_end(text, pairs[-1][1].end)
    column = pairs[0][0].column
    return _spliced(text, end, end, f"\n{' ' * column}{_flow(key)}:{_behind(value, column)}")


def _drop(text: str, path: Sequence[str]) -> str:
    parent = _at(placed(text), path[:-1])
    pairs = parent.pairs if parent else None
    number = next((index for index, (key, _) in enumerate(pairs or ()) if key.text == path[-1]), None)
    if parent is None or not pairs or number is None or pairs[number][1].tied:
        raise CannotEdit
    if len(pairs) == 1:
        if len(path) == 1:
            raise CannotEdit
        return _put(text, path[:-1], {})
    if parent.flow:
        return _without_entry(text, [(key.start, value.end) for key, value in pairs], number)
    return _without_lines(text, pairs[number][0].start, pairs[number][1].end)


def _without_entry(text: str, spans: Sequence[tuple[int, int]], number: int) -> str:
    """One of several in brackets, with the comma beside it."""
    if number:
        return _spliced(text, spans[number - 1][1], spans[number][1], "")
    return _spliced(text, spans[0][0], spans[1][0], "")


def _without_lines(text: str, start: int, end: int) -> str:
    first = text.rfind("\n", 0, start) + 1
    if text[first:start].strip():  # the first key of a list's item: the dash belongs to the others, too
        raise CannotEdit
    return _spliced(text, first, min(len(text), _line_end(text, end) + 1), "")


def _line_end(text: str, position: int) -> int:
    end = text.find("\n", position)
    return len(text) if end < 0 else end


def _spliced(text: str, start: int, end: int, new: str) -> str:
    return f"{text[:start]}{new}{text[end:]}"


def _at(place: Place | None, path: Sequence[str]) -> Place | None:
    for key in path:
        place = place.value(key) if place is not None else None
    return place


def _behind(value: Plain, column: int) -> str:
    """What stands behind the colon of a key."""
    return f"\n{_block(value, column + 2)}" if isinstance(value, dict) and value else f" {_inline(value, column)}"


def _block(value: Plain, column: int) -> str:
    assert isinstance(value, dict), "whatever stands in lines has keys"
    return "\n".join(f"{' ' * column}{_flow(key)}:{_behind(one, column)}" for key, one in value.items())


def _inline(value: Plain, column: int) -> str:
    """A text of several lines stays readable, where YAML can keep every character of it."""
    if not isinstance(value, str) or "\n" not in value:
        return _flow(value)
    body = value.removesuffix("\n")
    if body.endswith("\n") or not body or not all(not line or _BLOCK.fullmatch(line) for line in body.split("\n")):
        return _flow(value)
    lines = "\n".join(f"{' ' * (column + 2)}{line}" if line else "" for line in body.split("\n"))
    return f"|{'' if value.endswith(chr(10)) else '-'}\n{lines}"


def _flow(value: Plain) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            is_plain = _PLAIN.fullmatch(value) and value.casefold() not in _MEANT
            return value if is_plain else json.dumps(value, ensure_ascii=False)
        case list():
            return f"[{', '.join(map(_flow, value))}]"
        case dict():
            inner = ", ".join(f"{_flow(key)}: {_flow(one)}" for key, one in value.items())
            return f"{{{inner}}}"
        case _:
            return str(value)


def _nested(path: Sequence[str], value: Plain) -> Plain:
    for key in reversed(path):
        value = {key: value}
    return value


def _plain_at(tree: Plain, path: Sequence[str]) -> Plain:
    for key in path:
        tree = tree.get(key) if isinstance(tree, dict) else None
    return tree


def _plain_put(tree: Plain, path: Sequence[str], value: Plain) -> Plain:
    if not path:
        return value
    new = dict(tree) if isinstance(tree, dict) else {}
    new[path[0]] = _plain_put(new.get(path[0]), path[1:], value)
    return new


def _plain_drop(tree: Plain, path: Sequence[str]) -> Plain:
    new = copy.deepcopy(tree)
    inner = _plain_at(new, path[:-1])
    if not isinstance(inner, dict) or path[-1] not in inner:
        raise CannotEdit
    del inner[path[-1]]
    return new
