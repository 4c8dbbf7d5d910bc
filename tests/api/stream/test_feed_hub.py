"""The law of the event feed, under everything that tries to break it: every event once, in one order, for everybody."""

from __future__ import annotations

import asyncio
import random
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy import event

from casella import metrics
from casella.api.stream.feed_hub import BATCH, FeedHub, Subscription, TooManyStreams
from casella.store import Store, feed, feed_order
from casella.store.feed import Cursor, FeedEvent
from casella.store.migrate import upgrade
from casella.store.tables import feed as feed_table

DEADLINE = 60.0


def append(store: Store, *names: str, pause: float = 0.0) -> None:
    with store.write() as db:
        feed.append(db, [FeedEvent(name, None, {"name": name}) for name in names], datetime.now(UTC))
        time.sleep(pause)  # the transaction stays open: on PostgreSQL later ones overtake it


@pytest.fixture
def store(migrated_url: str) -> Store:
    store = Store(migrated_url)
    upgrade(store)
    return store


async def listen(hub: FeedHub, seen: list[str], done: Callable[[], bool], pace: Callable[[], float]) -> None:
    """Reads, slowly at times; hangs up now and then and comes back with its last cursor, as browsers do."""
    cursor = Cursor()
    while not done():
        subscription = hub.subscribe(cursor)
        try:
            for _ in range(random.randint(1, 30)):
                for item in await subscription.next_batch(0.05):
                    seen.append(item.kind)
                    cursor = item.cursor
                if done():
                    return
                await asyncio.sleep(pace())
        finally:
            hub.unsubscribe(subscription)


def test_concurrent_writers_slow_readers_and_reconnections_lose_nothing(store: Store) -> None:
    writers, each, readers = 4, 60, 8
    hub = FeedHub(store, poll_seconds=0.2, queue_size=20)
    total = writers * each
    seen: list[list[str]] = [[] for _ in range(readers)]
    end = time.monotonic() + DEADLINE

    def write(number: int) -> None:
        chance = random.Random(number)
        for count in range(0, each, 2):
            append(store, f"{number}.{count}", f"{number}.{count + 1}", pause=chance.choice((0, 0, 0.001, 0.01)))
            if chance.random() < 0.7:  # a lost bell costs time, not events
                hub.wake()

    async def run() -> None:
        threads = [threading.Thread(target=write, args=(number,)) for number in range(writers)]
        for thread in threads:
            thread.start()
        paces = [lambda: 0.0, lambda: 0.0, lambda: random.random() / 50, lambda: random.random() / 10]
        await asyncio.gather(
            *(
                listen(hub, heard, lambda heard=heard: len(heard) >= total or time.monotonic() > end, paces[number % 4])  # type: ignore[misc]  # bound now
                for number, heard in enumerate(seen)
            )
        )
        for thread in threads:
            thread.join()

    asyncio.run(run())
    with store.read() as db:
        truth = [row.kind for row in feed.after(db, Cursor(), limit=10_000)]
    assert len(truth) == total
    for heard in seen:
        assert heard == truth
    for number in range(writers):  # and each writer's own events are in his order
        assert [kind for kind in truth if kind.startswith(f"{number}.")] == [f"{number}.{n}" for n in range(each)]
    store.close()


def test_who_comes_back_during_a_transaction_misses_nothing_that_others_were_told(migrated_pg_url: str) -> None:
    """What others have been told is offered to nobody again; whoever comes now must get it from the database, also
    while somebody who began before it was told is about to tell something."""
    store = Store(migrated_pg_url)
    hub = FeedHub(store, poll_seconds=0.02)
    append(store, "one", "two")

    async def run() -> list[str]:
        early = hub.subscribe(Cursor())
        for _ in range(2):  # the reader's own beginning sends everybody back to the database once
            await early.next_batch(0.5)
        heard = []
        with store.write() as slow:
            feed_order.begin(slow)  # behind "two"
            await asyncio.to_thread(append, store, "three")
            assert await first(early) == ["three"]
            feed.append(slow, [FeedEvent("four", None, {})], datetime.now(UTC))
            await asyncio.to_thread(append, store, "five")
            late = hub.subscribe(Cursor(1))
            heard += [item.kind for item in await late.next_batch(0.1)]
        while "five" not in heard:
            heard += [item.kind for item in await late.next_batch(1.0)]
        hub.unsubscribe(late)
        hub.unsubscribe(early)
        return heard

    assert asyncio.run(run()) == ["two", "three", "four", "five"]
    store.close()


