"""The one switch for new work of an agent."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, update

from casella.inbox.activity import note_status
from casella.inbox.house import Rooms
from casella.inbox.reading import Member
from casella.inbox.routing import agent_can_take_work
from casella.store import feed
from casella.store.tables import agents


def set_available(
    db: Connection, rooms: Rooms, member: Member, at: datetime, *, available: bool, do_not_disturb: bool | None = None
) -> None:
    """One switch for all queues of an agent (S-76); conversations he has stay his (A-12). Who does not want to be
    disturbed is given nothing either; None leaves that as it is."""
    quiet = member.do_not_disturb if do_not_disturb is None else do_not_disturb
    mine = agents.c.id == member.id
    differs = agents.c.available.is_not(available) | agents.c.do_not_disturb.is_not(quiet)
    changed = db.execute(update(agents).where(mine, differs).values(available=available, do_not_disturb=quiet))
    if changed.rowcount:
        payload: dict[str, feed.JsonValue] = {"agent_id": member.id, "available": available, "do_not_disturb": quiet}
        note_status(db, member.id, at, available=available, do_not_disturb=quiet)
        feed.append(db, [feed.FeedEvent("agent.updated", None, payload)], at)
        if available and not quiet:
            agent_can_take_work(rooms, db, member.id, at)
