"""Conversations that were quiet already when a desk was applied whose rules want to hear of that.

Timers are armed when somebody writes (`silences`). A new desk may name times that nobody had named then; so once for
each desk, and once after a start, every open conversation is looked at, some at a time. A time that is over fires now.
No silence wakes a rule twice for the same time: what a timer has done stands in its row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, select, update

from casella.inbox.house import Deskbook, Rooms
from casella.inbox.state import IDLE, WAITING, Timer, arm, last_written, open_timers, silence_timer
from casella.store.rows import TableRow
from casella.store.tables import conversations, timers

_AT_ONCE = 200


class QuietWatch:
    """One per process that works. Any number of them may look at once."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms
        self._version = 0

    def look(self) -> int:
        """Returns how many conversations were looked at: none, unless the desk has changed. Part of the sweep."""
        version = self._rooms.desk.current.version
        if version == self._version:
            return 0
        looked = arm_quiet(self._rooms)
        self._version = version
        return looked


def arm_quiet(rooms: Rooms) -> int:
    """See that every open conversation has the timers that the desk's rules ask for. Returns how many there are."""
    book, looked, behind = rooms.desk.current, 0, ""
    while book.hears_silence:
        with rooms.store.write() as db:
            rows = _next(db, behind)
            _arm_some(db, book, rows)
        if not rows:
            break
        looked, behind = looked + len(rows), rows[-1].id
    return looked


def _next(db: Connection, behind: str) -> Sequence[TableRow]:
    columns = conversations.c
    query = select(columns.id, columns.waiting_since, columns.last_message_at).where(
        columns.status != "closed", columns.world == "shared", columns.id > behind
    )
    return list(db.execute(query.order_by(columns.id).limit(_AT_ONCE)))


def _arm_some(db: Connection, book: Deskbook, rows: Sequence[TableRow]) -> None:
    waiting = [
        silence_timer(WAITING, row.id, row.waiting_since, seconds)
        for row in rows
        if row.waiting_since is not None
        for seconds in book.silences.get(WAITING, ())
    ]
    arm(db, waiting)  # one for each time: those that have been there before stay as they are
    if book.open_silences:
        _arm_open(db, book, rows)
    if silences := book.silences.get(IDLE):
        ids = [row.id for row in rows]
        known = _idle_timers(db, ids)
        silent = {row.id: row.last_message_at for row in rows if row.last_message_at is not None}
        silent |= {id: datetime.fromisoformat(timer.payload["since"]) for id, timer in known.items()}
        silent |= {id: at for id in ids if (at := last_written(db, id)) is not None}
        _arm_idle(db, silent, known, silences)


def _arm_open(db: Connection, book: Deskbook, rows: Sequence[TableRow]) -> None:
    """Times that are counted in office hours, which may be others than they were. What has woken rules stays over."""
    wanted: dict[tuple[str, str, str], Timer] = {}
    for row in rows:
        for kind, since in ((WAITING, row.waiting_since), (IDLE, last_written(db, row.id) or row.last_message_at)):
            for timer in open_timers(book, kind, row.id, since) if since else ():
                wanted[timer.kind, timer.subject_id, timer.cause_id] = timer
    query = select(timers).where(timers.c.kind.in_((WAITING, IDLE)), timers.c.subject_id.in_([row.id for row in rows]))
    for known in db.execute(query):
        found = wanted.get((known.kind, known.subject_id, known.cause_id))
        if found is None or known.payload.get("span") is None:
            continue
        told = known.state == "fired" and known.payload["since"] == found.payload["since"]
        if told or (known.state == "waiting" and known.due_at <= found.due_at):
            del wanted[found.kind, found.subject_id, found.cause_id]
        elif known.state == "waiting":
            same = (timers.c.id == known.id, timers.c.state == "waiting")
            db.execute(update(timers).where(*same).values(due_at=found.due_at, payload=dict(found.payload)))
    arm(db, list(wanted.values()))


def _idle_timers(db: Connection, ids: Sequence[str]) -> Mapping[str, TableRow]:
    query = select(timers).where(timers.c.kind == IDLE, timers.c.cause_id == "", timers.c.subject_id.in_(ids))
    return {row.subject_id: row for row in db.execute(query)}


def _arm_idle(
    db: Connection, silent: Mapping[str, datetime], known: Mapping[str, TableRow], silences: Sequence[int]
) -> None:
    fresh: list[Timer] = []
    for conversation_id, since in silent.items():
        timer = known.get(conversation_id)
        if timer is None:
            fresh.append(silence_timer(IDLE, conversation_id, since, silences[0]))
        elif wanted := _sooner(timer, conversation_id, since, silences):
            unchanged = (timers.c.id == timer.id, timers.c.state == timer.state, timers.c.due_at == timer.due_at)
            values = {"state": "waiting", "due_at": wanted.due_at, "payload": dict(wanted.payload), "attempts": 0}
            db.execute(update(timers).where(*unchanged).values(values))
    arm(db, fresh)


def _sooner(timer: TableRow, conversation_id: str, since: datetime, silences: Sequence[int]) -> Timer | None:
    """The timer as it should be; None when it is right as it is, or has nothing more to do."""
    done = _done(timer, since)
    seconds = next((one for one in silences if one > done), None)
    if seconds is None:
        return None
    wanted = silence_timer(IDLE, conversation_id, since, seconds, done)
    right = timer.state == "waiting" and timer.due_at <= wanted.due_at
    return None if right else wanted


def _done(timer: TableRow, since: datetime) -> int:
    """For how long this silence has woken rules already; 0 for one that is younger than the timer."""
    payload = timer.payload
    if payload["since"] != since.isoformat():
        return 0
    before = int(payload.get("done", 0))
    return max(before, int(payload["seconds"])) if timer.state == "fired" else before
