"""Messages whose parts did not all come: after a minute they are received with their gaps."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from sqlalchemy import delete, func, select, update

from casella.inbox.house import Rooms
from casella.inbox.receiving.events import EventApplier
from casella.inbox.receiving.message_parts import joined, same_message
from casella.store import journal
from casella.store.tables import message_parts

_log = structlog.get_logger("casella.receive")
PATIENCE = timedelta(seconds=60)
"""Carriers deliver the parts of a message within seconds of each other."""
_REMEMBERED = timedelta(days=1)
_COLUMNS = message_parts.c


def show_incomplete(rooms: Rooms) -> int:
    """Receive what has waited too long for its missing parts. Part of the sweep."""
    now = rooms.clock.now()
    with rooms.store.read() as db:
        found = db.execute(
            select(_COLUMNS.channel_id, _COLUMNS.contact_address, _COLUMNS.bundle)
            .where(_COLUMNS.shown_at.is_(None))
            .group_by(_COLUMNS.channel_id, _COLUMNS.contact_address, _COLUMNS.bundle)
            .having(func.max(_COLUMNS.received_at) <= now - PATIENCE)
        ).all()
    return sum(_show(rooms, row.channel_id, row.contact_address, row.bundle, now) for row in found)


def _show(rooms: Rooms, channel_id: str, address: str, bundle: str, now: datetime) -> int:
    channel = rooms.directory.current.channels.get(channel_id)
    if channel is None:
        return 0
    same = same_message(channel_id, address, bundle)
    with rooms.store.write() as db:
        if not journal.hold_lane(db, journal.lane_of(channel_id, address, rooms.settings.lanes)):
            return 0  # the sweep comes again
        db.execute(delete(message_parts).where(_COLUMNS.shown_at < now - _REMEMBERED))
        rows = db.execute(select(message_parts).where(same, _COLUMNS.shown_at.is_(None)).order_by(_COLUMNS.id)).all()
        if not rows or max(row.received_at for row in rows) > now - PATIENCE:
            return 0
        message_id, event = joined(rows)
        applier = EventApplier(rooms, db, now)
        applier.load([(channel, event)])
        applier.apply(message_id, rows[0].received_at, channel, event)
        applier.write()
        db.execute(update(message_parts).where(same).values(shown_at=now))
    applier.after_commit()
    _log.warning("message shown without some of its parts", message_id=message_id, parts=len(rows))
    return 1
