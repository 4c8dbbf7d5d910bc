"""Opt-out words: the whole message, however it is dressed."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casella.plugin import KeywordList
from casella.plugin.keywords import normalise_keyword

WORDS = KeywordList.of(stop=["STOP", "stop all", "ARRÊT", "end"], start=["start", "both"], help=["help", "both", "end"])


@pytest.mark.parametrize(
    "text",
    [
        *("stop", "STOP", "Stop!", " stop. ", "\u00a0stop\u00a0", "\tstop\n", "s\u200btop", "\ufeffstop", "“stop”"),
        *(
            "🛑stop🛑",
            "ｓｔｏｐ",
            "STOP  ALL",
            "Stop\nall",
            "arret",
            "ARRÊT",
            "arre\u0302t",
            "s.t.o.p",
            "stop" + "!" * 60,
        ),
    ],
)
def test_the_word_is_recognised(text: str) -> None:
    assert WORDS.match(text) == "stop"


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "!",
        "🛑",
        "stop by at 5",
        "stopped",
        "sto",
        "s top",
        "non stop",
        "please stop",
        "stop" + "!" * 61,
        "stop1",
    ],
)
def test_a_sentence_is_not(text: str) -> None:
    assert WORDS.match(text) is None


def test_stop_beats_start_beats_help() -> None:
    assert (WORDS.match("end"), WORDS.match("both"), WORDS.match("help")) == ("stop", "start", "help")


def test_an_empty_list_matches_nothing() -> None:
    assert KeywordList.of(stop=[], start=[], help=[]).match("stop") is None
    assert KeywordList.of(stop=["!"], start=[], help=[]).match("stop") is None


@given(st.text(max_size=80))
def test_normalising_twice_changes_nothing(text: str) -> None:
    assert normalise_keyword(normalise_keyword(text)) == normalise_keyword(text)


@given(st.text(st.characters(max_codepoint=127), max_size=80))
def test_the_fast_way_of_ascii_is_the_same(text: str) -> None:
    """Beside a character that is not ASCII, and of which nothing remains, the other way is taken."""
    assert normalise_keyword(text) == normalise_keyword(text + "\u200b")


@given(
    st.sampled_from(["stop", "arret", "stop all"]),
    st.text(st.sampled_from(string.punctuation + " \u00a0👍"), max_size=20),
)
def test_dressing_does_not_hide_a_word(word: str, dressing: str) -> None:
    assert WORDS.match(f"{dressing}{word.upper()}{dressing}") == "stop"
