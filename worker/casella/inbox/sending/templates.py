"""The templates of a channel, as the provider has them now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import httpx

from casella.errors import CasellaError, NotFound
from casella.inbox.house import Rooms, able
from casella.inbox.reading import Member
from casella.plugin import MessageTemplate, SendError


class ProviderSilent(CasellaError):
    """The provider cannot be asked right now; try again in a moment."""

    code: ClassVar[str] = "provider_silent"
    status: ClassVar[int] = 503


def of_channel(rooms: Rooms, member: Member, channel_id: str, http: httpx.Client) -> Sequence[MessageTemplate]:
    """Raises NotFound, ProviderSilent, PluginFailed."""
    entry = rooms.directory.current.channels.get(channel_id)
    if entry is None or entry.inbox.id not in member.inbox_ids:
        raise NotFound("There is no such channel, or it is not yours to see.")
    link = entry.channel
    if link is None or not able(rooms, entry).message_templates:
        return ()
    plugin = rooms.host.plugin(entry.channel_type)
    try:
        return rooms.host.call(plugin, "templates", lambda: plugin.templates(link, http), (list, tuple))
    except SendError as error:
        raise ProviderSilent(error.text, provider_code=error.provider_code) from error
