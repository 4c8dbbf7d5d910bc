"""Pattern sets answer the truth also when their memory is too small."""

import re

import pytest

from casella_rules.patterns import MAX_PATTERN, PatternError, PatternSet, compile_pattern, literal

WORDS = [f"word{number}x" for number in range(3_000)]


def test_every_pattern_that_occurs_is_found() -> None:
    patterns = PatternSet([literal("a.b"), r"\d{3}", "(?i:hello)", "never"])
    assert sorted(patterns.matches("HELLO a.b 123")) == [0, 1, 2]
    assert patterns.matches("nothing") == []
    assert patterns.matches("") == []


def test_a_set_that_does_not_fit_is_split() -> None:
    patterns = PatternSet(WORDS, memory=200_000)
    assert patterns.parts > 1
    assert sorted(patterns.matches("word7x and word2999x")) == [7, 2999]


def test_a_set_too_large_to_match_is_asked_pattern_by_pattern() -> None:
    # Compiles, but its automaton has no room for more than a few states.
    counted = [f"[a-q][^u-z]{{{length}}}x{length}" for length in range(60, 90)]
    patterns = PatternSet(counted, memory=60_000)
    text = "".join("abcdefgh"[i * i % 8] for i in range(400)) + "x61"
    expected = [i for i, pattern in enumerate(counted) if compile_pattern(pattern).search(text)]
    assert expected
    assert sorted(patterns.matches(text)) == expected


def test_a_single_pattern_larger_than_the_memory_still_answers() -> None:
    assert PatternSet(["a{500}b{500}c?"], memory=1_000).matches("a" * 500 + "b" * 500) == [0]


def test_no_patterns_match_nothing() -> None:
    assert PatternSet([]).matches("text") == []


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("(", "missing )"),
        ("[a", "missing ]"),
        (r"(a)\1", "invalid escape sequence"),
        ("(?=x)", "invalid perl operator"),
        ("a{1001}", "repetition"),
        ("x" * (MAX_PATTERN + 1), "longer than"),
        ("((a{100}){100}){100}", "repetition"),
    ],
)
def test_what_is_no_pattern_says_why(pattern: str, reason: str) -> None:
    with pytest.raises(PatternError, match=re.escape(reason)):
        compile_pattern(pattern)


def test_half_a_character_does_no_harm() -> None:
    assert PatternSet(["a", "b"]).matches("\ud800 a") == [0]
