"""Vonage writes international numbers without their plus sign; short codes and names look as they are."""

from __future__ import annotations

from casella_sms.numbers import is_e164

_SHORTEST = 9
"""Digits from which a sender is taken for an international number; short codes have at most eight."""


def international(address: str) -> str:
    """The address as everybody else writes it; empty for what cannot be one."""
    text = address.strip()
    if len(text) > 64:
        return ""
    digits = text.isascii() and text.isdigit()
    return f"+{text}" if digits and len(text) >= _SHORTEST and not text.startswith("0") else text


def plain(address: str) -> str:
    """The address as Vonage writes it."""
    return address.removeprefix("+")


def is_replyable(address: str) -> bool:
    return is_e164(address)
