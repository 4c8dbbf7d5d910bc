"""What an address alone tells."""

from __future__ import annotations

import pytest

from casella_sms.numbers import is_e164, is_short_code, is_toll_free, region


@pytest.mark.parametrize(
    ("address", "e164", "short", "free"),
    [
        ("+12025550143", True, False, False),
        ("+18005550143", True, False, True),
        ("+18225550143", True, False, False),
        ("+1800555014", True, False, False),
        ("+123456", False, False, False),
        ("+1234567", True, False, False),
        ("+1234567890123456", False, False, False),
        ("72404", False, True, False),
        ("12", False, False, False),
        ("123456789", False, False, False),
        ("+12025550143\n", False, False, False),
        ("+١٢٣٤٥٦٧٨", False, False, False),
        ("BANK", False, False, False),
    ],
)
def test_kinds_of_addresses(address: str, e164: bool, short: bool, free: bool) -> None:
    assert (is_e164(address), is_short_code(address), is_toll_free(address)) == (e164, short, free)


@pytest.mark.parametrize(
    ("number", "country"),
    [
        ("+12025550143", "US"),
        ("+14165550123", "CA"),
        ("+17875550123", "PR"),
        ("+18765550123", "JM"),
        ("+393331234567", "IT"),
        ("+15555550100", "US"),
        ("+1", ""),
        ("+1abc", ""),
        ("ACME", ""),
    ],
)
def test_the_country_of_a_number(number: str, country: str) -> None:
    assert region(number) == country
