"""What a provider's words mean for a whole channel: its health decides."""

from __future__ import annotations

from types import NoneType

import httpx

from casella.errors import CasellaError
from casella.inbox.house import Rooms
from casella.plugin import Channel, ChannelMisconfigured, ChannelSuspect, Refusal, SendError


def after_a_look(
    rooms: Rooms, http: httpx.Client, channel_type: str, channel: Channel, error: ChannelSuspect
) -> SendError:
    """The provider's words may be of one message or of the whole channel. ChannelMisconfigured where its health finds
    something; otherwise, and where nobody can tell, the error itself: one message fails, everybody else's go on."""
    try:
        plugin = rooms.host.plugin(channel_type)
        found = rooms.host.call(plugin, "health", lambda: plugin.health(channel, http), (Refusal, NoneType))
    except ChannelMisconfigured as problem:
        found = Refusal(problem.code, problem.text)
    except (SendError, CasellaError):
        return error
    if found is None:
        return error
    code = error.provider_code
    return ChannelMisconfigured(f"{found.text} ({code})" if code else found.text, provider_code=code)
