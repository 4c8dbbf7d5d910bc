"""Whether a word says no. `not_contains`, `isn't` and `unassigned` are near to `contains`, `is` and `assigned` by their
letters, and mean the opposite: a repair that takes the nearest word must never turn a rule round."""

from __future__ import annotations

import re
from itertools import pairwise

_APOSTROPHES = str.maketrans("", "", "'’‘`´")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_NO = frozenset({
    "not", "no", "non", "none", "nor", "never", "without", "except", "exclude", "excludes", "excluding", "excluded",
    "lacks", "lack", "lacking", "isnt", "arent", "wasnt", "hasnt", "havent", "doesnt", "dont", "didnt", "cant",
    "cannot", "wont", "ne", "neq", "neither", "unlike", "nin", "aint",
})  # fmt: skip
#: Words in front that carry no meaning of their own when a negation stands beside them.
_AUXILIARY = frozenset({"does", "do", "did", "is", "are", "was", "be", "has", "have"})
_WITHIN = {"unlike": "like", "excludes": "includes", "exclude": "includes", "excluding": "includes",
           "excluded": "includes", "lacks": "has", "lack": "has", "lacking": "has", "isnt": "is", "arent": "is",
           "wasnt": "is", "hasnt": "has", "havent": "has", "without": "has", "ne": "is", "neq": "is",
           "nin": "in", "aint": "is"}  # fmt: skip
#: A negation written together with what it denies: `notcontains`, `containsnot`, `isnotset`, `notin`.
_STEM = (
    "contain(?:s|ing)?|include(?:s|d)?|match(?:es)?|start(?:s|s?with)?|end(?:s|s?with)?|begin(?:s|s?with)?|set|in|any|all|"
    "equals?|equalto|is|has|have|empty|blank|null|present|exists?|like|between|new|known|open|closed|older|newer|of"
)
_GLUED = re.compile(rf"(?P<aux>is|does|do|has|was)?(?:not|nt)(?P<after>{_STEM})|(?P<before>{_STEM})not")
_ANTONYMS = frozenset(
    frozenset(pair)
    for pair in (
        ("in", "out"), ("open", "closed"), ("opened", "closed"), ("open", "close"), ("starts", "ends"),
        ("before", "after"), ("older", "newer"), ("more", "less"), ("gt", "lt"), ("gte", "lte"), ("greater", "less"),
        ("sent", "received"), ("add", "remove"), ("any", "all"), ("any", "none"), ("all", "none"), ("on", "off"),
        ("from", "to"), ("enabled", "disabled"), ("above", "below"), ("over", "under"), ("high", "low"),
        ("move", "remove"), ("move", "removed"),
    )
)  # fmt: skip


def words_of(text: str) -> list[str]:
    """The words that a name is made of, in small letters: `doesn't contain`, `doesntContain` and `doesnt_contain` are
    the same two."""
    signs = re.sub(r"^\s*[!~¬]\s*", "not_", text.translate(_APOSTROPHES))
    words = [word for word in re.split(r"[\W_]+", _CAMEL.sub("_", signs).lower()) if word]
    return [part for word in words for part in _taken_apart(word)]


def _taken_apart(word: str) -> list[str]:
    found = _GLUED.fullmatch(word) if word not in _NO else None
    return [part for part in (found["aux"], "not", found["after"] or found["before"]) if part] if found else [word]


def positive_of(text: str) -> str | None:
    """What is denied: `contains` for `not_contains` and `doesn't contain`, `is` for `isnt`. None where nothing is."""
    words = words_of(text)
    denied = [word for word in words if word in _NO]
    if len(denied) % 2 == 0:
        return None
    rest = [_WITHIN.get(word, "") for word in words] if len(words) == 1 else [word for word in words if word not in _NO]
    meant = [word for word in rest if word and word not in _AUXILIARY] or [word for word in rest if word]
    within = next((_WITHIN[word] for word in denied if word in _WITHIN), "")
    return "_".join(meant) or within


def opposite(word: str, option: str) -> bool:
    """Whether one of the two denies what the other says, or they name the two ends of one thing."""
    words, options = set(words_of(word)), set(words_of(option))
    if _says_no(words, options) != _says_no(options, words):
        return True
    return any(
        frozenset({one, other}) in _ANTONYMS for one in words - options for other in options - words
    ) and not _ambiguous(words, options)


def _ambiguous(words: set[str], options: set[str]) -> bool:
    """`any_all` next to `has_any`: both ends stand in one of them."""
    return any(frozenset(pair) in _ANTONYMS for some in (words, options) for pair in pairwise(sorted(some)))


def _says_no(words: set[str], others: set[str]) -> bool:
    denied = sum(1 for word in words if word in _NO)
    denied += sum(1 for word in words if word not in others and _reversed(word, others - words))
    return denied % 2 == 1


def _reversed(word: str, others: set[str]) -> bool:
    """`unassigned` beside `assigned`, also with a slip in it."""
    for prefix in ("un", "dis", "de", "non"):
        rest = word.removeprefix(prefix)
        if rest != word and len(rest) >= _SHORTEST:
            return not any(other.startswith(prefix) for other in others)
    return False


_SHORTEST = 3
