"""Receiving: a lane of the journal is drained in order, a batch in one transaction, by one worker at a time (law 3).

    drain_lane -> _apply_batch: hold the lane, read what waits, apply each event, route, write, mark done, commit

A row that cannot be applied must not stop the ones behind it: a failing batch is taken again in halves, and a row
that fails three times alone is parked as `failed` with its reason, shown by `casella doctor`, taken up by
`casella replay`. Batches grow back as they succeed.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import datetime

import structlog
from sqlalchemy import Connection

from casella import metrics
from casella.errors import ClaimLost, StoreUnavailable
from casella.inbox.house import ChannelEntry, Rooms
from casella.inbox.receiving.events import EventApplier
from casella.inbox.receiving.private_numbers import OutdatedDirectory, require_current
from casella.plugin import Event, event_from_json
from casella.store import journal

_log = structlog.get_logger("casella.receive")
JournalRow = journal.WaitingRow
BATCH = 256
_FINAL_ATTEMPT = 3
_OF_PLUGINS = "Plugin"  # how the error of an event that a plugin failed at begins: PluginFailed, PluginAway
_MOST_LOST = 20  # in a row; then the sweep rings again
_FOR_ANOTHER = 0.25
"""Seconds to wait for a lane that another process holds: a batch takes less, and whoever has more to apply goes on with
what has come meanwhile. One that holds it for longer has stopped: its session will be ended, and the sweep rings."""


class UnknownChannel(Exception):
    """The channel of a journal row is not in the directory."""


class LaneHeld(Exception):
    """Another process is draining the lane."""


def drain_lane(rooms: Rooms, lane: int) -> int:
    """Apply everything that waits in the lane. Returns how many rows were applied; fewer where another process holds
    the lane. Raises StoreUnavailable, and ClaimLost where others are faster again and again; the sweep rings again."""
    applied, size, lost, patience = 0, BATCH, 0, time.monotonic() + _FOR_ANOTHER
    while True:
        taken: list[JournalRow] = []
        try:
            count = _apply_batch(rooms, lane, size, taken)
        except LaneHeld:
            if time.monotonic() > patience:
                return applied
            time.sleep(_FOR_ANOTHER / 10)
        except OutdatedDirectory:
            rooms.directory.refresh()
        except StoreUnavailable:
            if len(taken) <= 1:
                raise
            size = len(taken) // 2  # it may have stood still for longer than its session may: less takes less
        except ClaimLost:  # nothing of the batch was kept: it is applied again to what is true now
            lost += 1
            if lost > _MOST_LOST:
                raise
            _log.warning("a claim was lost, the batch is applied again", lane=lane, rows=len(taken))
        except Exception as error:  # one bad row must not stop the lane: it is found and parked
            if isinstance(error, UnknownChannel) and rooms.directory.refresh():
                continue  # another process has applied a desk a moment ago
            if not taken:
                raise
            if len(taken) == 1:
                _count_failure(rooms, lane, taken[0], error)
            else:
                _log.warning("batch failed, halving it", lane=lane, rows=len(taken), error=type(error).__name__)
            size = max(1, len(taken) // 2)
        else:
            applied, lost = applied + count, 0
            if count < size:
                return applied  # that was all: what has come since rings again
            size = min(BATCH, size * 2)


def _apply_batch(rooms: Rooms, lane: int, limit: int, taken: list[JournalRow]) -> int:
    """Returns how many rows were applied; `taken` gets them, so that the caller knows whose failure it was. Raises
    LaneHeld."""
    began = time.perf_counter()
    with rooms.store.write() as db:
        if not journal.hold_lane(db, lane):
            raise LaneHeld
        taken += journal.pending(db, lane, limit)
        if not taken:
            return 0
        require_current(rooms, db, {row.channel_id for row in taken})
        work = apply_rows(rooms, db, taken, rooms.clock.now())
        journal.finish(db, [row.id for row in taken])
    work.after_commit()
    metrics.lane_batch.observe(len(taken))
    metrics.lane_seconds.observe(time.perf_counter() - began)
    return len(taken)


def apply_rows(rooms: Rooms, db: Connection, rows: Sequence[JournalRow], now: datetime) -> EventApplier:
    """Apply journal rows in order within the caller's transaction."""
    directory = rooms.directory.current
    events: list[tuple[JournalRow, ChannelEntry, Event]] = []
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


def _count_failure(rooms: Rooms, lane: int, row: JournalRow, error: Exception) -> None:
    """Park the row when it has had its chances."""
    final = row.attempts + 1 >= _FINAL_ATTEMPT
    _log.error(
        "event not applied", lane=lane, message_id=row.message_id, journal_id=row.id, parked=final, exc_info=error
    )
    with rooms.store.write() as db:
        journal.fail(db, row.id, f"{type(error).__name__}: {error}", final=final)
    if final:
        metrics.journal_rows.labels("failed").inc()


def ring_lanes(rooms: Rooms) -> None:
    """For what waits in lanes whose bell was not heard."""
    with rooms.store.read() as db:
        waiting = journal.waiting_lanes(db)
    rooms.bell.lanes(waiting)


def retry_parked(rooms: Rooms) -> None:
    """Events that only a plugin kept from being applied: it may be able to now."""
    with rooms.store.read() as db:
        parked = journal.has_failed(db, _OF_PLUGINS)
    if parked:
        with rooms.store.write() as db:
            journal.retry_failed(db, _OF_PLUGINS)
