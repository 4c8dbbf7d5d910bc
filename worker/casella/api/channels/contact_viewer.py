"""A contact watching his own conversations: his messages, answers once they are sent, who is typing, what was read.
Nothing of anybody else's, and no notes: the hub offers him only what is his, and what a message says is read anew
under the one condition of `visits`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import anyio.to_thread
import orjson
from pydantic import BaseModel
from sqlalchemy import Connection

from casella.api.limits.login_limits import network_of
from casella.api.stream.event_stream import EventStream, block
from casella.api.stream.feed_events import StreamEvent
from casella.api.stream.feed_hub import FeedHub
from casella.api.stream.feed_owners import Owner
from casella.api.stream.stream_places import Holder
from casella.inbox.house import ChannelEntry, Rooms
from casella.inbox.reading import contact_view
from casella.inbox.state import visitor_revocation
from casella.plugin import ContactStream, TranscriptMessage
from casella.store import feed
from casella.store.feed import Cursor
from casella.store.queries.feed_queries import is_kept, parse_cursor

MOST_BEHIND = 1000
"""Events of everybody that are walked over for one contact; reading his transcript anew is cheaper then."""
_TYPING_LASTS = timedelta(seconds=10)
_SHOWN_STATES = frozenset({"received", "sent", "delivered", "read"})


class _Part(BaseModel):
    id: str = ""
    state: str = ""
    kind: str = ""


class _Payload(BaseModel):
    """What a contact's stream reads of an event."""

    message: _Part = _Part()
    by: _Part = _Part()
    read_at: datetime | None = None


async def begin(
    rooms: Rooms, hub: FeedHub, entry: ChannelEntry, asked: ContactStream, heartbeat: float, client: str
) -> EventStream:
    """The stream a plugin's route has asked for, to a client's address. Raises TooManyStreams, TooManyOwnStreams,
    StoreUnavailable."""
    start, goes_on = await anyio.to_thread.run_sync(_start, rooms, asked.after)
    greeting = None if goes_on else ("ready" if asked.after is None else "reset")
    bounds = rooms.settings.bounds
    holders = (
        Holder("visitor", f"{entry.id} {asked.contact_address}", bounds.visitor_streams),
        Holder("address", network_of(client), bounds.address_streams),
    )
    subscription = hub.subscribe(start, Owner(entry.id, asked.contact_address), holders)
    viewer = ContactViewer(rooms, entry, asked)
    return EventStream(hub, subscription, viewer, greeting, heartbeat, asked.headers)


def _start(rooms: Rooms, after: str | None) -> tuple[Cursor, bool]:
    """Where to begin, and whether nothing in between is lost."""
    with rooms.store.read() as db:
        if after is not None:
            try:
                wanted = parse_cursor(after)
            except ValueError:
                return feed.newest(db), False
            if is_kept(db, wanted) and len(feed.after(db, wanted, MOST_BEHIND + 1)) <= MOST_BEHIND:
                return wanted, True
        return feed.newest(db), False


class ContactViewer:
    """Until the credential he came with has run out or was revoked, or the channel is gone."""

    def __init__(self, rooms: Rooms, entry: ChannelEntry, asked: ContactStream) -> None:
        self._rooms, self._entry, self._asked = rooms, entry, asked
        self._revoked = False

    async def renew(self, events: Sequence[StreamEvent]) -> bool:
        still_there = self._entry.id in self._rooms.directory.current.channels
        return still_there and not self._revoked and self._rooms.clock.now() < self._asked.until

    async def written(self, events: Sequence[StreamEvent]) -> bytes:
        """Whether his credential still counts is asked whenever there is something to show: a stream that is silent
        tells nobody anything."""
        if not events:
            return b""
        told = [(event, _Payload.model_validate_json(str(event.row.payload))) for event in events]
        shown = [payload.message.id for event, payload in told if _shows_message(event, payload)]
        views = await anyio.to_thread.run_sync(self._read, shown)
        return b"" if self._revoked else b"".join(self._block(event, payload, views) for event, payload in told)

    def _read(self, message_ids: list[str]) -> Mapping[str, TranscriptMessage]:
        asked, channel_id = self._asked, self._entry.id
        with self._rooms.store.read() as db:
            if asked.issued_at is not None:
                who = (asked.contact_address, asked.credential, asked.issued_at)
                self._revoked = visitor_revocation.is_revoked(db, channel_id, *who)
            return self._views(db, message_ids) if message_ids and not self._revoked else {}

    def _views(self, db: Connection, message_ids: list[str]) -> Mapping[str, TranscriptMessage]:
        of = contact_view.correspondence(db, self._rooms, self._entry, self._asked.contact_address)
        return contact_view.messages_of(db, self._rooms, of, message_ids) if of is not None else {}

    def _block(self, event: StreamEvent, payload: _Payload, views: Mapping[str, TranscriptMessage]) -> bytes:
        cursor = str(event.cursor)
        if _shows_message(event, payload):
            view = views.get(payload.message.id)
            return block(cursor, "message", view.model_dump_json().encode()) if view is not None else b""
        if event.kind == "conversation.typing" and payload.by.kind == "agent":
            fresh = self._rooms.clock.now() - _at(event) < _TYPING_LASTS
            return block(cursor, "typing", b"{}") if fresh else b""
        if event.kind == "conversation.read" and payload.read_at is not None:
            return block(cursor, "read", orjson.dumps({"read_at": payload.read_at}))
        return b""


def _shows_message(event: StreamEvent, payload: _Payload) -> bool:
    """A message that is queued only is nobody's to read yet; notes have no such state."""
    return event.kind in ("message.created", "message.updated") and payload.message.state in _SHOWN_STATES


def _at(event: StreamEvent) -> datetime:
    at = event.row.at
    assert isinstance(at, datetime)
    return at
