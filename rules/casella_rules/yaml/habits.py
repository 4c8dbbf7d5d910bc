"""Signs that mean something elsewhere: `//` before a comment, an en dash before an entry, `=` behind a key. YAML reads
them as letters and stumbles lines below; here they are found where they stand."""

from __future__ import annotations

import re

#: What word processors and other languages put before the entries of a list.
BULLETS = "–—―−‐•·‣◦●▪*"
_BEFORE = frozenset(f"{BULLETS}-")
#: Signs that look like a colon.
COLONS = "：﹕︓∶꞉ː"

_COMMENT = re.compile(r"\s*(//|/\*|<!--|--+ |;|%%?\s)")
_NO_SPACE = re.compile(r"( *(?:- +)*)-([A-Za-z_][\w.-]*(?::(?:\s.*|$)|\s*(?:#.*)?$))")
_BULLET = re.compile(rf"( *(?:- +)*)([{BULLETS}])\s*(\S.*)$")
_WORD = re.compile(r" *(?:- +)*[\w.-]+")
_TWO_KEYS = re.compile(r" *(?:- +)*([\w.-]+): +([A-Za-z_][\w.-]*):(?: +(.*))?$")
#: A key of a rule behind the value of another one: `when: message_received if: always`.
_BEHIND = re.compile(
    r" *(?:- +)*([\w.-]+): +[\w\"'\[{].*?"
    r"\s(name|when|if|then|after|unless|cooldown|enabled|mode|inboxes|else|text|team): "
)
_COLON_INSIDE = re.compile(rf"[{{,]\s*([\w.-]+)\s*([{COLONS}])")
_KEY_IN_LINE = re.compile(r"([A-Za-z_][\w.-]*): +(\S.*)")
#: Behind these stands a text, which may well hold a colon.
_TEXTS = frozenset({"name", "text", "note", "description", "phrase", "question", "thanks", "title", "label"})
#: So many lines above the one where the parser stumbles are looked at.
_LINES = 3

Found = tuple[int, int, str, str]
"""Line and column from one, what is wrong, what to write."""


def habit(lines: list[str], number: int) -> Found | None:
    """Such a sign in this line (from nought) or in the nearest ones above it."""
    above = [at for at in range(number, -1, -1) if at < len(lines) and lines[at].strip()][:_LINES]
    looks = (_comment, _dash, _bullet, _colon, _equals)
    return next((found for at in above for look in looks if (found := look(lines[at], at + 1))), None)


def _nested(value: str) -> str:
    """A value that is a key with its value again, in brackets of its own."""
    found = _KEY_IN_LINE.fullmatch(value)
    return f"{{{found[1]}: {_nested(found[2])}}}" if found else value


def two_keys(line: str, number: int) -> Found | None:
    """`if: text: {…}`: a key where the value of another begins."""
    found = _TWO_KEYS.match(line)
    if found is None:
        return _behind(line, number)
    if found[1] in _TEXTS:
        return None
    key, inner, value = found[1], found[2], (found[3] or "").partition(" #")[0].strip()
    hint = f"Put '{inner}:' on a line of its own, two columns to the right of '{key}:'"
    if value and len(value) <= _LONGEST and value.count("{") == value.count("}"):
        hint += f", or write '{key}: {{{inner}: {_nested(value)}}}'"
    return number + 1, found.start(2) + 1, f"'{inner}:' stands behind another key in one line", hint


def _behind(line: str, number: int) -> Found | None:
    found = _BEHIND.match(line)
    if found is None or found[1] in _TEXTS:
        return None
    hint = f"Put '{found[2]}:' on a line of its own, where '{found[1]}:' begins"
    return number + 1, found.start(2) + 1, f"'{found[2]}:' stands behind another key in one line", hint


def no_entry(text: str, at: int) -> tuple[str, str] | None:
    """What to say of a key that begins there and was meant as an entry of a list: `-tag`, `– tag`."""
    if text[at : at + 1] not in _BEFORE:
        return None
    line = text[at:].partition("\n")[0]
    found = _dash(line, 1) or _bullet(line, 1)
    return found[2:] if found else None


def _comment(line: str, number: int) -> Found | None:
    found = _COMMENT.match(line)
    if found is None:
        return None
    return number, found.start(1) + 1, f"comments begin with '#', not with '{found[1].strip()}'", "Write '#' there"


def _dash(line: str, number: int) -> Found | None:
    found = _NO_SPACE.match(line)
    if found is None:
        return None
    rest = found[2].partition(" #")[0].strip()
    return number, len(found[1]) + 1, "a space is missing behind the dash", f"Write '- {_short(rest)}'"


def _bullet(line: str, number: int) -> Found | None:
    found = _BULLET.match(line)
    if found is None or (found[2] == "*" and not line[len(found[1]) + 1 :].startswith(" ")):
        return None
    return (
        number,
        len(found[1]) + 1,
        f"'{found[2]}' begins no entry of a list",
        f"Write '- {_short(found[3].partition(' #')[0].strip())}'",
    )


def _colon(line: str, number: int) -> Found | None:
    inside = _COLON_INSIDE.search(line)
    if inside:
        told = f"'{inside[2]}' is another sign than ':'"
        return number, inside.start(2) + 1, told, f"Write '{inside[1]}: ', with a space behind the colon"
    word = _WORD.match(line)
    at = word.end() if word else 0
    if not word or line[at : at + 1] not in tuple(COLONS):
        return None
    instead = f"{line[:at].lstrip(' -')}: {line[at + 1 :].strip()}".rstrip()
    return number, at + 1, f"'{line[at]}' is another sign than ':'", f"Write '{_short(instead)}'"


def _equals(line: str, number: int) -> Found | None:
    word = _WORD.match(line)
    found = re.match(r"\s*(==?>?|:=|->)\s*(.*)$", line[word.end() :]) if word else None
    if not word or not found:
        return None
    instead = f"{line[: word.end()].lstrip(' -')}: {found[2].partition(' #')[0].strip()}".rstrip()
    at = word.end() + found.start(1) + 1
    return number, at, f"'{found[1]}' stands where ':' belongs", f"Write '{_short(instead)}'"


def glued(word: str) -> tuple[str, str]:
    """`tag=vip`, `tag：vip`, `– tag`, `-tag` as the key and the value that were meant; the value may be empty."""
    bare = word.lstrip(f"{BULLETS}- ")
    parts = re.split(rf"\s*(?:==?>?|:=|->|[:{COLONS}])\s*", bare, maxsplit=1)
    return parts[0], parts[1] if len(parts) > 1 else ""


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


_LONGEST = 60
