"""Delivery states and the one direction they move: up (law 5, channels.md §0).

    queued < sending < unconfirmed < sent < delivered < read          failed, canceled

`failed` is final only over what has not arrived: a `delivered` or `read` that comes after `failed` wins, because the
contact may have several devices. Ranks are compared, never timestamps: those have one second's grain.
"""

from __future__ import annotations

from typing import Literal

DeliveryState = Literal[
    "queued", "sending", "unconfirmed", "sent", "delivered", "read", "failed", "canceled", "received"
]
_RANK = {"queued": 0, "sending": 1, "unconfirmed": 2, "sent": 3, "failed": 4, "delivered": 5, "read": 6}


def advance(current: str, reported: str) -> str | None:
    """The state after a receipt says `reported`, or None when it changes nothing.

    Canceled and received messages take no receipts, except that a canceled one that did arrive is said to have."""
    if current == "received":
        return None
    if current == "canceled":
        return reported if reported in ("delivered", "read") else None
    return reported if _RANK.get(reported, -1) > _RANK.get(current, -1) else None
