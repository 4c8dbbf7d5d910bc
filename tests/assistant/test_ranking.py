"""What fits comes first."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from casella_assistant.ranking import Index, best, words

TEXTS = [
    "Hello! Thanks for writing to us.",
    "We have your request for a refund and look into it today.",
    "Your refund is on its way.",
    "Abbiamo ricevuto la richiesta di rimborso e la esaminiamo oggi.",
    "We are open Monday to Friday.",
    "",
]


def found(query: str, most: int = 3) -> list[int]:
    return [number for number, _ in Index(TEXTS).search(query, most)]


def test_the_text_that_shares_most_rare_words_is_first() -> None:
    assert found("I want a refund, when do you look into my request?")[0] == 1
    assert found("are you open on friday")[0] == 4


def test_word_endings_and_accents_do_not_matter() -> None:
    assert found("Vorrei essere rimborsato")[0] == 3
    assert words("perché Città") == ["citta"]


def test_nothing_in_common_is_nothing_found() -> None:
    assert found("zebra") == []
    assert found("the of and") == []
    assert best("zebra", TEXTS) is None


def test_markup_of_templates_is_not_searched() -> None:
    assert Index(["Hi {{ contact.name }}"]).search("contact name", 3) == []


@given(texts=st.lists(st.text(max_size=40), max_size=8), query=st.text(max_size=40))
def test_what_is_found_shares_a_word_and_comes_in_order_of_its_score(texts: list[str], query: str) -> None:
    results = Index(texts).search(query, 5)
    assert [score for _, score in results] == sorted((score for _, score in results), reverse=True)
    for number, score in results:
        assert score > 0
        assert set(words(texts[number])) & set(words(query))
