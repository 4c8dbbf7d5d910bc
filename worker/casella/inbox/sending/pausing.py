"""Stopping a channel that cannot send: its queue is kept, and people are told."""

from __future__ import annotations

from datetime import datetime
from types import NoneType

import httpx
from sqlalchemy import Connection, select, update

from casella.errors import CasellaError
from casella.inbox.house import Rooms
from casella.plugin import Channel, ChannelMisconfigured, ChannelSuspect, Refusal, SendError
from casella.store import feed
from casella.store.feed import FeedEvent
from casella.store.sessions import hold_briefly
from casella.store.tables import channels, conversations


def pause(
    db: Connection,
    channel_id: str,
    inbox_id: str,
    code: str,
    text: str,
    now: datetime,
    until: datetime | None = None,
) -> None:
    """Nothing leaves through the channel until then; without a time, until somebody resumes it, and the feed says so
    once."""
    hold_briefly(db)
    known = db.execute(select(channels.c.paused_code, channels.c.paused_until).where(channels.c.id == channel_id)).one()
    values = {"paused_code": code, "paused_text": text, "paused_until": until}
    stands_still = known.paused_code is not None and known.paused_until is None
    if stands_still and until is not None:
        return  # slowing down does not end a standstill
    db.execute(update(channels).where(channels.c.id == channel_id).values(values))
    if until is None and not stands_still:
        payload: dict[str, feed.JsonValue] = {"channel_id": channel_id, "code": code, "text": text}
        feed.append(db, [FeedEvent("channel.paused", inbox_id, payload)], now)


def close_window(db: Connection, conversation_id: str, now: datetime) -> None:
    """The provider says that the reply window is over, whatever we have counted: until the contact writes again, only
    what may be sent at any time leaves."""
    ours = conversations.c.id == conversation_id
    db.execute(update(conversations).where(ours).values(window_closed_at=now))


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
