"""GSM-7 and UCS-2: the vectors of the design, and the laws they are instances of."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casella_sms.segments import GSM, GSM_BASIC, GSM_EXTENSION, Segments, segments_of, utf16_length

FAMILY = "👨‍👩‍👧‍👦"


@pytest.mark.parametrize(
    ("text", "encoding", "units", "parts"),
    [
        ("", "gsm7", 0, 1),
        ("a" * 160, "gsm7", 160, 1),
        ("a" * 161, "gsm7", 161, 2),
        ("a" * 306, "gsm7", 306, 2),
        ("a" * 307, "gsm7", 307, 3),
        ("€" * 80, "gsm7", 160, 1),
        ("€" * 81, "gsm7", 162, 2),
        ("a" * 152 + "€" + "a" * 152, "gsm7", 306, 3),
        ("a" * 153 + "€" + "a" * 151, "gsm7", 306, 2),
        ("ç", "ucs2", 1, 1),
        ("Ç", "gsm7", 1, 1),
        ("😀" * 35, "ucs2", 70, 1),
        ("😀" * 36, "ucs2", 72, 2),
        ("a" * 69 + "😀", "ucs2", 71, 2),
        ("x" * 66 + "😀" + "x" * 66, "ucs2", 134, 3),
        ("😀" * 67, "ucs2", 134, 3),
        (FAMILY, "ucs2", 11, 1),
        ("^{}\\[~]|€\f", "gsm7", 20, 1),
    ],
)
def test_the_vectors(text: str, encoding: str, units: int, parts: int) -> None:
    assert segments_of(text) == Segments(encoding, units, parts)  # type: ignore[arg-type]  # a literal in the table


@pytest.mark.parametrize("character", list("çêáíóúâ`\t“”‘’–—…\u00a0\u200b😀"))
def test_one_such_character_turns_the_whole_text_into_ucs2(character: str) -> None:
    assert segments_of("a" * 100 + character).encoding == "ucs2"


def test_the_alphabet_is_complete() -> None:
    """128 codes, less the escape itself."""
    assert len(GSM_BASIC) == 127
    assert len(GSM_EXTENSION) == 10
    assert not GSM_BASIC & GSM_EXTENSION


@given(st.text(st.sampled_from(sorted(GSM)), max_size=500))
def test_a_gsm_text_takes_as_many_parts_as_its_septets_need_or_one_per_part_more(text: str) -> None:
    found = segments_of(text)
    assert found.encoding == "gsm7"
    assert found.units == len(text) + sum(character in GSM_EXTENSION for character in text)
    if found.units > 160:
        assert -(-found.units // 153) <= found.parts <= -(-found.units // 152)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=300))
def test_units_of_ucs2_are_those_of_utf16(text: str) -> None:
    found = segments_of(text + "ç")
    assert found.units == utf16_length(text + "ç") == len((text + "ç").encode("utf-16-le")) // 2
    if found.units > 70:
        assert -(-found.units // 67) <= found.parts <= -(-found.units // 66)


@given(st.text(max_size=300), st.text(max_size=5))
def test_a_longer_text_never_takes_fewer_parts(text: str, more: str) -> None:
    assert segments_of(text + more).parts >= segments_of(text).parts
