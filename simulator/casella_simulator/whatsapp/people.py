"""How WhatsApp names people: by number, by business-scoped id, and by the number it knows, which is not always the one
that is dialled."""

from __future__ import annotations

from hashlib import blake2b


def wa_id(phone: str) -> str:
    """The digits WhatsApp knows: mobiles of Brazil without the ninth digit, of Mexico with the old 1."""
    digits = phone.removeprefix("+")
    if digits.startswith("55") and len(digits) == 13 and digits[4] == "9" and digits[5] in "6789":
        return digits[:4] + digits[5:]
    if digits.startswith("52") and len(digits) == 12:
        return f"521{digits[2:]}"
    return digits


def user_id(account: str, phone: str) -> str:
    """The same for the same person in one account, and nothing of the number in it."""
    return "US." + blake2b(f"{account} {phone}".encode(), digest_size=8).hexdigest()


def name(phone: str) -> str:
    return f"Customer {phone[-4:]}"
