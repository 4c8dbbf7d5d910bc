"""Patterns that no text has: something in front of the beginning of the text, or behind its end (`costs $100`).

Of each part of a pattern it is enough to know three things: whether it must stand at the beginning, whether it takes a
character, whether it must stand at the end. What is not understood counts as possible.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reach:
    """One way in which a part can be found."""

    at_begin: bool = False
    takes: bool = False
    at_end: bool = False


Ways = frozenset[Reach]
NOTHING: Ways = frozenset({Reach()})
CHARACTER: Ways = frozenset({Reach(takes=True)})
BEGIN: Ways = frozenset({Reach(at_begin=True)})
END: Ways = frozenset({Reach(at_end=True)})

_ANCHORS = {"A": BEGIN, "z": END, "b": NOTHING, "B": NOTHING}
_MOST_REPEATS = 3  # more of the same change nothing any more


class _UnknownError(Exception):
    """Something that is not understood here."""


def can_be_found(pattern: str) -> bool:
    """Whether some text may have it. `pattern` is one that RE2 accepts. An empty text is no text."""
    try:
        reading = _Reading(pattern)
        found = reading.alternatives()
        if reading.rest:
            return True
    except (_UnknownError, IndexError, ValueError):
        return True
    return any(way.takes or not (way.at_begin and way.at_end) for way in found)


def _joined(first: Ways, second: Ways) -> Ways:
    return frozenset(
        Reach(a.at_begin or b.at_begin, a.takes or b.takes, a.at_end or b.at_end)
        for a in first
        for b in second
        if not (a.at_end and b.takes) and not (b.at_begin and a.takes)
    )


def _repeated(ways: Ways, least: int, most: int | None) -> Ways:
    found: set[Reach] = set()
    now = NOTHING
    for times in range(max(least, _MOST_REPEATS) + 1):
        if times >= least and (most is None or times <= most):
            found |= now
        now = _joined(now, ways)
        if times > _MOST_REPEATS and times < least:
            return now  # so many of the same are as good as some more
    return frozenset(found)


class _Reading:
    """Reads RE2's syntax from left to right."""

    def __init__(self, pattern: str) -> None:
        self.rest = pattern

    def alternatives(self) -> Ways:
        found = self._sequence()
        while self.rest.startswith("|"):
            self._take(1)
            found |= self._sequence()
        return found

    def _sequence(self) -> Ways:
        found = NOTHING
        while self.rest and self.rest[0] not in "|)":
            ways = self._atom()
            if ways == NOTHING and self.rest[:1] in tuple("*+?{"):
                raise _UnknownError  # behind flags, `a(?i)*`, it repeats what stands before them
            found = _joined(found, self._times(ways))
        return found

    def _take(self, characters: int) -> str:
        taken, self.rest = self.rest[:characters], self.rest[characters:]
        return taken

    def _until(self, end: str) -> str:
        inside, found, self.rest = self.rest.partition(end)
        if not found:
            raise _UnknownError
        return inside

    def _atom(self) -> Ways:
        character = self._take(1)
        read: Callable[[], Ways] | None = {"\\": self._escape, "[": self._set, "(": self._group}.get(character)
        if read is not None:
            return read()
        return {"^": BEGIN, "$": END}.get(character, CHARACTER)

    def _times(self, ways: Ways) -> Ways:
        sign = self.rest[:1]
        if sign and sign in "*+?":
            self._take(1)
            ways = _repeated(ways, sign == "+", 1 if sign == "?" else None)
        elif sign == "{" and (bounds := _bounds(self.rest)) is not None:
            length, least, most = bounds
            self._take(length)
            ways = _repeated(ways, least, most)
        else:
            return ways
        if self.rest.startswith("?"):  # the shortest first: it finds the same texts
            self._take(1)
        return ways

    def _escape(self) -> Ways:
        character = self._take(1)
        if character == "Q":
            inside, _, self.rest = self.rest.partition("\\E")
            return CHARACTER if inside else NOTHING
        if character in _ANCHORS:
            return _ANCHORS[character]
        if character in "pPx" and self.rest.startswith("{"):
            self._until("}")
        elif character in "pP":
            self._take(1)
        elif character == "x":
            self._take(2)
        elif character.isalnum() and character not in "dDwWsSnrtfvaC":
            raise _UnknownError
        return CHARACTER

    def _set(self) -> Ways:
        self.rest = self.rest.removeprefix("^").removeprefix("]")
        while not self.rest.startswith("]"):
            if self.rest.startswith("[:"):
                self._until(":]")
            else:
                self._take(2 if self.rest[0] == "\\" else 1)
        self._take(1)
        return CHARACTER

    def _group(self) -> Ways:
        if self.rest.startswith("?"):
            self._take(1)
            if self.rest.startswith(("P<", "<")):
                self._until(">")
            else:
                flags = ""
                while self.rest[0] not in ":)":
                    flags += self._take(1)
                if "m" in flags:
                    raise _UnknownError  # then ^ and $ are about lines
                if self._take(1) == ")":
                    return NOTHING
        found = self.alternatives()
        if self._take(1) != ")":
            raise _UnknownError
        return found


def _bounds(text: str) -> tuple[int, int, int | None] | None:
    """The length of `{2,5}`, and its numbers; None where a brace is a brace."""
    inside, end, _ = text[1:].partition("}")
    least, comma, most = inside.partition(",")
    if not end or not _are_digits((least, most) if most else (least,)):
        return None
    return len(inside) + 2, int(least), int(most) if most else None if comma else int(least)


def _are_digits(texts: Iterable[str]) -> bool:
    return all(text.isascii() and text.isdigit() for text in texts)
