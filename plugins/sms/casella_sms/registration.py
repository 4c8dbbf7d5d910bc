"""Which senders may not write to whom (S-01, channels.md §2.2): known before trying, refused by name."""

from __future__ import annotations

from collections.abc import Mapping

from casella.plugin import ChannelOption, Refusal, Registration
from casella_sms.numbers import NORTH_AMERICA, UNITED_STATES, is_e164, is_short_code, is_toll_free, region

REGISTRATION = "registration"
"""The channel option that holds the state: "registered" (or "pending") for long codes, "verified" for toll-free
numbers."""

OPTION = ChannelOption(
    REGISTRATION,
    "Where the registration of the number stands (A2P 10DLC, toll-free verification)",
    "registered",
    values=("registered", "pending", "verified", "unregistered", "unverified", "not_needed"),
)

ANOTHER_CHANNEL = Refusal(
    "not_sms",
    "This is no SMS address: WhatsApp and other channels carried by an SMS provider are not used here. "
    "Connect WhatsApp itself instead, or a connection of the type twilio_whatsapp or twilio_rcs.",
)
NOT_A_NUMBER = Refusal("address_not_replyable", "This sender cannot be answered: it is not a phone number.")
NUMBER_NOT_REGISTERED = Refusal(
    "number_not_registered",
    "This number is not registered for messages to the United States (A2P 10DLC), where carriers block it.",
)
TOLL_FREE_NOT_VERIFIED = Refusal(
    "toll_free_not_verified",
    "This toll-free number is not verified, and messages from it to the United States and Canada are blocked.",
)
NAME_NOT_ALLOWED = Refusal(
    "sender_name_not_allowed", "Messages to the United States and Canada cannot come from a name, only from a number."
)


def refusal(sender: str, options: Mapping[str, str], to: str) -> Refusal | None:
    """Why this sender may not write to this address, or None."""
    if ":" in sender or ":" in to:
        return ANOTHER_CHANNEL
    if not is_e164(to):
        return NOT_A_NUMBER
    if not to.startswith("+1"):
        return None  # every rule below is about North America
    state = options.get(REGISTRATION, "")
    if is_toll_free(sender):
        return TOLL_FREE_NOT_VERIFIED if state not in ("verified", "registered") and _is_in(to, NORTH_AMERICA) else None
    if sender.startswith("+1"):
        return NUMBER_NOT_REGISTERED if state != "registered" and _needs_registration(sender, to) else None
    if is_e164(sender) or is_short_code(sender):
        return None
    return NAME_NOT_ALLOWED if _is_in(to, NORTH_AMERICA) else None


def _needs_registration(sender: str, to: str) -> bool:
    return _is_in(to, UNITED_STATES) and _is_in(sender, NORTH_AMERICA)


def _is_in(number: str, regions: frozenset[str]) -> bool:
    return region(number) in regions


def state_of(sender: str, options: Mapping[str, str]) -> Registration:
    """Where a sender stands with the carriers, as the desk says."""
    state = options.get(REGISTRATION, "")
    if is_toll_free(sender):
        return _VERIFIED if state in ("verified", "registered") else _TOLL_FREE_OPEN
    if not (sender.startswith("+1") and is_e164(sender)):
        return _NOT_NEEDED
    if state == "registered":
        return _REGISTERED
    return _PENDING if state == "pending" else _UNREGISTERED


_REGISTERED = Registration("registered", "The number is registered for messages to the United States.")
_VERIFIED = Registration("verified", "The toll-free number is verified.")
_NOT_NEEDED = Registration("not_needed", "This sender needs no registration.")
_PENDING = Registration(
    "pending", "The registration is not through yet: messages to the United States are refused.", blocks=True
)
_UNREGISTERED = Registration(
    "unregistered", "The number is not registered (A2P 10DLC): messages to the United States are refused.", blocks=True
)
_TOLL_FREE_OPEN = Registration(
    "unverified",
    "The toll-free number is not verified: messages to the United States and Canada are refused.",
    blocks=True,
)
