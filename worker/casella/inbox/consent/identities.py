"""Who somebody is: one contact may be known by several addresses on a channel, and may change them.

An address that comes for the first time beside one that is known belongs to the same contact. A conversation goes on
under whichever address wrote last, because that is the one that can be answered.
"""

from __future__ import annotations

from casella.inbox.consent.ledger import ConsentBook
from casella.inbox.house import ChannelEntry, Rooms
from casella.inbox.state import AddressKey, AddressState, Workspace
from casella.plugin import (
    AddressChanged,
    ConsentChanged,
    MessageDeleted,
    MessageEchoed,
    MessageEdited,
    MessageReceived,
    MessageStatusChanged,
    Referral,
    TypingSeen,
)

Known = (
    MessageReceived | MessageEchoed | MessageEdited | MessageDeleted | AddressChanged | TypingSeen | ConsentChanged
    | Referral | MessageStatusChanged
)  # fmt: skip


class Identities:
    """The addresses of one batch."""

    def __init__(self, rooms: Rooms, work: Workspace, consent: ConsentBook) -> None:
        self._rooms = rooms
        self._work = work
        self._consent = consent

    def has_aliases(self, channel: ChannelEntry) -> bool:
        plugin = self._rooms.host.plugins.get(channel.channel_type)
        return plugin is not None and plugin.capabilities.aliases

    def keys(self, channel: ChannelEntry, event: Known) -> list[AddressKey]:
        """Every address the event names."""
        named = [event.contact_address]
        if isinstance(event, MessageReceived):
            named += event.aliases
        elif isinstance(event, AddressChanged):
            named.append(event.new_address)
        return [address_key(self._rooms, channel, address) for address in named]

    def sender(self, channel: ChannelEntry, event: MessageReceived) -> AddressState:
        """The address that wrote, with the contact behind it; its aliases lead to the same contact from now on."""
        key, *others = self.keys(channel, event)
        known = next((found for other in others if (found := self._work.addresses.get(other))), None)
        state = self._work.address(key, event.contact_name, known.contact if known else None)
        for other in others:
            self._work.unite(state.contact, self._work.address(other, None, state.contact))
        return state

    def move(self, channel: ChannelEntry, event: AddressChanged) -> None:
        """The contact is reached elsewhere from now on; an opt-out moves with him."""
        old_key, new_key = self.keys(channel, event)
        old = self._work.addresses.get(old_key)
        if old is None or old_key == new_key:
            return
        new = self._work.addresses.get(new_key)
        if new is None:
            self._work.rename(old, new_key)
        else:
            self._work.unite(old.contact, new)
            self._work.readdress(channel, old, new)
        if self._consent.is_stopped(channel, event.contact_address):
            evidence = "moved from another address"
            self._consent.record(channel, event.new_address, "opted_out", "provider", evidence)


def address_key(rooms: Rooms, channel: ChannelEntry, address: str) -> AddressKey:
    """Which contact address this is: one namespace per kind, or per channel where addresses are scoped to it."""
    plugin = rooms.host.plugins.get(channel.channel_type)
    kind = plugin.capabilities.address_kind if plugin else channel.channel_type
    scoped = plugin.capabilities.address_scoped if plugin else True
    return (kind, channel.id if scoped else "", address)
