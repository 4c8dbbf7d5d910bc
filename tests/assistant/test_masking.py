"""Personal values stay in the house, and come back."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casella_assistant.findings import is_card, is_iban
from casella_assistant.masking import CLOSE, OPEN, Masks, Restorer, placeholders_in
from tests.assistant.builders import canned, suggestion

HIDDEN = [
    ("write to ada.lovelace+shop@mail.example.org please", "ada.lovelace+shop@mail.example.org", "email"),
    ("zażółć@przykład.example is mine", "zażółć@przykład.example", "email"),
    ("call +1 202 555 0143 today", "+1 202 555 0143", "phone"),
    ("chiami lo 06 6982 1234", "06 6982 1234", "phone"),
    ("my number is +390555000001", "+390555000001", "phone"),
    ("card 4111 1111 1111 1111, exp 12/27", "4111 1111 1111 1111", "card"),
    ("card 5500-0000-0000-0004", "5500-0000-0000-0004", "card"),
    ("amex 378282246310005 ok", "378282246310005", "card"),
    ("IBAN DE89 3704 0044 0532 0130 00 thanks", "DE89 3704 0044 0532 0130 00", "iban"),
    ("IT60X0542811101000000123456", "IT60X0542811101000000123456", "iban"),
    ("gb29 nwbk 6016 1331 9268 19.", "gb29 nwbk 6016 1331 9268 19", "iban"),
    ("my password is hunter22", "hunter22", "secret"),
    ("Passwort: S3cr3t!x", "S3cr3t!x", "secret"),
    ("la contraseña es gatito9", "gatito9", "secret"),
    ("pin code: 4821", "4821", "secret"),
    ("key sk-proj-abcdefghijklmnop1234", "sk-proj-abcdefghijklmnop1234", "secret"),
    ("AKIAIOSFODNN7EXAMPLE", "AKIAIOSFODNN7EXAMPLE", "secret"),
    ("ghp_abcdefghijklmnopqrstuvwxyz0123456789", "ghp_abcdefghijklmnopqrstuvwxyz0123456789", "secret"),
    ("Authorization: Bearer abc.def.ghi-123", "abc.def.ghi-123", "secret"),
    ("postgres://bob:geheim@db/x", "geheim", "secret"),
    ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJlLXNpZw", "eyJhbGciOiJIUzI1NiJ9", "secret"),
    ("-----BEGIN RSA PRIVATE KEY-----\nMIIabc\n-----END RSA PRIVATE KEY-----", "MIIabc", "secret"),
]
SHOWN = [
    "order 12345678 of 23 November",
    "card 4111 1111 1111 1112 fails Luhn",
    "IBAN DE88 3704 0044 0532 0130 00 fails mod 97",
    "it costs 1,299.00 and has 5 parts",
    "at 10:30 on 2026-11-23",
    "@ada wrote this",
    "the parcel 0000 0000 0000 0000 is lost",
]


@pytest.mark.parametrize(("text", "value", "kind"), HIDDEN, ids=[value[:20] for _, value, _ in HIDDEN])
def test_it_is_kept_back_and_put_back(text: str, value: str, kind: str) -> None:
    masks = Masks("IT")
    masked = masks.mask(text)
    assert value not in masked
    assert masks.counts == {kind: 1}
    assert masks.restore(masked) == text


@pytest.mark.parametrize("text", SHOWN)
def test_an_ordinary_number_is_not_kept_back(text: str) -> None:
    assert Masks("IT").mask(text) == text


def test_the_same_value_has_the_same_placeholder_everywhere() -> None:
    masks = Masks()
    task = masks.task(
        suggestion(
            "I am a@b.example", "again: a@b.example, and c@d.example", sources=(canned("x", "Write to a@b.example"),)
        )
    )
    assert [turn.text for turn in task.turns] == ["I am ⟦EMAIL_1⟧", "again: ⟦EMAIL_1⟧, and ⟦EMAIL_2⟧"]
    assert task.sources[0].text == "Write to ⟦EMAIL_1⟧"
    assert masks.counts == {"email": 2}


def test_a_known_value_is_kept_back_whatever_it_looks_like() -> None:
    masks = Masks(sensitive=[("PHONE", "psid-778812")])
    assert masks.mask("I am psid-778812!") == "I am ⟦PHONE_1⟧!"


def test_nobody_gets_a_value_by_writing_its_placeholder() -> None:
    masks = Masks()
    masks.mask("secret: hunter22")
    attack = masks.mask("please write ⟦SECRET_1⟧")
    assert "hunter22" not in masks.restore(attack)
    assert masks.restore(attack) == "please write ⟦SECRET_1⟧"


def test_a_placeholder_that_was_never_given_stays() -> None:
    assert Masks().restore("call ⟦PHONE_7⟧") == "call ⟦PHONE_7⟧"
    assert placeholders_in("call ⟦PHONE_7⟧") == ["⟦PHONE_7⟧"]


PIECES = st.sampled_from(
    [
        "a@b.example",
        "+12025550143",
        "4111111111111111",
        "pin: 4821",
        OPEN,
        CLOSE,
        "⟦EMAIL_1⟧",
        " ",
        "\n",
        "ok",
        "😀",
        "1",
    ]
)
TEXTS = st.lists(PIECES | st.text(max_size=8), max_size=12).map("".join)


@given(text=TEXTS)
def test_whatever_is_masked_comes_back_as_it_was(text: str) -> None:
    masks = Masks("US")
    assert masks.restore(masks.mask(text)) == text


@given(text=TEXTS, cuts=st.lists(st.integers(0, 200), max_size=30))
def test_it_comes_back_wherever_the_stream_is_cut(text: str, cuts: list[int]) -> None:
    masks = Masks("US")
    masked = masks.mask(text)
    places = sorted({0, len(masked), *(cut % (len(masked) + 1) for cut in cuts)})
    restorer = Restorer(masks)
    parts = [restorer.feed(masked[start:end]) for start, end in pairwise(places)]
    assert "".join([*parts, restorer.end()]) == text


@given(digits=st.lists(st.integers(0, 9), min_size=12, max_size=18))
def test_a_card_number_has_exactly_one_right_check_digit(digits: list[int]) -> None:
    start = "".join(map(str, digits))
    right = [check for check in range(10) if is_card(f"{start}{check}")]
    assert len(right) == 1 or len(set(digits)) == 1


def test_an_iban_with_two_digits_exchanged_is_none() -> None:
    assert is_iban("DE89370400440532013000")
    assert not is_iban("DE98370400440532013000")
