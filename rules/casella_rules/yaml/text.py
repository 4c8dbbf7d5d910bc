"""The text of a file, and the characters in it that nobody sees and everybody stumbles over."""

from __future__ import annotations

import re
import unicodedata

#: What no text file holds; YAML does not allow it either.
UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")

_HIDDEN = re.compile("[^\t\n\x20-\x7e\xa0-\ud7ff\ue000-\ufdcf\ufdf0-\ufffd\U00010000-\U0010ffff]")

# Spaces that are none to YAML, and characters without width. U+200C and U+200D are not among them: languages and
# emoji need them.
_INVISIBLE = "\u00a0\u00ad\u1680\u180e\u202f\u205f\u2060\u3000\ufeff" + "".join(map(chr, range(0x2000, 0x200C)))
ANY_INVISIBLE = re.compile(f"[{_INVISIBLE}]")
_IN_FRONT = re.compile(f"[ -]*([{_INVISIBLE}])")
_NOTHING_SEEN = _INVISIBLE + " \t"


_BREAK = re.compile("\r\n|[\n\r\x85\u2028\u2029]")


def lines_of(text: str) -> list[str]:
    """The lines as libyaml counts them, with their ends; the last one may be empty."""
    ends = [found.end() for found in _BREAK.finditer(text)]
    return [text[start:end] for start, end in zip([0, *ends], [*ends, len(text)], strict=True)]


def place_of(before: str) -> tuple[int, int]:
    """Line and column, from one, of what follows this text."""
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1


def hidden_in(value: str) -> str | None:
    """The first character of a value that only an escape can have written (`"\\0"`, `"\\e"`): PostgreSQL keeps no zero
    byte, and a terminal obeys the others."""
    found = _HIDDEN.search(value)
    return found.group() if found else None


def invisible_message(character: str) -> tuple[str, str]:
    """What to say of an invisible character, and what to do."""
    name = unicodedata.name(character, "").lower()
    called = f"U+{ord(character):04X}{f', {name}' if name else ''}"
    space = unicodedata.category(character) == "Zs"
    hint = "Delete it and type an ordinary space" if space else "Delete it"
    return f"there is an invisible character here ({called})", hint


def invisible_in_front(line: str) -> tuple[int, str, str] | None:
    """An invisible character in the indentation of a line: its column, what to say, what to do."""
    found = _IN_FRONT.match(line)
    return (found.end(), *invisible_message(found[1])) if found else None


def invisible_in_name(text: str) -> tuple[int, str] | None:
    """The first invisible character of a name, or at an end of a longer text: how many characters stand before it,
    and which one it is."""
    behind = len(text.rstrip(_NOTHING_SEEN)) if " " in text.strip() else 0
    found = ANY_INVISIBLE.match(text) or ANY_INVISIBLE.search(text, behind)
    return (found.start(), found.group()) if found else None


def without_invisible(text: str) -> str:
    """The text as it was meant."""
    return text.strip(_NOTHING_SEEN) if " " in text.strip() else ANY_INVISIBLE.sub("", text)
