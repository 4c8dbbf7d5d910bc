"""Many patterns over one text in one pass (RE2: time is linear in the text, whatever the pattern).

The only module that touches re2. A set that outgrows its memory is split, at compile time by size, and at match time
by a sentinel: a pattern that matches the end of every text. When it is missing from the answer, the automaton has
given up, and an empty answer would be a lie; the set is then asked pattern by pattern.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import Protocol, cast

import re2  # type: ignore[import-untyped]  # google-re2 ships no types; everything used is typed here

from casella_rules.yaml.problems import QUOTED_CHARACTERS

#: Memory of one automaton in bytes: enough for some five thousand words in one set on a 40-word message.
SET_MEMORY = 96 * 1024 * 1024
#: Memory of one pattern asked alone, in bytes.
PATTERN_MEMORY = 8 * 1024 * 1024


class Pattern(Protocol):
    """One compiled pattern. `programsize`: the instructions it became."""

    programsize: int

    def search(self, text: str, /) -> object | None: ...


class PatternError(ValueError):
    """RE2 does not accept this pattern; the message says why."""


@lru_cache(maxsize=1024)
def compile_pattern(pattern: str) -> Pattern:
    """One pattern, to be searched anywhere in a text. Raises PatternError."""
    return compiled(pattern, PATTERN_MEMORY)


def as_run(written: str, *, exact: bool) -> str:
    """The pattern as it runs on texts: in their Unicode form (`wait…` is looked for as `wait...`), and for either case
    unless it is `exact`."""
    if exact:
        return written if written.isascii() else unicodedata.normalize("NFC", written)
    if not written.isascii():
        written = "".join(map(_compatible, unicodedata.normalize("NFC", written)))
    return ignoring_case(written)


def _compatible(character: str) -> str:
    """What stands for this character in a text (`text.compatible`), as a pattern."""
    if character.isascii():
        return character
    form = "'" if character == "’" else unicodedata.normalize("NFKC", character)
    return form if form == character else literal(form)


def ignoring_case(pattern: str) -> str:
    """The pattern, for either case."""
    return f"(?i){pattern}"


def literal(text: str) -> str:
    """The pattern that finds exactly this text."""
    return cast(str, re2.escape(text))


class PatternSet:
    """Which of many patterns occur in a text? Patterns must have been accepted by `compile_pattern`."""

    def __init__(self, patterns: Sequence[str], memory: int = SET_MEMORY) -> None:
        self._patterns = tuple(patterns)
        self._parts = _compiled(self._patterns, 0, memory)

    def matches(self, text: str) -> list[int]:
        """The positions of the patterns that occur in the text, in no order."""
        encoded = text.encode("utf-8", "surrogatepass")
        found: list[int] = []
        for first, size, automaton in self._parts:
            hits = (automaton.Match(encoded) if automaton else None) or ()
            if size not in hits:
                found += self._one_by_one(text, first, size)
            elif len(hits) > 1:
                found += [first + hit for hit in hits if hit != size]
        return found

    @property
    def parts(self) -> int:
        """How many automata the patterns needed."""
        return len(self._parts)

    def _one_by_one(self, text: str, first: int, size: int) -> list[int]:
        pairs = enumerate(self._patterns[first : first + size], first)
        return [position for position, pattern in pairs if compile_pattern(pattern).search(text) is not None]


class _Automaton(Protocol):
    def Match(self, text: bytes) -> list[int] | None: ...


_Part = tuple[int, int, _Automaton | None]


def _compiled(patterns: Sequence[str], first: int, memory: int) -> list[_Part]:
    automaton = re2.Set.SearchSet(_options(memory))
    try:
        for pattern in patterns:
            automaton.Add(pattern)
        automaton.Add(r"\z")  # the sentinel; an empty pattern would cost at every character
        automaton.Compile()
    except re2.error:
        if len(patterns) < 2:
            return [(first, len(patterns), None)]
        half = len(patterns) // 2
        return _compiled(patterns[:half], first, memory) + _compiled(patterns[half:], first + half, memory)
    return [(first, len(patterns), cast(_Automaton, automaton))]


@lru_cache(maxsize=8)
def _options(memory: int) -> object:
    options = re2.Options()
    options.max_mem = memory
    options.log_errors = False
    return options


def compiled(pattern: str, memory: int) -> Pattern:
    """One pattern within so many bytes, made anew. Raises PatternError."""
    try:
        return cast(Pattern, re2.compile(pattern, _options(memory)))
    except re2.error as error:
        raise PatternError(_reason(error)) from None


def _reason(error: Exception) -> str:
    said = error.args[0] if error.args else ""
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    return text[:QUOTED_CHARACTERS]
