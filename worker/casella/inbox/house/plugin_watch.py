"""What is set aside is the same in every process: a row for each method, told by the feed.

Whoever sets a method aside writes its row, whoever finds it working again deletes it; every process looks every half
second. A call of a plugin may stand in the middle of a transaction, so nobody writes there: it is done from here.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select, tuple_, update

from casella.errors import StoreUnavailable
from casella.host import Aside
from casella.inbox.house.rooms import Rooms
from casella.store import feed, journal
from casella.store.feed import FeedEvent
from casella.store.sessions import hold_briefly
from casella.store.tables import plugins_aside

EVERY = 0.5
"""Seconds between two looks."""
_KEY = (plugins_aside.c.plugin, plugins_aside.c.method)


def agree(rooms: Rooms, *, fresh: bool = False) -> None:
    """Tell the others what changed here, hear what they say, and which connections' webhooks wait behind kept ones.
    `fresh`: this process has just begun, perhaps with a mended plugin, so that what is set aside is tried without
    waiting. Raises StoreUnavailable."""
    breakers, now = rooms.host.breakers, rooms.clock.now()
    news = breakers.take_news()
    if news:
        try:
            with rooms.store.write() as db:
                _write(db, news, now)
        except StoreUnavailable:
            breakers.give_back(news)
            raise
        rooms.bell.feed()
    asked = time.monotonic()
    with rooms.store.read() as db:
        everywhere = asides(db, now)
        waiting = journal.connections_with_kept(db)
    let_in = breakers.adopt({(one.plugin, one.method): one for one in everywhere}, try_now=fresh)
    rooms.held.follow(waiting, asked)
    if let_in or any(aside is None for aside in news.values()):
        rooms.bell.deliveries()


def asides(db: Connection, now: datetime) -> list[Aside]:
    """What all processes together have set aside."""
    rows = db.execute(select(plugins_aside).order_by(*_KEY))
    return [
        Aside(row.plugin, row.method, row.reason, max(0.0, (row.until - now).total_seconds()), row.times)
        for row in rows
    ]


def _write(db: Connection, news: Mapping[tuple[str, str], Aside | None], now: datetime) -> None:
    hold_briefly(db)
    known = {tuple(row) for row in db.execute(select(*_KEY).where(tuple_(*_KEY).in_(list(news))).with_for_update())}
    told: list[dict[str, feed.JsonValue]] = []
    for key, aside in sorted(news.items()):
        row = (plugins_aside.c.plugin == key[0]) & (plugins_aside.c.method == key[1])
        told.append({"plugin": key[0], "method": key[1], "aside": aside is not None})
        if aside is None:
            db.execute(delete(plugins_aside).where(row))
            continue
        values = {"reason": aside.reason, "times": aside.times, "until": now + timedelta(seconds=aside.seconds)}
        if key in known:
            db.execute(update(plugins_aside).where(row).values(values))
        else:
            db.execute(insert(plugins_aside).values(plugin=key[0], method=key[1], since=now, **values))
    feed.append(db, [FeedEvent("plugin.updated", None, payload) for payload in told], now)
