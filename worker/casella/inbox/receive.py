"""Receiving: a lane of the journal is drained in order, a batch in one transaction, by one worker at a time (law 3).

    drain_lane -> _apply_batch: hold the lane, read what waits, apply each event, route, write, mark done, commit

A row that cannot be applied must not stop the ones behind it: a failing batch is taken again row by row, and a row
that fails three times is parked as `failed` with its reason, shown by `casella doctor`, taken up by `casella replay`.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime

import structlog
from sqlalchemy import Connection, Row

from casella import metrics
from casella.errors import StoreUnavailable
from casella.inbox.directory import ChannelEntry
from casella.inbox.incoming import EventApplier
from casella.inbox.rooms import Rooms
from casella.plugin import Event, event_from_json
from casella.store import journal

_log = structlog.get_logger("casella.receive")
BATCH = 256
_FINAL_ATTEMPT = 3


class UnknownChannel(Exception):
    """The channel of a journal row is not in the directory."""


def drain_lane(rooms: Rooms, lane: int) -> int:
    """Apply everything that waits in the lane. Returns how many rows were applied. Raises StoreUnavailable; the
    sweep rings again."""
    applied = 0
    while True:
        try:
            count = _apply_batch(rooms, lane, BATCH)
        except StoreUnavailable:
            raise
        except Exception:  # noqa: BLE001 - one bad row must not stop the lane: it is found and parked below
            _log.exception("batch failed, taking it row by row", lane=lane)
            count = _apply_one_by_one(rooms, lane)
        applied += count
        if count == 0:
            return applied


def _apply_batch(rooms: Rooms, lane: int, limit: int) -> int:
    began = time.perf_counter()
    with rooms.store.write() as db:
        journal.hold_lane(db, lane)
        rows = journal.pending(db, lane, limit)
        if not rows:
            return 0
        work = apply_rows(rooms, db, rows, rooms.clock.now())
        journal.finish(db, [row.id for row in rows])
    work.after_commit()
    metrics.lane_batch.observe(len(rows))
    metrics.lane_seconds.observe(time.perf_counter() - began)
    return len(rows)


def apply_rows(rooms: Rooms, db: Connection, rows: Sequence[Row[tuple[object, ...]]], now: datetime) -> EventApplier:
    """Apply journal rows in order within the caller's transaction."""
    directory = rooms.directory.current
    events: list[tuple[Row[tuple[object, ...]], ChannelEntry, Event]] = []
    for row in rows:
        channel = directory.channels.get(row.channel_id)
        if channel is None:
            raise UnknownChannel(row.channel_id)
        events.append((row, channel, event_from_json(row.event)))
    applier = EventApplier(rooms, db, now)
    applier.load([(channel, event) for _, channel, event in events])
    for row, channel, event in events:
        applier.apply(row.message_id, row.received_at, channel, event)
    applier.write()
    return applier


def _apply_one_by_one(rooms: Rooms, lane: int) -> int:
    """Take the first row alone; on failure count it, and park it when it has had its chances."""
    with rooms.store.read() as db:
        first = journal.pending(db, lane, 1)
    if not first:
        return 0
    row = first[0]
    try:
        return _apply_batch(rooms, lane, 1)
    except StoreUnavailable:
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, it is recorded with the row and shown
        final = row.attempts + 1 >= _FINAL_ATTEMPT
        _log.exception("event not applied", lane=lane, message_id=row.message_id, journal_id=row.id, parked=final)
        with rooms.store.write() as db:
            journal.fail(db, row.id, f"{type(error).__name__}: {error}", final=final)
        if final:
            metrics.journal_rows.labels("failed").inc()
        return 1
