"""Putting away what has been closed for long (S-36): each inbox after its own time."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from casella.inbox.activity import Actor
from casella.inbox.house import Rooms
from casella.inbox.state import Workspace, recall
from casella.store.tables import conversations

AT_ONCE = 100
"""Conversations of one transaction: it holds their rows."""
_BY = Actor("system", "archive_after")


def archive_closed(rooms: Rooms) -> int:
    """Put away what is due, in small transactions. Returns how many there were."""
    done = 0
    for inbox in rooms.directory.current.inboxes.values():
        seconds = rooms.desk.current.archive_after(inbox.key)
        while seconds is not None and (some := _some(rooms, inbox.id, timedelta(seconds=seconds))):
            done += some
    if done:
        rooms.bell.feed()
    return done


def _some(rooms: Rooms, inbox_id: str, after: timedelta) -> int:
    columns, now = conversations.c, rooms.clock.now()
    due = (columns.inbox_id == inbox_id) & (columns.status == "closed") & columns.archived_at.is_(None)
    query = select(columns.id).where(due, columns.turned_at < now - after).order_by(columns.turned_at).limit(AT_ONCE)
    with rooms.store.read() as db:
        ids = db.execute(query).scalars().all()
    if not ids:
        return 0
    with rooms.store.write() as db:
        work = Workspace(rooms, db, now)
        found = recall(rooms, work, ids, former=True)
        archived = 0
        for conversation in found.values():
            conversation.acted_by = _BY
            if conversation.archive(now):
                archived += 1
                work.tell("conversation.updated", conversation, {"by": {"system": "archive_after"}})
        work.write()
    return archived
