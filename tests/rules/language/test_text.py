"""Texts are compared whatever the case and the Unicode form; words end where letters end."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casella_rules.language.text import collapsed, compatible, exact, fold, folds_simply, has_word


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Refund", "REFUND"),
        ("straße", "STRASSE"),
        ("é", "e\u0301"),
        ("ﬁne", "Fine"),
        ("ＲＥＦ", "ref"),
        ("don’t", "don't"),
    ],
)
def test_these_are_equal(one: str, other: str) -> None:
    assert fold(one) == fold(other)


def test_exact_keeps_the_case_but_not_the_spelling_of_accents() -> None:
    assert exact("É") == exact("E\u0301")
    assert exact("É") != exact("é")
    assert exact("ﬁ") != exact("fi")


@pytest.mark.parametrize(
    ("text", "word", "expected"),
    [
        ("i want a refund", "refund", True),
        ("refund!", "refund", True),
        ("(refund)", "refund", True),
        ("refunds", "refund", False),
        ("prerefund", "refund", False),
        ("no refunds, one refund", "refund", True),
        ("refund2", "refund", False),
        ("l'ordine è", "ordine", True),
        ("_refund_", "refund", True),
        ("money-back", "money", True),
        ("money \n\t back now", "money back", True),
        ("money\u2003back", "money back", True),
        ("moneyback", "money back", False),
        ("my money backs it", "money back", False),
        ("caffè", "caff", False),
        ("cafe\u0301", "cafe", False),
        ("我要退款谢谢", "退款", True),
        ("发sms给我", "sms", True),
        ("❤️refund❤️", "refund", True),
        ("i love c++!", "c++", True),
        ("c++11", "c++", True),
        ("misc++", "c++", False),
        ("50€ please", "€", True),
        ("ok 👍🏽", "👍", True),
        ("", "refund", False),
        ("заказ123 заказ", "заказ", True),
        ("возврат-денег", "денег", True),
    ],
)
def test_words_end_where_letters_end(text: str, word: str, expected: bool) -> None:
    assert has_word(text, word) is expected


@given(st.text())
def test_folding_twice_is_folding_once_for_what_can_be_typed(text: str) -> None:
    assert fold(text).isascii() is False or fold(fold(text)) == fold(text)


@given(st.text(min_size=1), st.text(), st.text())
def test_a_text_contains_each_of_its_words(word: str, before: str, after: str) -> None:
    phrase = collapsed(word)
    if phrase:
        assert has_word(f"{before} {phrase} {after}", phrase)


@given(st.text())
def test_a_simple_folding_keeps_every_character_in_its_place(text: str) -> None:
    if folds_simply(text):
        assert len(fold(text)) == len(compatible(text))
    assert folds_simply("Grüezi")
    assert not folds_simply("Straße")
