"""The starvation alarm: managers are told when somebody has waited too long in a team's queue (peers.md #33).

Once for each conversation that waits that long; a timer's unique key remembers whom was told about.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, func, select

from casella.inbox.assignment.queue import waits
from casella.inbox.house import InboxEntry, Rooms, TeamEntry
from casella.inbox.state import is_first
from casella.inbox.views import tell
from casella.store.feed import ConversationEvent, JsonValue
from casella.store.tables import contacts, conversations, timers

MANAGING = ("manager", "admin")
_AT_ONCE = 100


def raise_alarms(rooms: Rooms) -> int:
    """Tell managers about conversations that have waited longer than their team's `alarm_after`. Returns how many
    are new. Part of the sweep."""
    now = rooms.clock.now()
    told = 0
    for team in rooms.directory.current.teams.values():
        seconds = rooms.desk.current.alarm_after(team.key)
        if seconds is not None:
            told += _alarm(rooms, team, now, now - timedelta(seconds=seconds))
    if told:
        rooms.bell.feed()
    return told


def _alarm(rooms: Rooms, team: TeamEntry, now: datetime, before: datetime) -> int:
    starving = waits() & (conversations.c.team_id == team.id) & (conversations.c.queued_at <= before)
    told = select(timers.c.cause_id).where(timers.c.kind == "starving", timers.c.subject_id == team.id)
    query = (
        select(conversations.c.id, conversations.c.inbox_id, conversations.c.queued_at, contacts.c.name)
        .join(contacts, contacts.c.id == conversations.c.contact_id)
        .where(starving, conversations.c.id.not_in(told))
        .order_by(conversations.c.queued_at)
        .limit(_AT_ONCE)
    )
    with rooms.store.read() as db:
        if db.execute(query.limit(1)).first() is None:
            return 0
    with rooms.store.write() as db:
        rows = [row for row in db.execute(query).all() if is_first(db, "starving", team.id, row.id, now)]
        count = db.execute(select(func.count()).where(waits(), conversations.c.team_id == team.id)).scalar_one()
        events = [event for row in rows for event in _notices(rooms, team, row, now, count)]
        tell(rooms, db, events, now)
    return len(rows)


def _notices(
    rooms: Rooms, team: TeamEntry, row: Row[Any, Any, Any, Any], now: datetime, waiting: int
) -> list[ConversationEvent]:
    inbox = rooms.directory.current.inboxes.get(row.inbox_id)
    if inbox is None:
        return []
    payload: dict[str, JsonValue] = {
        "what": "queue_starving", "team": {"id": team.id, "key": team.key, "name": team.name}, "waiting": waiting,
        "since": row.queued_at.isoformat(), "contact_name": row.name,
    }  # fmt: skip
    return [ConversationEvent("notice", row.id, payload, agent_id) for agent_id in managers_of(rooms, inbox)]


def managers_of(rooms: Rooms, inbox: InboxEntry) -> list[str]:
    """Those of the inbox; the administrators where it has none."""
    people = rooms.directory.current.agents.values()
    own = [agent.id for agent in people if agent.role in MANAGING and agent.id in inbox.members]
    return own or [agent.id for agent in people if agent.role == "admin"]
