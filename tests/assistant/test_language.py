"""Which language something is in."""

from __future__ import annotations

import pytest

from tests.assistant.builders import LANGUAGES


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Where is my order?", "en"),
        ("Buongiorno, dove si trova il mio ordine?", "it"),
        ("Wo ist meine Bestellung geblieben?", "de"),
        ("¿Dónde está mi pedido, por favor?", "es"),
        ("Где мой заказ?", "ru"),
        ("注文した商品はどこですか", "ja"),
    ],
)
def test_a_sentence_is_enough(text: str, language: str) -> None:
    guess = LANGUAGES.guess(text)
    assert guess is not None
    assert guess.language == language


@pytest.mark.parametrize("text", ["", "ok", "12345 !!!", "😀😀😀", "A-1"])
def test_too_little_says_nothing(text: str) -> None:
    assert LANGUAGES.guess(text) is None
