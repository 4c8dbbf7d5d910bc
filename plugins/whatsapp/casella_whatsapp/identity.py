"""Who writes: numbers, their other spellings, and the ids of people without a number (channels.md §5.8).

An address is "+" and the digits WhatsApp knows (wa_id), or a business-scoped user id (BSUID) such as "DE.4711". Some
countries have two spellings of one mobile number, and WhatsApp may know the one nobody dials any more: the other is an
alias, by which the contact is found; what is answered is what wrote.
"""

from __future__ import annotations

import re

BSUID = re.compile(r"[A-Z]{2}\.[A-Za-z0-9.]{1,140}")
_SHORTEST, _LONGEST = 5, 20


def address_of(wa_id: str, user_id: str = "") -> str:
    """The address of a sender; empty if there is none. An id sometimes stands where the number should."""
    for given in (wa_id, user_id):
        digits = given.removeprefix("+")
        if digits.isascii() and digits.isdigit() and _SHORTEST <= len(digits) <= _LONGEST:
            return f"+{digits}"
        if BSUID.fullmatch(given):
            return given
    return ""


def is_user_id(address: str) -> bool:
    return BSUID.fullmatch(address) is not None


def aliases_of(address: str, *others: str) -> tuple[str, ...]:
    """Further addresses of whoever is at `address`: those given, and other spellings of a number."""
    found = [address_of(other) for other in others if other]
    found += [spelling for known in (address, *found) for spelling in spellings(known)]
    return tuple(dict.fromkeys(alias for alias in found if alias and alias != address))


def spellings(number: str) -> tuple[str, ...]:
    """The other ways to write a mobile number: Brazil's ninth digit, Mexico's 1, Argentina's 9."""
    digits = number.removeprefix("+")
    match digits[:2], len(digits):
        case "55", 13 if digits[4] == "9":
            return (f"+{digits[:4]}{digits[5:]}",)
        case "55", 12 if digits[4] in "6789":  # the first digits of mobiles; landlines never had a ninth
            return (f"+{digits[:4]}9{digits[4:]}",)
        case "52", 13 if digits[2] == "1":
            return (f"+52{digits[3:]}",)
        case "52", 12:
            return (f"+521{digits[2:]}",)
        case "54", 13 if digits[2] == "9":
            return (f"+54{digits[3:]}",)
        case "54", 12 if digits[2] != "9":
            return (f"+549{digits[2:]}",)
    return ()
