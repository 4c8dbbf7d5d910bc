"""What is said about somebody's file is one line, whatever stands in the file."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casella_rules.yaml.problems import Problem, printable, quoted


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain è 漢 ok", "plain è 漢 ok"),
        ("two\nlines\r\n\ttab\x85\u2028end", "two lines   tab  end"),
        ("\x1b[31mred\x1b]0;title\x07", "\ufffd[31mred\ufffd]0;title\ufffd"),
        ("\x00\x7f\x9b2J", "\ufffd\ufffd\ufffd2J"),
        ("abc\u202edcba\u2066\u200f\ufeff", "abc\ufffddcba\ufffd\ufffd\ufffd"),
        ("half \ud83d", "half \ufffd"),
        ("\U0001f469\u200d\U0001f680 \u0646\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645 \u2764\ufe0f",
         "\U0001f469\u200d\U0001f680 \u0646\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645 \u2764\ufe0f"),
        ("no\u00a0break", "no\u00a0break"),
    ],
)  # fmt: skip
def test_nothing_is_left_that_a_terminal_obeys(text: str, shown: str) -> None:
    assert printable(text) == shown


@given(st.text())
def test_what_is_printable_is_left_and_nothing_grows(text: str) -> None:
    shown = printable(text)
    assert len(shown) == len(text)
    assert printable(shown) == shown
    assert {unicodedata.category(one) for one in shown}.isdisjoint({"Cc", "Cs", "Zl", "Zp"})


def test_a_problem_and_a_quotation_are_printable() -> None:
    assert quoted("\x1b[2Ja\u202eb") == "'\ufffd[2Ja\ufffdb'"
    problem = Problem("desk/\x1b[31m.yaml", 1, 2, "is wrong\n", "Try \x9b")
    assert str(problem) == "desk/\ufffd[31m.yaml:1:2: is wrong . Try \ufffd"
