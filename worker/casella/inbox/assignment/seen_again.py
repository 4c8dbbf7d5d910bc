"""Agents who have let conversations go and are seen again: they have answered somebody, or have been away."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, bindparam, select, update

from casella.inbox.assignment.candidates import Candidates
from casella.inbox.assignment.queue import waits
from casella.inbox.house import Rooms
from casella.inbox.state import Released, is_first
from casella.store.rows import TableRow
from casella.store.tables import conversations, timers
from casella_rules import is_open

_SEEN = "seen"
_AT_ONCE = 1000


def answers(db: Connection, agent_id: str, now: datetime) -> None:
    """This agent has answered somebody: what he has let go may come back to him. Written beside those conversations,
    whose rows are locked in an order that his answer could not keep."""
    query = select(conversations.c.id, conversations.c.queued_at).where(
        waits(), conversations.c.returned_by.contains(agent_id, autoescape=True)
    )
    for row in db.execute(query).all():
        is_first(db, _SEEN, row.id, _mark(agent_id, row.queued_at), now)


def look_who_is_back(rooms: Rooms) -> int:
    """Note who of them has answered somebody, or is away. Returns of how many conversations. Part of the sweep."""
    with rooms.store.read() as db:
        rows = db.execute(_LET_GO).all()
        changed = list(_changes(rooms, db, rows)) if rows else []
    if changed:
        with rooms.store.write() as db:
            db.execute(_NOTE, changed)
    return len(changed)


def _changes(rooms: Rooms, db: Connection, rows: Sequence[TableRow]) -> Iterator[dict[str, object]]:
    people = Candidates(rooms, db, holds=False)
    marks = select(timers.c.cause_id).where(timers.c.kind == _SEEN, timers.c.subject_id.in_([row.id for row in rows]))
    seen = set(db.execute(marks).scalars())
    for row in sorted(rows, key=lambda row: str(row.id)):
        let_go = Released.from_text(row.returned_by)
        back = {
            id for id in let_go.agents if _mark(id, row.queued_at) in seen or _is_away(rooms, people, id)
        }  # fmt: skip
        after = replace(let_go, seen=let_go.seen | back).as_text()
        if after != row.returned_by:
            yield {"row_id": row.id, "before": row.returned_by, "after": after}


def _is_away(rooms: Rooms, people: Candidates, agent_id: str) -> bool:
    load, known = people.loads.get(agent_id), rooms.directory.current.agents.get(agent_id)
    if load is None or known is None or not load.available or load.do_not_disturb:
        return True
    hours = rooms.desk.current.working_hours(known.key)
    return hours is not None and not is_open(hours, rooms.clock.now())


def _mark(agent_id: str, queued_at: datetime) -> str:
    return f"{agent_id}/{queued_at.isoformat()}"


_LET_GO = (
    select(*(conversations.c[name] for name in ("id", "queued_at", "returned_by")))
    .where(waits(), conversations.c.returned_by.is_not(None))
    .order_by(conversations.c.queued_at)
    .limit(_AT_ONCE)
)
_NOTE = (
    update(conversations)
    .where(conversations.c.id == bindparam("row_id"), conversations.c.returned_by == bindparam("before"), waits())
    .values(returned_by=bindparam("after"))
)
