"""One mobile, two spellings: Brazil, Mexico, Argentina; and ids of people who hide their number."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from casella_whatsapp.identity import address_of, aliases_of, group_address, is_user_id, spellings

PAIRS = [
    ("+5511955500102", "+551155500102"),  # the first digit after the ninth is 5: only one way
    ("+5511995550102", "+551195550102"),
    ("+5215512345678", "+525512345678"),
    ("+5491112345678", "+541112345678"),
]


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_the_longer_spelling_leads_to_the_shorter(one: str, other: str) -> None:
    assert spellings(one) == (other,)


@pytest.mark.parametrize(("one", "other"), PAIRS[1:])
def test_and_back(one: str, other: str) -> None:
    assert spellings(other) == (one,)


@pytest.mark.parametrize(
    "number",
    ["+551133334444", "+393331234567", "+12025550143", "+5512345", "+52551234567", "+54911123456789", "DE.483", ""],
)
def test_other_numbers_have_one_spelling(number: str) -> None:
    assert spellings(number) == ()


@given(st.from_regex(r"\+5[245][0-9]{6,13}", fullmatch=True))
def test_spellings_lead_back(number: str) -> None:
    for other in spellings(number):
        assert other != number
        assert spellings(other) in ((number,), ()), "no third spelling"


@pytest.mark.parametrize(
    ("wa_id", "user_id", "address"),
    [
        ("4915550100231", "DE.483", "+4915550100231"),
        ("+4915550100231", "", "+4915550100231"),
        ("", "DE.483", "DE.483"),
        ("DE.483", "", "DE.483"),
        ("user.93737120865530274190", "", "user.93737120865530274190"),
        ("", "somebody", "somebody"),
        (" ", "DE.483", "DE.483"),
        ("", "", ""),
        ("١٢٣٤٥٦", "", "١٢٣٤٥٦"),
    ],
)
def test_the_address(wa_id: str, user_id: str, address: str) -> None:
    assert address_of(wa_id, user_id) == address


def test_aliases_are_others_and_no_repetitions() -> None:
    assert aliases_of("+5511995550102", "5511995550102", "BR.1", "BR.1", "") == ("BR.1", "+551195550102")


def test_ids_are_told_from_numbers() -> None:
    assert is_user_id("DE.483")
    assert is_user_id("user.93737120865530274190")
    assert not is_user_id("+4915550100231")
    assert not is_user_id(group_address("G1"))
