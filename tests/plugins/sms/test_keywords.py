"""The built-in words."""

from __future__ import annotations

import pytest

from casella_sms.keywords import HELP_WORDS, START_WORDS, STOP_WORDS, TWILIO_WORDS, keyword_list

WORDS = keyword_list((), (), ())


@pytest.mark.parametrize("word", [*TWILIO_WORDS, *STOP_WORDS, *START_WORDS, *HELP_WORDS])
def test_every_word_is_on_the_list_it_stands_in(word: str) -> None:
    expected = "stop" if word in STOP_WORDS else "start" if word in START_WORDS else "help"
    assert WORDS.match(word) == expected
    assert WORDS.match(f" {word.upper()}! ") == expected


def test_no_word_is_on_two_lists() -> None:
    assert len({*STOP_WORDS, *START_WORDS, *HELP_WORDS}) == len(STOP_WORDS) + len(START_WORDS) + len(HELP_WORDS)


@pytest.mark.parametrize("word", ["revoke", "optout", "arrêt", "aide", "annulla iscrizione", "aiuto"])
def test_what_the_law_and_the_languages_ask_for(word: str) -> None:
    assert WORDS.match(word) is not None


@pytest.mark.parametrize("word", ["sì", "basta", "annulla", "no", "ok", "si"])
def test_ordinary_answers_are_no_keywords(word: str) -> None:
    assert WORDS.match(word) is None
