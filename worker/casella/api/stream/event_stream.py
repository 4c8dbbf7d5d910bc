"""One open event stream: what its viewer may see, written as Server-Sent Events until either side has enough."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from typing import Protocol

import anyio
import anyio.to_thread
import orjson
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from casella.api.stream.feed_hub import FeedHub, StreamEvent, Subscription
from casella.errors import StoreUnavailable
from casella.inbox.house import Rooms
from casella.inbox.reading import SignedIn, still_signed_in

_RETRY = b"retry: 2000\n"  # milliseconds until a browser reconnects
_AFTER_TROUBLE = 1.0


class Viewer(Protocol):
    """Who is watching."""

    async def renew(self, events: Sequence[StreamEvent]) -> bool:
        """False when he may no longer watch, of which these events may tell. Raises StoreUnavailable."""

    async def written(self, events: Sequence[StreamEvent]) -> bytes:
        """What he may see of these events, as blocks of the stream. Raises StoreUnavailable."""


class AgentViewer:
    """An agent, brought up to date when the desk changes, when a token of his is revoked, and once in a while: a
    revoked token ends the stream, a lost membership takes its events away."""

    def __init__(self, rooms: Rooms, session: SignedIn, renew_seconds: float) -> None:
        self._rooms = rooms
        self._session = session
        self._every = renew_seconds
        self._desk_version = rooms.directory.current.version
        self._renewed = time.monotonic()

    async def written(self, events: Sequence[StreamEvent]) -> bytes:
        member = self._session.member
        seen = (event for event in events if event.is_for(member))
        return b"".join(block(str(event.cursor), event.kind, event.json) for event in seen)

    async def renew(self, events: Sequence[StreamEvent]) -> bool:
        version, mine = self._rooms.directory.current.version, self._session.member.id
        revoked = any(event.kind == "token.revoked" and event.agent_id == mine for event in events)
        if not revoked and version == self._desk_version and time.monotonic() - self._renewed < self._every:
            return True
        session = await anyio.to_thread.run_sync(self._read)
        if session is None:
            return False
        self._session, self._desk_version, self._renewed = session, version, time.monotonic()
        return True

    def _read(self) -> SignedIn | None:
        with self._rooms.store.read() as db:
            return still_signed_in(db, self._session, self._rooms.clock.now())


class EventStream(Response):
    """Answers with a stream. Whoever makes it has subscribed; it unsubscribes in the end."""

    media_type = "text/event-stream"

    def __init__(
        self,
        hub: FeedHub,
        subscription: Subscription,
        viewer: Viewer,
        greeting: str | None,
        heartbeat: float,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(headers={"X-Accel-Buffering": "no", **(headers or {})})
        del self.headers["content-length"]
        self._hub = hub
        self._subscription = subscription
        self._viewer = viewer
        self._greeting = greeting
        self._heartbeat = heartbeat
        self._told = subscription.cursor

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(self._until_gone, receive, tasks.cancel_scope)
                await self._stream(send)
                tasks.cancel_scope.cancel()
        except* OSError:
            pass  # the client is gone
        finally:
            self._hub.unsubscribe(self._subscription)

    async def _until_gone(self, receive: Receive, scope: anyio.CancelScope) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        scope.cancel()

    async def _stream(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        await _send(send, self._hello())
        last = time.monotonic()
        while not self._hub.closed:
            events = await self._next()
            chunk = await self._seen(events)
            if chunk is None:
                break
            if chunk:
                self._told = self._subscription.cursor
            elif time.monotonic() - last >= self._heartbeat:
                chunk = self._beat()
            if chunk:
                await _send(send, chunk)
                last = time.monotonic()
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _next(self) -> list[StreamEvent]:
        try:
            return await self._subscription.next_batch(self._heartbeat)
        except StoreUnavailable:
            await asyncio.sleep(_AFTER_TROUBLE)
            return []

    async def _seen(self, events: Sequence[StreamEvent]) -> bytes | None:
        """None when he may watch no more. Asked until the database answers: the events in hand must be neither lost
        nor shown unasked."""
        while not self._hub.closed:
            try:
                return await self._viewer.written(events) if await self._viewer.renew(events) else None
            except StoreUnavailable:
                await asyncio.sleep(_AFTER_TROUBLE)
        return None

    def _hello(self) -> bytes:
        if self._greeting is None:
            return _RETRY + b": welcome back\n\n"
        cursor = str(self._subscription.cursor)
        return _RETRY + block(cursor, self._greeting, orjson.dumps({"cursor": cursor}))

    def _beat(self) -> bytes:
        """A comment; with the cursor, if only other people's events moved it: a block without data is no event, but
        its id is remembered."""
        if self._told == self._subscription.cursor:
            return b": heartbeat\n\n"
        self._told = self._subscription.cursor
        return f": heartbeat\nid: {self._told}\n\n".encode()


def block(id: str, name: str, data: bytes) -> bytes:
    """One event as the stream carries it."""
    return b"id: %b\nevent: %b\ndata: %b\n\n" % (id.encode(), name.encode(), data)


async def _send(send: Send, chunk: bytes) -> None:
    await send({"type": "http.response.body", "body": chunk, "more_body": True})
