"""How far an agent went from what was proposed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from casella.inbox.assistant.feedback import distance

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


def test_long_texts_cost_no_long_time() -> None:
    assert distance("a" * 60_000, "b" * 60_000) == 60_000
    assert distance("a" * 60_000 + "x" + "b" * 60_000, "a" * 60_000 + "b" * 60_000) == 1
