"""What is wrong with a manager's YAML, said so that he can repair it from the message alone.

RulesError
└── RuleErrors      some rules, canned messages or settings cannot be used; carries every Problem found
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import ClassVar

from casella_rules.yaml.polarity import opposite, words_of

#: More names than this are not listed in a message: nobody reads them, and the nearest one is enough.
LISTED_NAMES = 12

#: A name or value quoted from somebody's file is cut here, so that a huge scalar gives a short message.
QUOTED_CHARACTERS = 60


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One mistake in one place. As text: `desk/rules.yaml:12:9: unknown action 'asign'. Did you mean 'assign'?`"""

    file: str
    line: int
    column: int
    message: str
    hint: str = ""

    def __str__(self) -> str:
        ending = f". {self.hint}" if self.hint else ""
        return printable(f"{self.file}:{self.line}:{self.column}: {self.message}{ending}")


class RulesError(Exception):
    """The rules cannot be used as they are; correct what is named and load them again."""

    code: ClassVar[str] = "rules_invalid"


class RuleErrors(RulesError):
    """Some entries are mistaken; each problem names its file, line and column, and what to write instead."""

    code: ClassVar[str] = "rules_mistaken"

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = in_order(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


def in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """The problems by file, line and column, each said once."""
    return tuple(sorted(set(problems)))


def quoted(text: str) -> str:
    """A name as it stands in the file, in quotes, on one line, and never longer than a line."""
    shown = text if len(text) <= QUOTED_CHARACTERS else text[: QUOTED_CHARACTERS - 1] + "…"
    return f"'{printable(shown)}'"


def printable(text: str) -> str:
    """Somebody's text on one line, without anything that a terminal would obey instead of showing it: colours, titles
    and cursors behind an escape, letters that turn the direction, halves of a character."""
    return text if text.isprintable() else "".join(map(_shown, text))


def _shown(character: str) -> str:
    category = unicodedata.category(character)
    if category in ("Zl", "Zp") or (category == "Cc" and character.isspace()):
        return " "
    return "\ufffd" if category in ("Cc", "Cf", "Cs") and character not in _JOINERS else character


#: How many nearest names may still be looked for; None: as many as anybody likes.
_SEARCHES: ContextVar[list[None] | None] = ContextVar("searches", default=None)


@contextmanager
def limited_hints(most: int = 500) -> Iterator[None]:
    """Within this, only so many nearest names are looked for: a file of a hundred thousand mistakes is told of in
    seconds, its later mistakes with the list of names alone."""
    token = _SEARCHES.set([None] * most)
    try:
        yield
    finally:
        _SEARCHES.reset(token)


def did_you_mean(word: str, options: Iterable[str]) -> str:
    """`Did you mean 'assign'?`, or nothing when no option is near."""
    near = nearest(word, options)
    return f"Did you mean '{near}'?" if near else ""


def suggested(hint: str) -> str:
    """The option that a hint asks about; empty where it says something else."""
    found = _ASKED.match(hint)
    return found[1] if found else ""


_ASKED = re.compile(r"Did you mean '(.+?)'\?")


def nearest(word: str, options: Iterable[str]) -> str:
    """The option that looks most like the word; empty when none is near, and when the nearest one means the opposite
    (`unassigned` is near to `assigned`)."""
    left = _SEARCHES.get()
    if left is not None:
        if not left:
            return ""
        left.pop()
    known = sorted(options)
    by_folded = {option.casefold(): option for option in reversed(known)}
    near = difflib.get_close_matches(word[:QUOTED_CHARACTERS].casefold(), by_folded, 1, 0.6)
    option = by_folded[near[0]] if near else ""
    short = word[:QUOTED_CHARACTERS]
    return "" if opposite(short, option) or _shares_only_a_part(short, option) else option


_SHORT = 3


def _shares_only_a_part(word: str, option: str) -> bool:
    """`contact.email` and `contact.name`: near by what they share, and what they do not share is something else; short
    words need to be nearer than long ones."""
    if _once(word) == _once(option):  # `qq`: a key that was held too long
        return False
    words, options = words_of(word), words_of(option)
    if len(words) == len(options) == 1:  # `resolve` and `reopen` have half of their letters in common
        ratio = difflib.SequenceMatcher(None, words[0], options[0]).ratio()
        return ratio < (0.66 if len(options[0]) > _SHORT else 0.75) and sorted(words[0]) != sorted(options[0])
    own, its = ("".join(one for one in some if one not in rest) for some, rest in ((words, options), (options, words)))
    if own.startswith("un") and its.startswith("un"):
        own, its = own[2:], its[2:]
    shared = set(words) & set(options)
    return bool(shared and own and its) and difflib.SequenceMatcher(None, own, its).ratio() < 0.6


def _once(word: str) -> str:
    """Each letter once where it stands several times in a row."""
    return re.sub(r"(.)\1+", r"\1", word)


def name_hint(label: str, word: str, options: Iterable[str]) -> str:
    """The nearest name when there is one, otherwise the names there are: `Operators: is, is_not`."""
    return did_you_mean(word, options) or listing(label, options)


def listing(label: str, options: Iterable[str], most: int = LISTED_NAMES) -> str:
    """`Teams: billing, front-desk`; cut when there are too many to read."""
    known = sorted(options)
    if not known:
        return f"There are no {label.lower()} yet"
    ending = f" and {len(known) - most} more" if len(known) > most else ""
    return f"{label}: {', '.join(known[:most])}{ending}"


# They hold emoji together, and words of Persian and of India.
_JOINERS = "\u200c\u200d"
