"""`/events`: what happens, as it happens, as Server-Sent Events; and `/events/poll`, the same for clients that would
rather ask (https://html.spec.whatwg.org/multipage/server-sent-events.html)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, ClassVar

import anyio.to_thread
import orjson
from fastapi import APIRouter, Header, Query, Request, Response
from pydantic import BaseModel, Field, JsonValue

from casella.api.frame.context import Context, House
from casella.api.frame.documentation import errors
from casella.api.frame.fields import Limit
from casella.api.frame.paging import BadCursor
from casella.api.frame.security import Caller, Session
from casella.api.limits.login_limits import network_of
from casella.api.stream.event_stream import AgentViewer, EventStream
from casella.api.stream.feed_hub import StreamEvent, read_after
from casella.api.stream.stream_places import Holder
from casella.errors import CasellaError
from casella.inbox.house import Rooms
from casella.inbox.reading import SignedIn
from casella.store import Store, feed
from casella.store.feed import Cursor
from casella.store.queries.feed_queries import is_kept, parse_cursor

router = APIRouter(tags=["events"])
_MOST_SKIPPED = 20  # batches of other people's events that one poll walks over


class CursorExpired(CasellaError):
    """The feed no longer holds what came after this cursor; load the lists anew and go on from the given cursor."""

    code: ClassVar[str] = "cursor_expired"
    status: ClassVar[int] = 410


class Event(BaseModel):
    """Something that happened. `payload` depends on the kind; it names what changed, to be read if it matters."""

    cursor: str = Field(description="Go on behind it.", examples=["8125.90211"])
    version: int = Field(
        description="Of two events about the same conversation the higher is the newer.", examples=[90211]
    )
    kind: str = Field(examples=["message.created"])
    at: datetime
    inbox_id: str | None
    conversation_id: str | None
    payload: dict[str, JsonValue]


class EventPage(BaseModel):
    events: Sequence[Event]
    cursor: str = Field(description="Give it as `after` the next time, also when nothing came.")
    more: bool = Field(description="Whether to ask again at once.")


_AFTER = Query(max_length=40, description="A cursor. Without one, the stream begins with what happens from now on.")
_STREAM = {
    "description": "A stream that stays open. Event `ready` (or `reset`, when the cursor was too old: load the lists "
    'anew) carries `{"cursor"}`; the others are named by their kind and carry an Event. Reconnect with the '
    "last id in `Last-Event-ID`, as browsers do by themselves: nothing is missed, nothing comes twice.",
    "content": {"text/event-stream": {"schema": {"type": "string"}}},
}


@router.get("/events", response_class=Response, responses={**errors(429), 200: _STREAM})
async def stream_events(
    request: Request,
    context: Context,
    session: Session,
    after: Annotated[str | None, _AFTER] = None,
    last_event_id: Annotated[
        str | None, Header(alias="Last-Event-ID", description="The last id received; it wins over `after`.")
    ] = None,
) -> Response:
    """Everything you may see, from now on, or from a cursor on. 429 `too_many_own_streams` beyond the quota of streams
    that one agent, token or address may have open at once."""
    written = (last_event_id or "").strip() or after
    wanted = None if written is None else _cursor(written)
    store = context.rooms.store
    start, kept = await anyio.to_thread.run_sync(_start, store, wanted)
    greeting = None if wanted is not None and kept else ("ready" if wanted is None else "reset")
    subscription = context.hub.subscribe(start, holders=_holders(request, context.rooms, session))
    viewer = AgentViewer(context.rooms, session, context.heartbeat_seconds)
    return EventStream(context.hub, subscription, viewer, greeting, context.heartbeat_seconds)


def _holders(request: Request, rooms: Rooms, session: SignedIn) -> Sequence[Holder]:
    bounds = rooms.settings.bounds
    return (
        Holder("token", session.token_id, bounds.token_streams),
        Holder("agent", session.member.id, bounds.agent_streams),
        Holder("address", network_of(request.client.host if request.client else ""), bounds.address_streams),
    )


@router.get("/events/poll", response_model=EventPage, responses=errors(410))
def poll_events(
    rooms: House,
    member: Caller,
    after: Annotated[str | None, _AFTER] = None,
    limit: Limit = 100,
) -> Response:
    """The next events behind a cursor, at once. Without a cursor: none, and the cursor to begin with."""
    wanted = None if after is None else _cursor(after)
    start, kept = _start(rooms.store, wanted)
    if not kept:
        raise CursorExpired(cursor=str(start))
    found: list[StreamEvent] = []
    cursor, more = start, False
    if wanted is not None:
        for _ in range(_MOST_SKIPPED):
            batch = read_after(rooms.store, cursor)
            seen = [event for event in batch if event.is_for(member)]
            more = len(batch) > 0
            if len(found) + len(seen) > limit:
                found += seen[: limit - len(found)]
                cursor = found[-1].cursor
                break
            found += seen
            if not batch:
                break
            cursor = batch[-1].cursor
    return Response(_page(found, cursor, more), media_type="application/json")


def _page(found: Sequence[StreamEvent], cursor: Cursor, more: bool) -> bytes:
    events = [orjson.Fragment(event.json) for event in found]
    return orjson.dumps({"events": events, "cursor": str(cursor), "more": more})


def _start(store: Store, wanted: Cursor | None) -> tuple[Cursor, bool]:
    """Where to begin, and whether nothing in between is lost."""
    with store.read() as db:
        if wanted is not None and is_kept(db, wanted):
            return wanted, True
        return feed.newest(db), wanted is None


def _cursor(written: str) -> Cursor:
    try:
        return parse_cursor(written)
    except ValueError as error:
        raise BadCursor from error
