"""The event feed, read once per process and handed to every open stream.

The database is the truth; a wake-up only says when to look. One task reads what is new and puts it into each
subscription's bounded queue. A subscription begins by reading from the database, behind its own cursor, until there is
nothing more, and only then listens to its queue, dropping what it has already; one that is too slow for its queue
goes back to the database. So nothing is missed and nothing comes twice, whoever is slow and whatever wake-up is lost.

    wake() -> reader: feed.after(position) -> every Subscription.offer(...) -> Subscription.next_batch()
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property

import anyio.to_thread
import orjson
import structlog
from anyio import CapacityLimiter

from casella import metrics
from casella.errors import CasellaError, StoreUnavailable
from casella.store import Store, feed
from casella.store.feed import Cursor
from casella.store.rows import TableRow

_log = structlog.get_logger("casella.feed")
BATCH = 500
_SETTLING = (0.003, 0.006, 0.012, 0.025, 0.05, 0.1, 0.2, 0.4)
"""In how many seconds to look again after a wake-up on PostgreSQL: an older transaction may hold an event back."""

_PAUSE = 0.003  # many wake-ups in a row share one read
_READS_AT_ONCE = 8  # apart from the threads of the endpoints, so that slow ones delay no stream


class TooManyStreams(CasellaError):
    """Too many event streams are open; close one and try again."""

    code = "too_many_streams"
    status = 503


@dataclass(frozen=True)
class StreamEvent:
    """One row of the feed, its JSON made once for all streams. `agent_id`: it is for this agent only."""

    cursor: Cursor
    kind: str
    inbox_id: str | None
    agent_id: str | None
    row: TableRow

    @classmethod
    def of(cls, row: TableRow) -> StreamEvent:
        return cls(Cursor(row.xact, row.id), row.kind, row.inbox_id, row.agent_id, row)

    @cached_property
    def json(self) -> bytes:
        """The event as clients get it."""
        row = self.row
        event = {
            "cursor": str(self.cursor),
            "kind": row.kind,
            "at": row.at,
            "inbox_id": row.inbox_id,
            "conversation_id": row.conversation_id,
            "payload": orjson.Fragment(row.payload),
        }
        return orjson.dumps(event, option=orjson.OPT_UTC_Z)


def read_after(store: Store, cursor: Cursor, limit: int = BATCH) -> list[StreamEvent]:
    """The next events behind a cursor. Raises StoreUnavailable."""
    with store.read() as db:
        return [StreamEvent.of(row) for row in feed.after(db, cursor, limit)]


class Subscription:
    """One stream's place in the feed. Made by `FeedHub.subscribe`; used from the event loop only."""

    def __init__(self, hub: FeedHub, cursor: Cursor, size: int) -> None:
        self.cursor = cursor
        self._hub = hub
        self._size = size
        self._queue: deque[StreamEvent] = deque()
        self._behind = True
        self._changed = asyncio.Event()

    def offer(self, events: Sequence[StreamEvent]) -> None:
        """From the hub. What does not fit will be read from the database."""
        if self._behind:
            return
        if len(self._queue) + len(events) > self._size:
            metrics.feed_fallbacks.inc()
            self.fall_back()
        else:
            self._queue.extend(events)
            self._changed.set()

    def fall_back(self) -> None:
        """From the hub: read from the database again, whatever was offered."""
        self._queue.clear()
        self._behind = True
        self._changed.set()

    def end(self) -> None:
        self._changed.set()

    async def next_batch(self, patience: float) -> list[StreamEvent]:
        """The next events, in order; empty after `patience` seconds without any, or when the hub is closed. Raises
        StoreUnavailable."""
        events = await self._from_database() if self._behind else []
        if not events and not self._queue and not self._behind and not self._hub.closed:
            self._changed.clear()
            await wait(self._changed, patience)
        if not events and not self._behind:
            events = self._from_queue()
        if events:
            self.cursor = events[-1].cursor
        return events

    def _from_queue(self) -> list[StreamEvent]:
        events = [event for event in self._queue if event.cursor > self.cursor]
        self._queue.clear()
        return events

    async def _from_database(self) -> list[StreamEvent]:
        """Listening begins before the read: whatever is committed behind it reaches the queue."""
        self._behind = False
        try:
            events = await self._hub.read(self.cursor)
        except BaseException:
            self._behind = True
            raise
        if len(events) == BATCH:
            self._behind = True
            self._queue.clear()
        return events


