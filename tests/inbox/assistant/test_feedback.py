"""How far an agent went from what was proposed."""

from __future__ import annotations

from typing import ClassVar, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casella.inbox.assistant.feedback import MOST_COMPARED, distance

WORDS = st.text(st.sampled_from("ab c"), max_size=9)


def plain(first: str, second: str) -> int:
    """By the definition."""
    if not first or not second:
        return len(first) + len(second)
    return min(
        plain(first[1:], second) + 1,
        plain(first, second[1:]) + 1,
        plain(first[1:], second[1:]) + (first[0] != second[0]),
    )


@given(first=WORDS.filter(lambda text: len(text) < 7), second=WORDS.filter(lambda text: len(text) < 7))
def test_it_is_levenshteins_distance(first: str, second: str) -> None:
    assert distance(first, second) == plain(first, second)


class Letter:
    """Counts how often any letter is compared."""

    compared: ClassVar[int] = 0

    def __init__(self, letter: str) -> None:
        self.letter = letter

    def __eq__(self, other: object) -> bool:
        Letter.compared += 1
        return isinstance(other, Letter) and self.letter == other.letter

    def __hash__(self) -> int:
        return hash(self.letter)


@pytest.mark.parametrize("size", [MOST_COMPARED - 1, MOST_COMPARED + 1, 8 * MOST_COMPARED, 64 * MOST_COMPARED])
@pytest.mark.parametrize("texts", [("a", "b"), ("ab", "ba"), ("abc", "acb")], ids="-".join)
def test_comparing_is_linear_beyond_a_bound(size: int, texts: tuple[str, str]) -> None:
    Letter.compared = 0
    distance(*(cast(str, [Letter(letter) for letter in text * size][:size]) for text in texts))
    assert Letter.compared <= MOST_COMPARED**2 + 4 * size


def test_long_texts_cost_no_long_time() -> None:
    assert distance("a" * 60_000, "b" * 60_000) == 60_000
    assert distance("a" * 60_000 + "x" + "b" * 60_000, "a" * 60_000 + "b" * 60_000) == 1
