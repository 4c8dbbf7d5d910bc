"""English and Italian, by what the reader likes better."""

from __future__ import annotations

import ast
import inspect
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casella import errors, texts
from casella.desk import not_done
from casella.errors import CasellaError
from casella.texts import locale_of, sentence, title
from casella_rules import Reason


@pytest.mark.parametrize(
    ("header", "locale"),
    [
        ("", "en"),
        ("it", "it"),
        ("it-IT,it;q=0.9,en;q=0.8", "it"),
        ("en,it;q=0.9", "en"),
        ("it;q=0.5,en;q=0.9", "en"),
        ("de,fr;q=0.9", "en"),
        ("de,it;q=0.1", "it"),
        ("it;q=0", "en"),
        ("IT-ch", "it"),
        ("it;q=nonsense", "en"),
    ],
)
def test_the_better_liked_language(header: str, locale: str) -> None:
    assert locale_of(header) == locale


@given(st.text())
def test_any_header_gives_a_language(header: str) -> None:
    assert locale_of(header) in ("en", "it")


def test_what_is_not_translated_is_shown_in_english() -> None:
    assert sentence("Nobody has translated this.", "it") == "Nobody has translated this."
    assert title("unheard_of", "it") is None


def test_every_error_an_agent_may_read_is_translated_with_a_title() -> None:
    classes = [item for _, item in inspect.getmembers(errors, inspect.isclass) if issubclass(item, CasellaError)]
    shown = [item for item in classes if item.status != 500]
    assert len(shown) > 8
    for item in shown:
        assert item().text in texts.ITALIAN, item
        assert item.code in texts.TITLES, item


def test_no_translation_is_empty_or_english() -> None:
    for english, italian in texts.ITALIAN.items():
        assert italian.strip()
        assert italian != english
    assert all(english and italian for english, italian in texts.TITLES.values())


def test_why_somebody_was_passed_over_and_something_was_not_done_is_told_in_italian() -> None:
    told = [one.sentence for one in Reason] + list(not_done._SENTENCES.values())
    assert len(told) > 60
    assert not [one for one in told if one not in texts.ITALIAN]


RAISED = {"_no", "BadCampaign", "Invalid", "Conflict", "NotAllowed", "NotFound", "FeatureOff", "SendRefused"}


@cache
def calls() -> list[ast.Call]:
    """Where the product raises one of these."""
    return [
        node
        for path in sorted(Path(texts.__file__).parent.parent.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in RAISED
    ]


def test_every_sentence_that_is_written_where_it_is_raised_is_translated() -> None:
    """Those with a value in them are put together where they are raised, and stay in English."""
    given = [arg for call in calls() for arg in [*call.args, *(word.value for word in call.keywords)]]
    said = {arg.value for arg in given if isinstance(arg, ast.Constant) and " " in str(arg.value)}
    assert len(said) > 30
    assert said <= set(texts.ITALIAN), said - set(texts.ITALIAN)


def test_every_code_of_its_own_has_a_title_in_both_languages() -> None:
    codes = {
        word.value.value
        for call in calls()
        for word in call.keywords
        if word.arg == "code" and isinstance(word.value, ast.Constant)
    }
    assert len(codes) > 10
    assert codes <= set(texts.TITLES), codes - set(texts.TITLES)
