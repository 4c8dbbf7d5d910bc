"""What words ask of each other: whether a text that answers one question about its words must answer another.

Only what is certain: False means "not known". All in the folded form (`text.fold`), as everything but `case: exact` is
compared.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from casella_rules.checks.ways import Literal
from casella_rules.engine.reference import holds
from casella_rules.language.facts import Facts
from casella_rules.language.model import Condition
from casella_rules.language.text import collapsed, fold, has_word

#: The operators that name what a text must hold; the others are said with these and "not".
_PLAIN = {"is": "is", "any_of": "is", "is_not": "is", "none_of": "is"}
_WORDED = ("is", "contains", "contains_word", "starts_with", "ends_with")
_NEGATED = ("is_not", "none_of")


def must_hold(operator: str, word: str, other: str, sought: str) -> bool:
    """Whether a text with this word in it as `operator` says has `sought` in it as `other` says: whatever starts with
    `refund` contains `fun`."""
    if operator not in _WORDED:
        return False
    match other:
        case "is":
            return operator == "is" and word.strip() == sought.strip()
        case "starts_with":
            return operator in ("is", "starts_with") and word.strip().startswith(sought)
        case "ends_with":
            return operator in ("is", "ends_with") and word.strip().endswith(sought)
        case "contains":
            if operator == "contains_word":  # between the words of a phrase there may be any white space
                return any(sought in part for part in word.split())
            return sought in (word.strip() if operator == "is" else word)
        case "contains_word":
            return has_word(_among_letters(operator, word), collapsed(sought))
    return False


def _among_letters(operator: str, word: str) -> str:
    """The word as it stands in the least favourable text: with letters joined to where letters may be."""
    match operator:
        case "is" | "contains_word":
            return word.strip()
        case "starts_with":
            return f"{word}x"
        case "ends_with":
            return f"x{word}"
    return f"x{word}x"


def clash(literals: Sequence[Literal]) -> bool:
    """Whether no text at all answers these questions about it as wanted."""
    asked = [relaxed for literal in literals if (relaxed := _whatever_case(literal)) is not None]
    unwanted = [(_operator(one.condition), word) for one in asked if not _says(one) for word in _words(one.condition)]
    wanted = [
        (operator, [word for word in _words(one.condition) if operator == "matches" or _free(operator, word, unwanted)])
        for one in asked
        if _says(one) and (operator := _operator(one.condition))
    ]
    if not all(words for _, words in wanted):
        return True
    for edge, fits in _EDGES:
        if _apart([words for operator, words in wanted if operator == edge], fits):
            return True
    whole = [words for operator, words in wanted if operator == "is"]
    return bool(whole) and not any(_answers(word, asked) for word in whole[0])


def _whatever_case(literal: Literal) -> Literal | None:
    """The question as it is without `case: exact`, where whatever answers the one answers the other; None for one
    that lets accents be."""
    condition = literal.condition
    if condition.unaccented:
        return None
    if not condition.exact:
        return literal
    whole = literal.wanted and condition.operator in ("is", "any_of")
    return replace(literal, condition=replace(condition, exact=False)) if whole else None


def _says(literal: Literal) -> bool:
    """Whether the words are to be there."""
    return literal.wanted is (literal.condition.operator not in _NEGATED)


def _operator(condition: Condition) -> str:
    return _PLAIN.get(condition.operator, condition.operator)


def _words(condition: Condition) -> list[str]:
    shaped = (fold(str(word)) for word in condition.operand)
    return [collapsed(word) if condition.operator == "contains_word" else word for word in shaped]


def _free(operator: str, word: str, unwanted: Sequence[tuple[str, str]]) -> bool:
    return not any(must_hold(operator, word, other, sought) for other, sought in unwanted)


def _apart(lists: Sequence[Sequence[str]], fits: Callable[[str, str], bool]) -> bool:
    """Whether two lists of beginnings (or endings) have no two that one text can begin (or end) with."""
    pairs = ((first, second) for at, first in enumerate(lists) for second in lists[at + 1 :])
    return any(not any(fits(a, b) or fits(b, a) for a in first for b in second) for first, second in pairs)


def _answers(word: str, asked: Sequence[Literal]) -> bool:
    """Whether a text that is this word, with white space around it or not, may answer everything."""
    plain = [one for one in asked if one.condition.operator != "matches"]
    texts = {f"{before}{word.strip()}{after}" for before in _SPACES for after in _SPACES}
    return any(all(holds(one.condition, _said(one, text)) is one.wanted for one in plain) for text in texts)


def _said(literal: Literal, text: str) -> Facts:
    return Facts("", {literal.condition.field: text})


def _begins(text: str, start: str) -> bool:
    return text.startswith(start)


def _ends(text: str, end: str) -> bool:
    return text.endswith(end)


_EDGES: tuple[tuple[str, Callable[[str, str], bool]], ...] = (("starts_with", _begins), ("ends_with", _ends))
_SPACES = ("", " ", "\n", "\t", "\u00a0")
