"""Changes that came before their message, and did not meet it: it was being written at that instant, by another worker
or by a send that had not returned. Part of the sweep."""

from __future__ import annotations

from casella.inbox.house import Rooms
from casella.inbox.receiving.events import EventApplier
from casella.inbox.receiving.kept_revisions import some_wait, with_message_by_now
from casella.store import journal


def match_early_revisions(rooms: Rooms) -> int:
    """Apply the changes whose message is there by now. Returns how many were tried."""
    with rooms.store.read() as db:
        waiting = with_message_by_now(db) if some_wait(db) else []
    known = rooms.directory.current.channels
    for channel_id, event in waiting:
        if (channel := known.get(channel_id)) is None:
            continue
        with rooms.store.write() as db:
            if not journal.hold_lane(db, journal.lane_of(channel_id, event.contact_address, rooms.settings.lanes)):
                continue  # the sweep comes again
            now = rooms.clock.now()
            applier = EventApplier(rooms, db, now)
            applier.load([(channel, event)])
            applier.apply("", now, channel, event)
            applier.write()
        applier.after_commit()
    return len(waiting)