def test_a_stream_that_is_too_slow_for_its_queue_goes_back_to_the_database(store: Store) -> None:
    hub = FeedHub(store, poll_seconds=0.02, queue_size=5)

    async def run() -> list[str]:
        subscription = hub.subscribe(Cursor())
        heard: list[str] = []
        for _ in range(2):  # the reader's own beginning sends everybody back to the database once
            assert await subscription.next_batch(0.5) == []
        before = metrics.feed_fallbacks._value.get()
        for number in range(40):
            await asyncio.to_thread(append, store, str(number))
        hub.wake()
        await until(lambda: metrics.feed_fallbacks._value.get() > before)
        while len(heard) < 40:
            heard += [item.kind for item in await subscription.next_batch(1.0)]
        hub.unsubscribe(subscription)
        return heard

    assert asyncio.run(run()) == [str(number) for number in range(40)]
    store.close()


def test_more_than_a_batch_is_caught_up_with(store: Store) -> None:
    append(store, *(str(number) for number in range(2 * BATCH + 7)))
    hub = FeedHub(store, poll_seconds=0.02)

    async def run() -> list[str]:
        subscription = hub.subscribe(Cursor())
        heard: list[str] = []
        while len(heard) < 2 * BATCH + 7:
            heard += [item.kind for item in await subscription.next_batch(1.0)]
        hub.unsubscribe(subscription)
        return heard

    assert asyncio.run(run()) == [str(number) for number in range(2 * BATCH + 7)]
    store.close()


def test_a_hundred_streams_share_one_read(store: Store) -> None:
    reads = 0

    def count(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        nonlocal reads
        reads += f"FROM {feed_table.name}" in statement.replace("\n", " ")

    hub = FeedHub(store, poll_seconds=30.0)

    async def run() -> list[list[str]]:
        subscriptions = [hub.subscribe(Cursor()) for _ in range(100)]
        for _ in range(2):  # the reader's own beginning sends everybody back to the database once
            await asyncio.gather(*(subscription.next_batch(0.5) for subscription in subscriptions))
        event.listen(store.engine, "before_cursor_execute", count)
        await asyncio.to_thread(append, store, "one")
        hub.wake()
        heard = await asyncio.gather(*(first(item) for item in subscriptions))
        for subscription in subscriptions:
            hub.unsubscribe(subscription)
        return list(heard)

    assert asyncio.run(run()) == [["one"]] * 100
    assert reads < 20
    store.close()


async def first(subscription: Subscription) -> list[str]:
    while True:
        if found := await subscription.next_batch(1.0):
            return [item.kind for item in found]


def test_the_number_of_streams_is_bounded(store: Store) -> None:
    hub = FeedHub(store, most_streams=1)

    async def run() -> None:
        subscription = hub.subscribe(Cursor())
        with pytest.raises(TooManyStreams):
            hub.subscribe(Cursor())
        hub.unsubscribe(subscription)
        hub.unsubscribe(hub.subscribe(Cursor()))

    asyncio.run(run())
    store.close()


def test_waking_costs_nothing_where_nobody_listens(store: Store) -> None:
    hub = FeedHub(store)
    for _ in range(3):
        hub.wake()
    hub.close()
    hub.wake()
    store.close()


async def until(happened: Callable[[], bool]) -> None:
    end = time.monotonic() + DEADLINE
    while not happened():
        assert time.monotonic() < end, "it never happened"
        await asyncio.sleep(0.005)
