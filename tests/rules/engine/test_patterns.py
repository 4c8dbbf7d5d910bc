"""Pattern sets answer the truth also when their memory is too small."""

import re
from contextlib import suppress

import pytest
from bench.rig.rules.rule_mix import specs
from hypothesis import given, settings
from hypothesis import strategies as st

from casella_rules.engine.patterns import PatternError, PatternSet, compile_pattern, ignoring_case, literal
from casella_rules.parsing.pattern_checks import (
    MAX_PATTERN,
    PatternTooLarge,
    TooManyPatterns,
    check_pattern,
    limited_patterns,
)  # fmt: skip
from tests.budget import tries
from tests.rules.reading import matches

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
    with pytest.raises(PatternError, match=re.escape(reason)) as caught:
        check_pattern(pattern)
    assert "(?i)" not in str(caught.value)
    with limited_patterns(), pytest.raises(PatternError, match=re.escape(reason)):
        check_pattern(pattern)


@pytest.mark.parametrize("pattern", [r"\Qabc", "a" * 996, "a" * MAX_PATTERN, "a|b", "(?-i)a", r"\Qa\E+"])
def test_what_passes_the_check_runs_in_either_case(pattern: str) -> None:
    check_pattern(pattern)
    for form in (pattern, ignoring_case(pattern)):
        compile_pattern(form)
    assert compile_pattern(ignoring_case("a|b")).search("B")


PARTS = [
    "a",
    "É",
    "ß",
    "\\",
    "Q",
    "E",
    "(",
    ")",
    "?",
    "i",
    ":",
    "-",
    "*",
    "+",
    "|",
    "[",
    "]",
    "^",
    "{2}",
    "pL",
    "(?i)",
    ".",
]


@given(st.lists(st.sampled_from(PARTS), min_size=1, max_size=10).map("".join))
@settings(max_examples=tries(500))
def test_whatever_passes_the_check_runs_in_either_case(pattern: str) -> None:
    with suppress(PatternError):
        check_pattern(pattern)
        for form in (pattern, ignoring_case(pattern), ignoring_case(pattern.replace("’", "'"))):
            try:
                compile_pattern(form)
            except PatternError as error:
                raise AssertionError(form) from error


@pytest.mark.parametrize("pattern", [r"(\pL|\pN|x){1,300}y", r"\pL{1,20}"])
def test_a_pattern_that_becomes_huge_is_refused(pattern: str) -> None:
    check_pattern(pattern)  # in a desk that is in use it goes on
    with limited_patterns(), pytest.raises(PatternTooLarge):
        check_pattern(pattern)


@pytest.mark.parametrize(
    ("pattern", "fewest", "most"),
    [
        ("[a-q][^u-z]{899}x%d", 2, 10),
        (".*[a-q].{10}x%d", 100, 1_500),
        (r"x\pL{8}%d", 20, 100),
        (r"invoice \pL+ %d", 300, 500),
        ("refund .{0,40}%d", 50, 200),
    ],
)
def test_all_patterns_of_a_desk_have_a_budget(pattern: str, fewest: int, most: int) -> None:
    with limited_patterns():
        passed = sum(1 for number in range(20_000) if passes(pattern.replace("%d", str(number))))
    assert fewest <= passed <= most


def passes(pattern: str) -> bool:
    try:
        check_pattern(pattern)
        check_pattern(pattern)  # one that is there already costs nothing
    except TooManyPatterns:
        return False
    return True


def test_thousands_of_ordinary_patterns_are_within_the_budget() -> None:
    with limited_patterns():
        for spec in specs(10_000):
            if spec.pattern:
                check_pattern(spec.pattern)


def test_half_a_character_does_no_harm() -> None:
    assert PatternSet(["a", "b"]).matches("\ud800 a") == [0]


@pytest.mark.parametrize(
    ("pattern", "text"),
    [("wait…", "Wait..."), ("cafe\u0301", "CAFÉ"), ("½ price", "1⁄2 price"), ("don’t", "don't"), ("[ｆ]un", "fun")],
)
def test_a_pattern_is_looked_for_in_the_form_that_texts_have(pattern: str, text: str) -> None:
    assert matches(f"{{text: {{matches: '{pattern}'}}}}", text=text)
    assert not matches(f"{{text: {{matches: '{pattern}'}}}}", text="waitxyz")
