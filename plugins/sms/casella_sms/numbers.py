"""What can be told from an address alone. phonenumbers is loaded only when a rule about countries asks."""

from __future__ import annotations

import re

_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_SHORT_CODE = re.compile(r"[0-9]{3,8}")
_TOLL_FREE = re.compile(r"\+18(?:00|33|44|55|66|77|88)[0-9]{7}")

_NAME = re.compile(r"(?=.*[A-Z0-9])(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11}")

UNITED_STATES = frozenset({"US", "PR", "VI", "GU", "AS"})
"""Where the registration of US application traffic is asked for (channels.md §2.2)."""
NORTH_AMERICA = UNITED_STATES | {"CA"}


def is_e164(address: str) -> bool:
    """A full international number: the only kind of sender that can be answered."""
    return _E164.fullmatch(address) is not None


def is_short_code(address: str) -> bool:
    return _SHORT_CODE.fullmatch(address) is not None


def address_problem(address: str) -> str:
    """What is wrong with the address of a channel: a number, a short code, or a name that only sends."""
    if is_e164(address) or is_short_code(address) or _NAME.fullmatch(address):
        return ""
    digits = re.sub("[^0-9]", "", address)
    whole = is_e164(f"+{digits}") and (address.startswith("+") or len(digits) >= 11)
    written = f"+{digits}" if whole else "+12025550178"
    return (
        f"'{address[:40]}' is no number that customers can write to: write it with its country and nothing between the "
        f'digits, such as "{written}", or a short code as "12345"'
    )


def is_toll_free(address: str) -> bool:
    """A toll-free number of the North American plan."""
    return _TOLL_FREE.fullmatch(address) is not None


def region(number: str) -> str:
    """The country of an E.164 number, "US" for a North American one nobody has been given, otherwise empty."""
    import phonenumbers  # 23 MB of metadata: only who needs it pays

    try:
        found = phonenumbers.region_code_for_number(phonenumbers.parse(number))
    except phonenumbers.NumberParseException:
        return ""
    return found or ("US" if number.startswith("+1") else "")
