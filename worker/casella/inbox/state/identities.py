"""Who somebody is: one contact may be known by several addresses on a channel, and may change them.

An address that comes for the first time beside one that is known belongs to the same contact. A conversation goes on
under whichever address wrote last, because that is the one that can be answered.
"""

from __future__ import annotations

from casella.inbox.consent import ConsentBook
from casella.inbox.house import AddressKey, ChannelEntry, Rooms, address_key
from casella.inbox.state.entities import AddressState
from casella.inbox.state.workspace import Workspace
from casella.plugin import AddressChanged, Event, MessageEchoed, MessageReceived


class Identities:
    """The addresses of one batch."""

    def __init__(self, rooms: Rooms, work: Workspace, consent: ConsentBook) -> None:
        self._rooms = rooms
        self._work = work
        self._consent = consent

    def has_aliases(self, channel: ChannelEntry) -> bool:
        plugin = self._rooms.host.plugins.get(channel.channel_type)
        return plugin is not None and plugin.capabilities.aliases

    def keys(self, channel: ChannelEntry, event: Event) -> list[AddressKey]:
        """Every address the event names; whoever it is about comes first."""
        return [address_key(self._rooms, channel, address) for address in named(event)]

    def sender(self, channel: ChannelEntry, event: MessageReceived | MessageEchoed) -> AddressState:
        """The address that wrote, or was written to, with the contact behind it; its aliases lead to the same contact
        from now on."""
        key, *others = self.keys(channel, event)
        known = next((found for other in others if (found := self._work.addresses.get(other))), None)
        state = self._work.address(key, event.contact_name, known.contact if known else None)
        for other in others:
            self._work.unite(state.contact, self._work.address(other, None, state.contact))
        if isinstance(event, MessageReceived):
            state.contact.speaks(event.metadata.get("language"))
        return state

    def move(self, channel: ChannelEntry, event: AddressChanged) -> None:
        """The contact is reached elsewhere from now on; an opt-out moves with him. Whatever else the notice names leads
        to him as well, whichever of it was known before."""
        old_key, new_key, *others = self.keys(channel, event)
        keys = [key for key in (old_key, *others) if key != new_key]
        former = [found for key in keys if (found := self._work.addresses.get(key))]
        new = self._work.addresses.get(new_key)
        if not (first := former[0] if former else new):
            return
        contact = first.contact
        unknown = [old_key] if old_key != new_key and old_key not in self._work.addresses else []
        if new is None:
            new = first
            self._work.rename(new, new_key)
        for state in (*former, new):
            self._work.unite(contact, state)
        for state in former:
            self._work.readdress(channel, state, new)
        for key in (*unknown, *others):
            self._work.unite(contact, self._work.address(key, None, contact))
        if any(self._consent.is_stopped(channel, key[2]) for key in keys):
            evidence = "moved from another address"
            self._consent.record(channel, event.new_address, "opted_out", "provider", evidence)


def named(event: Event) -> list[str]:
    """Every address the event names; whoever it is about comes first."""
    match event:
        case MessageReceived() | MessageEchoed():
            return [event.contact_address, *event.aliases]
        case AddressChanged():
            return [event.contact_address, event.new_address, *event.aliases]
        case _:
            return [event.contact_address]
