"""Patterns that no text has are found, and none that some text has is called so."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from casella_rules.engine.patterns import PatternError, compile_pattern
from casella_rules.parsing.pattern_reach import can_be_found
from tests.budget import tries

PIECES = st.lists(
    st.sampled_from(
        [
            "a",
            "b",
            "^",
            "$",
            "(",
            ")",
            "|",
            "*",
            "+",
            "?",
            "{2}",
            "{0,1}",
            "[ab]",
            r"\b",
            r"\$",
            ".",
            r"\A",
            r"\z",
            "(?:",
            "(?i)",
            r"\d",
            r"\Qa$\E",
            "{",
        ]
    ),
    max_size=7,
).map("".join)
TEXTS = st.text("ab$ \n1", min_size=1, max_size=6)


@given(PIECES, st.lists(TEXTS, min_size=10, max_size=30))
@settings(max_examples=tries(600), deadline=None)
def test_what_is_called_impossible_is_in_no_text(pattern: str, texts: list[str]) -> None:
    try:
        compiled = compile_pattern(pattern)
    except PatternError:
        return
    if not can_be_found(pattern):
        assert not any(compiled.search(text) for text in texts)


@pytest.mark.parametrize(
    "pattern",
    ["costs $100", "refund^", "^$", "$a|b^", "(a$)b", "(^a){2}", "a+^b*c", r"x\Ay", "^a$b", "(?i)pay $5", "a(?:$|^)b"],
)
def test_something_before_the_beginning_or_behind_the_end_is_found(pattern: str) -> None:
    assert not can_be_found(pattern)


@pytest.mark.parametrize(
    "pattern",
    [r"costs \$100", "^refund$", "a|b^", "(?m)a$\nb", "[$]5", "$?a", "(^a)?", "^^a$$", r"\Q$5\E", "a{,2}$", "x*^y",
     "$|a", r"\p{Greek}^?", "[[:alpha:]]$", "(?P<n>a)$",
     r"\za(?i)*", r"\za\Q\E?"],
)  # fmt: skip
def test_what_some_text_has_is_left_alone(pattern: str) -> None:
    assert can_be_found(pattern)
