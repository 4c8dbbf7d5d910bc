"""Senders that are no telephone numbers: WhatsApp and RCS, told by the name before their addresses
(`whatsapp:+12025550142`), with the window of WhatsApp and the templates of the Content API."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta

from casella_simulator.twilio.account import TwilioAccount, TwilioContent

WINDOW = timedelta(hours=24)
OUTSIDE_WINDOW = 63016
_CHANNELS = ("whatsapp", "rcs")


def channel_of(address: str) -> str:
    """The channel's name before an address; empty for a telephone number."""
    name, colon, _ = address.partition(":")
    return name.lower() if colon and name.lower() in _CHANNELS else ""


def bare(address: str) -> str:
    """The address without the channel's name: what a phone is known by."""
    return address.partition(":")[2] if channel_of(address) else address


def like(sender: str, phone: str) -> str:
    """A phone's address as it is written on the channel of this sender."""
    channel = channel_of(sender)
    return f"{channel}:{phone}" if channel else phone


class Windows:
    """When each customer has last written to each sender. WhatsApp takes free text for a day from then on."""

    def __init__(self) -> None:
        self._heard: dict[tuple[str, str], datetime] = {}

    def hear(self, sender: str, phone: str, at: datetime) -> None:
        self._heard[sender, phone] = at

    def is_open(self, sender: str, phone: str, at: datetime) -> bool:
        heard = self._heard.get((sender, phone))
        return channel_of(sender) != "whatsapp" or (heard is not None and at - heard < WINDOW)

    def clear(self) -> None:
        self._heard.clear()


def inbound_fields(phone: str, more: Mapping[str, object]) -> dict[str, str]:
    """What Twilio adds to the webhook of a message by WhatsApp or RCS. `more`: in its own words, what text and files
    cannot say (`ButtonText`, `Latitude`, `MessageType` …)."""
    given = {name: str(value) for name, value in more.items()}
    return {"ProfileName": "Sam", "WaId": phone.removeprefix("+"), "MessageType": "text", **given}


def receipt_fields(status: str, to: str) -> dict[str, str]:
    """What Twilio adds to a status callback of these channels."""
    channel = channel_of(to)
    if not channel:
        return {}
    seen = {"EventType": "READ"} if status == "read" else {"EventType": "DELIVERED"} if status == "delivered" else {}
    return {"ChannelPrefix": channel, "ChannelToAddress": bare(to), **seen}


def filled(content: TwilioContent, variables: str) -> str:
    """The template's text with its values. Raises ValueError for variables that are no object of texts."""
    values = json.loads(variables) if variables else {}
    if not isinstance(values, dict) or not all(isinstance(one, str) for one in values.values()):
        raise ValueError("no object of texts")
    text = content.body
    for name, value in values.items():
        text = text.replace(f"{{{{{name}}}}}", value)
    return text


def contents_page(account: TwilioAccount, name: str | None) -> dict[str, object]:
    """`GET /v1/ContentAndApprovals`, or `/v2` with a name: all on one page."""
    found = [one for one in account.contents if name in (None, one.friendly_name)]
    return {"contents": [_content_json(account, one) for one in found], "meta": {"next_page_url": None}}


def _content_json(account: TwilioAccount, content: TwilioContent) -> dict[str, object]:
    approval = {
        "name": content.friendly_name,
        "category": content.category,
        "status": content.status,
        "rejection_reason": content.rejection_reason,
    }
    return {
        "sid": content.sid,
        "account_sid": account.sid,
        "friendly_name": content.friendly_name,
        "language": content.language,
        "types": {"twilio/text": {"body": content.body}},
        "approval_requests": approval,
    }
