"""Where numbers are from: known parts are told, the others are blank and never absent."""

import pytest

from casella_simulator.twilio.geography import is_us_long_code, parameters, place


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("+12125550100", ("US", "NY", "NEW YORK", "10001")),
        ("+14165550100", ("CA", "ON", "TORONTO", "")),
        ("+19995550100", ("US", "", "", "")),
        ("+393331234567", ("IT", "", "", "")),
        ("+3511234567", ("PT", "", "", "")),
        ("+999123456", ("", "", "", "")),
        ("72404", ("", "", "", "")),
        ("BANKINFO", ("", "", "", "")),
    ],
)
def test_places(address: str, expected: tuple[str, str, str, str]) -> None:
    assert place(address) == expected
    assert parameters("From", address).keys() == {"FromCountry", "FromState", "FromCity", "FromZip"}


def test_only_us_long_codes_need_registration() -> None:
    assert is_us_long_code("+12025550178")
    assert not any(map(is_us_long_code, ("+18005550178", "+14165550100", "+393331234567", "72404")))
