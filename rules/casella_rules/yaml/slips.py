"""Where a slip of the pen in YAML was made. A parser stumbles later, often many lines below: over the next quote, over
the line behind the one without a colon. What a manager has to change is looked for here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Protocol

import yaml
from yaml.error import MarkedYAMLError, YAMLError

from casella_rules.yaml.habits import habit, two_keys
from casella_rules.yaml.messages import compared, in_plain_words
from casella_rules.yaml.problems import QUOTED_CHARACTERS, quoted
from casella_rules.yaml.text import invisible_in_front, lines_of

_PARSER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_FIRST_WORD = re.compile(r"( *(?:- +)*)(\w[\w.-]*)(?: +|:|$)")
_FIRST = re.compile(r"\s*(?:- +)*[\w.-]*")
_ALONE = re.compile(r"( *(?:- +)*)([\w.-]+): *(?:#.*)?$")
_COLON = re.compile(r":(?:\s|$)")
_BEGINS_ANEW = re.compile(r"\s*(?:- |- *$|[\w.-]+:(?:\s|$))")


#: How the message about lines in different columns begins.
COLUMNS = "this line begins in column "
MAX_COLUMNS = 1_000


class Mark(Protocol):
    """A place as libyaml counts: from nought."""

    @property
    def line(self) -> int: ...
    @property
    def column(self) -> int: ...
    @property
    def index(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Slip:
    """Where something has to be changed, counted from one, what is wrong, and what to write."""

    line: int
    column: int
    message: str
    hint: str = ""


def slip_of(error: MarkedYAMLError, text: str) -> Slip:
    """What led to this error in this text."""
    mark: Mark | None = error.problem_mark or error.context_mark
    if mark is None:
        return Slip(1, 1, *in_plain_words(str(error.problem or error.context or ""), ""))
    found = _Slips(error, mark, text)
    return (
        found.invisible()
        or found.habit()
        or found.quote()
        or found.bracket()
        or found.start_of_value()
        or found.missing_colon()
        or found.columns()
        or found.more_text()
        or found.as_said()
    )


class _Slips:
    """One error, and what it may come from. Each method answers None when it is something else."""

    def __init__(self, error: MarkedYAMLError, mark: Mark, text: str) -> None:
        self._said = str(error.problem or error.context or "")
        self._during = str(error.context or "")
        self._mark = mark
        self._from: Mark = error.context_mark or mark
        self._text = text
        self._lines = [line.rstrip("\r\n\x85\u2028\u2029") for line in lines_of(text)]
        self._at = text[mark.index : mark.index + 1]

    def as_said(self) -> Slip:
        return _at(self._mark, *in_plain_words(self._said, self._at))

    def invisible(self) -> Slip | None:
        for number in range(max(self._mark.line - 2, 0), min(self._mark.line + 1, len(self._lines))):
            found = invisible_in_front(self._lines[number])
            if found:
                return Slip(number + 1, *found)
        return None

    def habit(self) -> Slip | None:
        """Signs of other languages, and two keys in one line."""
        if self._during.endswith("quoted scalar"):
            return None
        told = habit(self._lines, self._mark.line)
        if told is None and "mapping values are not allowed" in self._said and self._mark.line < len(self._lines):
            told = two_keys(self._lines[self._mark.line], self._mark.line)
        return Slip(*told) if told else None

    def quote(self) -> Slip | None:
        """A quote that nothing closes takes everything up to the next one, far below."""
        if self._during.endswith("quoted scalar") and self._said.startswith("found unexpected end"):
            return _at(self._from, "a quote is opened here and never closed", "Close it with the same kind of quote")
        if self._during.endswith("quoted scalar") and self._from.line < self._mark.line:
            return self._closed_late(self._from, self._mark)
        opened = _Trail(self._text).quote
        if opened and opened[1].line == self._mark.line:
            return self._closed_late(*opened)
        return None

    def _closed_late(self, opened: Mark, closed: Mark) -> Slip:
        message = f"a quote is opened here, and the next one stands only in line {closed.line + 1}"
        return _at(opened, message, "Close it where its text ends")

    def bracket(self) -> Slip | None:
        """Behind an open bracket lines are no lines; the next key, or the end, does not fit."""
        opened = _Trail(self._text).bracket
        if opened is None or opened.line >= self._mark.line:
            return None
        if self._mark.index < len(self._text.rstrip()) and not _BEGINS_ANEW.match(self._line(self._mark)):
            return None
        kind = self._text[opened.index : opened.index + 1]
        closing = {"[": "]", "{": "}"}.get(kind, "")
        hint = f"Write '{closing}' where it ends" + ("; text with { needs quotes" if kind == "{" else "")
        return _at(opened, f"the '{kind}' that opens here is never closed", hint)

    def start_of_value(self) -> Slip | None:
        """Characters that mean something to YAML at the beginning of a value."""
        begins = any(self._during.endswith(what) for what in ("an alias", "an anchor"))
        begins |= self._during.endswith("a block scalar") and "comment or line break" in self._said
        if not begins and "cannot start any token" not in self._said:
            return None
        if not begins and self._at == "\t":
            return None
        mark = self._from if begins else self._mark
        value = self._value(mark)
        instead = compared(value)
        if instead:
            return _at(mark, "comparison signs are written as words here", f"Write {instead}")
        message = f"a value that begins with '{self._text[mark.index]}' needs quotes"
        return _at(mark, message, f"Write {in_quotes(value)}")

    def missing_colon(self) -> Slip | None:
        if "could not find expected ':'" in self._said:
            return self._without_colon(self._from.line)
        above = self._line_above()
        fails = any(part in self._said for part in ("mapping values are not allowed", "did not find expected key"))
        if not fails or above is None or not self._begins_line() or _COLON.search(self._lines[above]):
            return None
        # A word alone may have the next lines below it; what has a value stands beside them.
        begun, own = self._column(above, dash=False), self._indentation(self._mark.line)
        alone = " " not in self._lines[above].split(" #")[0].strip()
        return self._without_colon(above) if begun == own or (alone and begun < own) else None

    def _without_colon(self, number: int) -> Slip | None:
        line = self._lines[number]
        found = _FIRST_WORD.match(line[: 2 * QUOTED_CHARACTERS])
        if not found:
            return None
        value = f" {line[found.end() :]}".partition(" #")[0].strip()
        if told := self._of_the_key_above(number, len(found[1])):
            return told
        instead = f"{found[2]}: {value if len(value) < QUOTED_CHARACTERS else '…'}" if value else f"{found[2]}:"
        return Slip(number + 1, len(found[1]) + 1, "a ':' is missing here", f"Write {quoted(instead)}")

    def _of_the_key_above(self, number: int, column: int) -> Slip | None:
        """`snooze:` and below it, in the same column, its value."""
        above = next((at for at in range(number - 1, -1, -1) if self._lines[at].strip()[:1] not in ("", "#")), None)
        key = _ALONE.match(self._lines[above]) if above is not None else None
        value = self._lines[number].partition(" #")[0].strip()
        if key is None or len(key[1]) != column or ":" in value or len(value) > QUOTED_CHARACTERS:
            return None
        message = f"{quoted(value)} stands beside {quoted(key[2])}, and not behind it"
        return Slip(number + 1, column + 1, message, f"Write {quoted(f'{key[2]}: {value}')} in one line")

    def columns(self) -> Slip | None:
        """Two lines that belong together, or look like it, and begin in different columns."""
        fails = "mapping values are not allowed", "did not find expected key", "did not find expected '-'"
        if not any(part in self._said for part in fails) or not self._begins_line():
            return None
        own, dash = self._indentation(self._mark.line), self._line(self._mark).lstrip().startswith("-")
        other = self._neighbour(own, dash=dash)
        if other is None:
            return None
        above = self._line_above()
        key = _ALONE.match(self._lines[above]) if dash and above is not None else None
        if key and above is not None and own < len(key[1]):
            message = f"this list stands left of {quoted(key[2])} in line {above + 1}, to which it belongs"
            return Slip(
                self._mark.line + 1, own + 1, message, f"Begin its '-' in column {len(key[1]) + 1} or {len(key[1]) + 3}"
            )
        begun = self._column(other, dash=dash)
        message = f"{COLUMNS}{own + 1}, and line {other + 1} above in column {begun + 1}"
        return Slip(self._mark.line + 1, own + 1, message, "What belongs together begins in one column")

    def _neighbour(self, own: int, *, dash: bool) -> int | None:
        """The line above that should begin in the same column, and does not."""
        found, deeper = None, len(self._line(self._mark)) + MAX_COLUMNS
        for number in range(self._mark.line - 1, -1, -1):
            if self._lines[number].strip()[:1] in ("", "#"):
                continue
            column = self._column(number, dash=dash)
            if column <= own:
                return number if found is None and column < own else found
            if column <= deeper:
                found, deeper = number, column
        return found

    def more_text(self) -> Slip | None:
        """Something behind the end of a value: `"a" b`, `[a]]`, `'don't'`."""
        before = self._line(self._mark)[: self._mark.column].rstrip()
        if "did not find expected" not in self._said or not before:
            return None
        if self._at in ("]", "}") and before[-1] in "]}":
            return _at(self._mark, f"there is a '{self._at}' too many here", "Remove it")
        if before[-1] in "'\"" and self._at not in ("]", "}"):
            hint = "Put the whole text into one pair of quotes: \"…\" where it holds ', and '…' where it holds \""
            return _at(self._mark, "the quotes end before this", hint)
        return None

    def _begins_line(self) -> bool:
        """Whether the mark is at the first word of its line, or at the colon behind it."""
        return _FIRST.fullmatch(self._line(self._mark)[: self._mark.column]) is not None

    def _column(self, number: int, *, dash: bool) -> int:
        """Where a line begins: its dash, or its first letter."""
        return len(self._lines[number]) - len(self._lines[number].lstrip(" " if dash else " -"))

    def _line_above(self) -> int | None:
        numbers = range(self._mark.line - 1, max(self._mark.line - 50, -1), -1)
        return next((number for number in numbers if self._lines[number].strip()[:1] not in ("", "#")), None)

    def _indentation(self, number: int) -> int:
        return len(self._lines[number]) - len(self._lines[number].lstrip(" "))

    def _line(self, mark: Mark) -> str:
        return self._lines[mark.line] if mark.line < len(self._lines) else ""

    def _value(self, mark: Mark) -> str:
        """What was meant as the value: to the end of the line, a comment, or the bracket around it."""
        rest = self._line(mark)[mark.column :].partition(" #")[0].rstrip()
        inside = self._line(mark)[: mark.column]
        return re.split(r"[,\]}]", rest)[0].rstrip() if "{" in inside or "[" in inside else rest


def in_quotes(text: str) -> str:
    """A text as YAML takes it literally; a long one is only hinted at."""
    if len(text) > QUOTED_CHARACTERS:
        return "'…'"
    return f'"{text}"' if "'" in text and '"' not in text and "\\" not in text else "'" + text.replace("'", "''") + "'"


class _Trail:
    """What the parser had passed when it stumbled: the last quoted value over several lines, the innermost bracket
    that was still open."""

    def __init__(self, text: str) -> None:
        self.quote: tuple[Mark, Mark] | None = None
        self._brackets: list[Mark | None] = []
        parser = _PARSER(text)
        try:
            while not isinstance(event := parser.get_event(), yaml.StreamEndEvent):
                self._pass(event)
        except YAMLError:
            pass

    @property
    def bracket(self) -> Mark | None:
        return next((mark for mark in reversed(self._brackets) if mark is not None), None)

    def _pass(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.ScalarEvent):
            begin, end = event.start_mark, event.end_mark
            if event.style in ("'", '"') and begin and end and end.line > begin.line:
                self.quote = begin, end
        elif isinstance(event, yaml.CollectionStartEvent):
            self._brackets.append(event.start_mark if event.flow_style else None)
        elif isinstance(event, yaml.CollectionEndEvent):
            self._brackets.pop()


def _at(mark: Mark, message: str, hint: str = "") -> Slip:
    return Slip(mark.line + 1, mark.column + 1, message, hint)
