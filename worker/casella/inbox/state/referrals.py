"""What led a contact here: an advertisement, a link. It belongs to his open conversation on that channel; where there
is none yet, it waits at his address for the next one."""

from __future__ import annotations

from datetime import datetime, timedelta

from casella.inbox.house import ChannelEntry
from casella.inbox.state.entities import AddressState, ConversationState, Values
from casella.plugin import Referral, clean_text

WAITS = timedelta(days=7)
"""Whoever writes later than that has not come by it."""


def refer(
    channel: ChannelEntry, address: AddressState, open_now: ConversationState | None, event: Referral, at: datetime
) -> None:
    """Note it where it belongs. A later one replaces an earlier one."""
    told: Values = {
        "source": clean_text(event.source)[:300],
        "text": clean_text(event.text)[:1000],
        "url": clean_text(event.url)[:2000] if event.url else None,
        "at": (event.provider_time or at).isoformat(),
    }
    if open_now is not None:
        open_now.set(referral=told)
    else:
        address.referral, address.referred = {**told, "channel_id": channel.id}, True


def awaited_referral(channel: ChannelEntry, address: AddressState, at: datetime) -> Values | None:
    """What waited for a conversation that begins now; it waits no longer."""
    waiting = address.referral
    if waiting is None or waiting.get("channel_id") != channel.id:
        return None
    address.referral, address.referred = None, True
    if at - datetime.fromisoformat(str(waiting["at"])) > WAITS:
        return None
    return {name: value for name, value in waiting.items() if name != "channel_id"}
