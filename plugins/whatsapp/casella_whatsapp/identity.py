"""Who writes: numbers, their other spellings, and the ids of people without a number (channels.md §5.8).

An address is "+" and the digits WhatsApp knows (wa_id), or a business-scoped user id (BSUID) such as "DE.4711". Ids are
opaque: Meta's own examples have them in several shapes ("US.…", "user.…", with and without "ENT"), so whatever is no
number is taken as it is. Some countries have two spellings of one mobile number, and WhatsApp may know the one nobody
dials any more: the other is an alias, by which the contact is found; what is answered is what wrote.
"""

from __future__ import annotations

from collections.abc import Iterator

from casella.plugin import made_id
from casella_whatsapp.reading import Document, word

GROUP, UNKNOWN = "group", "unknown"
_SHORTEST, _LONGEST = 5, 20
_LONGEST_ID = 400
_FORMER = ("previous", "old", "former")
SENDER = ("from", "from_user_id", "from_parent_user_id")
RECIPIENT = ("to", "to_user_id", "to_parent_user_id")
CONTACT = ("wa_id", "user_id", "parent_user_id")
RECEIPT = ("recipient_id", "recipient_user_id", "recipient_parent_user_id")
"""Where a person's ids stand: the number, his id for this business, and the one that several businesses share."""
_IDS = ("wa_id", "user_id", "phone_number", "customer")


def ids_of(told: Document, names: tuple[str, ...]) -> list[str]:
    """A person's ids, in this order; empty where one is missing."""
    return [word(told.get(name)) for name in names]


def address_of(*ids: str) -> str:
    """The address of a sender; empty if there is none. An id sometimes stands where the number should."""
    for given in (one.strip() for one in ids):
        digits = given.removeprefix("+")
        if digits.isascii() and digits.isdigit() and _SHORTEST <= len(digits) <= _LONGEST:
            return f"+{digits}"
        if given:
            return given if given.isprintable() and len(given) <= _LONGEST_ID else made_id("id", given)
    return ""


def group_address(group_id: str) -> str:
    """Several people write in a group: it is a contact of its own."""
    return f"{GROUP}:{group_id}" if len(group_id) <= _LONGEST_ID else made_id(GROUP, group_id)


def unknown_address(ours: str, external_id: str) -> str:
    """Of a message that names no sender: it is shown all the same, by itself."""
    return made_id(UNKNOWN, ours, external_id)


def is_user_id(address: str) -> bool:
    return can_be_answered(address) and not is_number(address)


def is_number(address: str) -> bool:
    return address.startswith("+") and address[1:].isdigit()


def can_be_answered(address: str) -> bool:
    """Groups and senders without a name cannot."""
    return bool(address) and address.partition(":")[0] not in (GROUP, UNKNOWN)


def aliases_of(address: str, *others: str) -> tuple[str, ...]:
    """Further addresses of whoever is at `address`: those given, and other spellings of a number."""
    found = [address_of(other) for other in others if other]
    found += [spelling for known in (address, *found) for spelling in spellings(known)]
    return tuple(dict.fromkeys(alias for alias in found if alias and alias != address))


def named_ids(notice: Document) -> tuple[list[str], list[str]]:
    """The addresses that a notice names: former ones and present ones, whichever field brings them."""
    former: list[str] = []
    present: list[str] = []
    for path, value in _leaves(notice, ()):
        if any(name in path[-1] for name in _IDS) or (len(path) > 1 and any(name in path[-2] for name in _IDS)):
            old = any(part.startswith(_FORMER) for part in path) or path[-1] == "customer"
            (former if old else present).append(address_of(value))
    return [one for one in former if one], [one for one in present if one]


def _leaves(value: object, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _leaves(inner, (*path, str(name)))
    elif path and (text := word(value)):
        yield path, text


def spellings(number: str) -> tuple[str, ...]:
    """The other ways to write a mobile number: Brazil's ninth digit, Mexico's 1, Argentina's 9."""
    if not is_number(number):
        return ()
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
