"""Part counting, against the vectors of the SMS specification's known traps."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casella_simulator.network.segments import segments


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", 1),
        ("a" * 160, 1),
        ("a" * 161, 2),
        ("a" * 306, 2),
        ("a" * 307, 3),
        ("€" * 80, 1),
        ("€" * 81, 2),
        ("a" * 152 + "€" + "a" * 152, 3),
        ("a" * 153 + "€" + "a" * 151, 2),
        ("ç" * 70, 1),
        ("ç" * 71, 2),
        ("Ç" * 160, 1),
        ("😀" * 35, 1),
        ("😀" * 36, 2),
        ("a" * 69 + "😀", 2),
        ("x" * 66 + "😀" + "x" * 66, 3),
        ("😀" * 67, 3),
    ],
)
def test_vectors(text: str, parts: int) -> None:
    assert segments(text) == parts


@given(st.text(max_size=400), st.characters())
def test_a_longer_text_never_has_fewer_parts(text: str, char: str) -> None:
    assert segments(text + char) >= segments(text) >= 1
