"""What one channel can do: its type's capabilities, or what its provider leaves of them. Raises PluginFailed."""

from __future__ import annotations

from casella.inbox.house.directory import ChannelEntry
from casella.inbox.house.rooms import Rooms
from casella.plugin import Capabilities


def able(rooms: Rooms, channel: ChannelEntry) -> Capabilities:
    """Asked once per channel and desk: it is pure, and on the way of every message."""
    known = rooms.directory.current.abilities
    if channel not in known:
        plugin, link = rooms.host.plugin(channel.channel_type), channel.channel
        if link is None:
            return plugin.capabilities
        known[channel] = rooms.host.call(plugin, "capabilities_of", lambda: plugin.capabilities_of(link), Capabilities)
    return known[channel]
