"""Which contact address is meant: one namespace per kind, or per channel where addresses are scoped to it; on an
agent's private number, one of his own."""

from __future__ import annotations

from casella.inbox.house.directory import ChannelEntry
from casella.inbox.house.rooms import Rooms
from casella.store.queries.people.scopes import scope_of

AddressKey = tuple[str, str, str]
"""Kind, scope, address."""


def address_key(rooms: Rooms, channel: ChannelEntry, address: str) -> AddressKey:
    plugin = rooms.host.plugins.get(channel.channel_type)
    kind = plugin.capabilities.address_kind if plugin else channel.channel_type
    scoped = plugin.capabilities.address_scoped if plugin else True
    return (kind, scope_of(channel.inbox.owner_id, channel.id if scoped else ""), address)


def phone_of(kind: str, address: str) -> str | None:
    """The number that an address is. On a channel of numbers somebody may be known by an id of the provider's alone
    (WhatsApp's user ids), which is nobody's phone."""
    return address if kind == "phone" and address.removeprefix("+").isdigit() else None
