"""The event feed, read once per process and handed to every open stream.

The database is the truth; a wake-up only says when to look. One task reads what is new and puts it into each
subscription's bounded queue. A subscription begins by reading from the database, behind its own cursor, until there is
nothing more, and only then listens to its queue, dropping what it has already; one that is too slow for its queue
goes back to the database. So nothing is missed and nothing comes twice, whoever is slow and whatever wake-up is lost.
A contact's subscription is offered only what is his, so that thousands of visitors cost no more than a few.

    wake() -> reader: feed.after(position) -> every Subscription.offer(...) -> Subscription.next_batch()
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress

import anyio.to_thread
import structlog
from anyio import CapacityLimiter

from casella import metrics
from casella.api.stream.feed_events import BATCH, StreamEvent, TooManyStreams, read_after
from casella.api.stream.feed_owners import Owner, Owners
from casella.api.stream.stream_places import Holder, StreamPlaces
from casella.errors import StoreUnavailable
from casella.store import Store, feed
from casella.store.feed import Cursor

__all__ = ["BATCH", "FeedHub", "StreamEvent", "Subscription", "TooManyStreams", "read_after", "wait"]
_log = structlog.get_logger("casella.feed")
_SETTLING = (0.003, 0.006, 0.012, 0.025, 0.05, 0.1, 0.2, 0.4)
"""In how many seconds to look again after a wake-up on PostgreSQL: an event may wait for one with a smaller
id that is being committed."""

_PAUSE = 0.003  # many wake-ups in a row share one read
_READS_AT_ONCE = 8  # apart from the threads of the endpoints, so that slow ones delay no stream


class Subscription:
    """One stream's place in the feed. Made by `FeedHub.subscribe`; used from the event loop only. `owner`: only what
    belongs to this contact; None: everything."""

    def __init__(
        self, hub: FeedHub, cursor: Cursor, size: int, owner: Owner | None = None, holders: Sequence[Holder] = ()
    ) -> None:
        self.cursor = cursor
        self.owner = owner
        self.holders = holders
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
        return events

    def _from_queue(self) -> list[StreamEvent]:
        """What was offered. With an empty queue, everything up to the hub's own place has been looked at."""
        events = [event for event in self._queue if event.cursor > self.cursor]
        self._queue.clear()
        self.cursor = max(self.cursor, events[-1].cursor if events else self._hub.position or self.cursor)
        return events

    async def _from_database(self) -> list[StreamEvent]:
        """Listening begins before the read: whatever is committed behind it reaches the queue."""
        self._behind = False
        try:
            events = await self._hub.read(self.cursor)
        except BaseException:  # raised again, cancelling too: what was not read is read next time
            self._behind = True
            raise
        if len(events) == BATCH:
            self._behind = True
            self._queue.clear()
        if events:
            self.cursor = events[-1].cursor
        return events if self.owner is None else [e for e in events if self._hub.owners.of(e) == self.owner]


class FeedHub:
    """One per process. `wake` it from any thread whenever the feed has grown, `close` it before the server stops."""

    def __init__(
        self,
        store: Store,
        *,
        poll_seconds: float = 1.0,
        queue_size: int = 2 * BATCH,
        most_streams: int = 2000,
        most_contacts: int = 5000,
    ) -> None:
        self.closed = False
        self.position: Cursor | None = None  # behind everything that was offered
        self.owners = Owners()
        self._places = StreamPlaces()
        self._store = store
        self._poll = poll_seconds
        self._queue_size = queue_size
        self._most = most_streams
        self._most_contacts = most_contacts  # apart, so that visitors take no agent's place
        self._subscriptions: set[Subscription] = set()
        self._contacts: dict[Owner, set[Subscription]] = {}
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

    def subscribe(self, cursor: Cursor, owner: Owner | None = None, holders: Sequence[Holder] = ()) -> Subscription:
        """From the event loop; `unsubscribe` in the end. Raises TooManyStreams, TooManyOwnStreams."""
        contacts = sum(len(group) for group in self._contacts.values()) if owner or self._contacts else 0
        if (contacts >= self._most_contacts) if owner else (len(self._subscriptions) - contacts >= self._most):
            raise TooManyStreams
        self._places.take(holders)
        subscription = Subscription(self, cursor, self._queue_size, owner, holders)
        self._subscriptions.add(subscription)
        if owner is not None:
            self._contacts.setdefault(owner, set()).add(subscription)
        metrics.feed_subscribers.set(len(self._subscriptions))
        if self._task is None or self._task.done():
            self._begin()
        return subscription

    def unsubscribe(self, subscription: Subscription) -> None:
        if subscription in self._subscriptions:
            self._places.free(subscription.holders)
        self._subscriptions.discard(subscription)
        if subscription.owner is not None and (group := self._contacts.get(subscription.owner)):
            group.discard(subscription)
            if not group:
                del self._contacts[subscription.owner]
        metrics.feed_subscribers.set(len(self._subscriptions))
        self._ring()  # so that the reader ends when nobody listens

    async def read(self, cursor: Cursor) -> list[StreamEvent]:
        """The next events behind a cursor, from the database: at least those up to the hub's own place, which are
        offered to nobody again, whoever is about to tell something meanwhile. Raises StoreUnavailable."""
        settled = self.position.id if self.position else 0
        return await anyio.to_thread.run_sync(self._read, cursor, settled, limiter=self._turns)

    def _read(self, cursor: Cursor, settled: int) -> list[StreamEvent]:
        if not self._contacts:
            return read_after(self._store, cursor, settled=settled)
        with self._store.read() as db:
            events = [StreamEvent.of(row) for row in feed.after(db, cursor, BATCH, settled)]
            self.owners.learn(db, events)
            return events

    def _learn(self, events: Sequence[StreamEvent]) -> None:
        with self._store.read() as db:
            self.owners.learn(db, events)

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
        """Until nobody listens any more."""
        self.position = None
        while self._subscriptions and not self.closed:
            try:
                if self.position is None:
                    self.position = await anyio.to_thread.run_sync(_newest, self._store, limiter=self._turns)
                    self._fall_back()
                events = await self.read(self.position)
                while self._contacts and self.owners.lack(events):  # the first contact came during the read
                    await anyio.to_thread.run_sync(self._learn, events, limiter=self._turns)
            except StoreUnavailable:
                _log.warning("event feed not readable, trying again")
                await asyncio.sleep(self._poll)
                continue
            if events:
                self.position = events[-1].cursor
                metrics.feed_events.inc(len(events))
                self._offer(events)
            if len(events) < BATCH:
                await self._until_more()

    def _offer(self, events: Sequence[StreamEvent]) -> None:
        for subscription in self._subscriptions:
            if subscription.owner is None:
                subscription.offer(events)
        if self._contacts:
            for event in events:
                owner = self.owners.of(event)
                for subscription in self._contacts.get(owner, ()) if owner else ():
                    subscription.offer([event])

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