class FeedHub:
    """One per process. `wake` it from any thread whenever the feed has grown, `close` it before the server stops."""

    def __init__(
        self, store: Store, *, poll_seconds: float = 1.0, queue_size: int = 2 * BATCH, most_streams: int = 2000
    ) -> None:
        self.closed = False
        self._store = store
        self._poll = poll_seconds
        self._queue_size = queue_size
        self._most = most_streams
        self._subscriptions: set[Subscription] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._bell = asyncio.Event()
        self._rung = False
        self._task: asyncio.Task[None] | None = None
        self._turns: CapacityLimiter | None = None
        self._looks: Iterator[float] = iter(())
        self._settling: Sequence[float] = _SETTLING if store.dialect == "postgresql" else ()

    def wake(self) -> None:
        """The feed has grown. From any thread; many at once cost one."""
        if not self._rung:  # whoever finds it rung was committed before the read that follows
            self._rung = True
            self._in_loop(self._ring)

    def close(self) -> None:
        """End every stream now. From any thread."""
        self.closed = True
        self._in_loop(self._end_all)

    def subscribe(self, cursor: Cursor) -> Subscription:
        """From the event loop; `unsubscribe` in the end. Raises TooManyStreams."""
        if len(self._subscriptions) >= self._most:
            raise TooManyStreams
        subscription = Subscription(self, cursor, self._queue_size)
        self._subscriptions.add(subscription)
        metrics.feed_subscribers.set(len(self._subscriptions))
        if self._task is None or self._task.done():
            self._begin()
        return subscription

    def unsubscribe(self, subscription: Subscription) -> None:
        self._subscriptions.discard(subscription)
        metrics.feed_subscribers.set(len(self._subscriptions))
        self._ring()  # so that the reader ends when nobody listens

    async def read(self, cursor: Cursor) -> list[StreamEvent]:
        """The next events behind a cursor, from the database. Raises StoreUnavailable."""
        return await anyio.to_thread.run_sync(read_after, self._store, cursor, limiter=self._turns)

    def _in_loop(self, what: Callable[[], None]) -> None:
        if self._loop is None:
            return
        with suppress(RuntimeError):  # the loop has been closed: nobody listens
            self._loop.call_soon_threadsafe(what)

    def _ring(self) -> None:
        self._rung = False
        self._bell.set()

    def _end_all(self) -> None:
        for subscription in self._subscriptions:
            subscription.end()
        self._ring()

    def _begin(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._turns = CapacityLimiter(_READS_AT_ONCE)
        self._rung = False
        self._bell.clear()
        self._task = self._loop.create_task(self._read_for_all(), name="feed hub")

    async def _read_for_all(self) -> None:
        """Until nobody listens any more. `position` is behind everything that was offered."""
        position: Cursor | None = None
        while self._subscriptions and not self.closed:
            try:
                if position is None:
                    position = await anyio.to_thread.run_sync(_newest, self._store, limiter=self._turns)
                    self._fall_back()
                events = await self.read(position)
            except StoreUnavailable:
                _log.warning("event feed not readable, trying again")
                await asyncio.sleep(self._poll)
                continue
            if events:
                position = events[-1].cursor
                metrics.feed_events.inc(len(events))
                for subscription in self._subscriptions:
                    subscription.offer(events)
            if len(events) < BATCH:
                await self._until_more()

    async def _until_more(self) -> None:
        """Until it rings, or it is time to look anyway. Soon after a ring it looks a few times more by itself."""
        patience = next(self._looks, self._poll)
        if await wait(self._bell, patience):
            self._bell.clear()  # before reading, so that no ring is lost
            self._looks = iter(self._settling)
            await asyncio.sleep(_PAUSE)

    def _fall_back(self) -> None:
        """A subscription may have read before the position was known: what came between would be in neither."""
        for subscription in self._subscriptions:
            subscription.fall_back()


def _newest(store: Store) -> Cursor:
    with store.read() as db:
        return feed.newest(db)


async def wait(bell: asyncio.Event, seconds: float) -> bool:
    """True when it rang."""
    try:
        async with asyncio.timeout(seconds):
            await bell.wait()
    except TimeoutError:
        return False
    return True
