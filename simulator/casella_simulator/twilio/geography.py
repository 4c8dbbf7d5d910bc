"""Where a number is from, as the webhook's geographic parameters tell it. Unknown parts are blank, as Twilio's are."""

from __future__ import annotations

_COUNTRIES = {
    "1": "US", "20": "EG", "27": "ZA", "30": "GR", "31": "NL", "32": "BE", "33": "FR", "34": "ES", "36": "HU",
    "39": "IT", "40": "RO", "41": "CH", "43": "AT", "44": "GB", "45": "DK", "46": "SE", "47": "NO", "48": "PL",
    "49": "DE", "52": "MX", "54": "AR", "55": "BR", "61": "AU", "64": "NZ", "65": "SG", "81": "JP", "82": "KR",
    "86": "CN", "90": "TR", "91": "IN", "351": "PT", "353": "IE", "358": "FI", "420": "CZ", "852": "HK",
    "966": "SA", "971": "AE", "972": "IL",
}  # fmt: skip
_AREAS = {
    "201": ("US", "NJ", "JERSEY CITY", "07302"), "202": ("US", "DC", "WASHINGTON", "20001"),
    "206": ("US", "WA", "SEATTLE", "98101"), "212": ("US", "NY", "NEW YORK", "10001"),
    "213": ("US", "CA", "LOS ANGELES", "90012"), "305": ("US", "FL", "MIAMI", "33101"),
    "312": ("US", "IL", "CHICAGO", "60601"), "415": ("US", "CA", "SAN FRANCISCO", "94102"),
    "416": ("CA", "ON", "TORONTO", ""), "512": ("US", "TX", "AUSTIN", "78701"),
    "514": ("CA", "QC", "MONTREAL", ""), "602": ("US", "AZ", "PHOENIX", "85003"),
    "604": ("CA", "BC", "VANCOUVER", ""), "617": ("US", "MA", "BOSTON", "02108"),
}  # fmt: skip
_TOLL_FREE = ("800", "833", "844", "855", "866", "877", "888")


def place(address: str) -> tuple[str, str, str, str]:
    """(country, state, city, zip) of an address."""
    digits = address.removeprefix("+")
    if not address.startswith("+") or not digits.isdigit():
        return ("", "", "", "")
    if digits.startswith("1"):
        return _AREAS.get(digits[1:4], ("US", "", "", ""))
    country = next((_COUNTRIES[digits[:size]] for size in (3, 2) if digits[:size] in _COUNTRIES), "")
    return (country, "", "", "")


def parameters(prefix: str, address: str) -> dict[str, str]:
    country, state, city, code = place(address)
    return {f"{prefix}Country": country, f"{prefix}State": state, f"{prefix}City": city, f"{prefix}Zip": code}


def is_us_long_code(address: str) -> bool:
    """A ten-digit US number that A2P 10DLC registration is asked of."""
    return len(address) == 12 and place(address)[0] == "US" and address[2:5] not in _TOLL_FREE
