"""Schedules: a time of the calendar, asked of every conversation that is not closed.

The next slot of every (expression, time zone) is a timer long before it comes: (schedule, slot) is unique, so that it
comes once, however many processes there are, and also when all of them were down at that moment. Conversations are
taken some at a time; how far it has come stands in the timer, so that a process that dies is followed by another.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

import structlog
from sqlalchemy import Connection, select, update

from casella.errors import ClaimLost, StoreUnavailable
from casella.inbox.consent import ConsentBook
from casella.inbox.house import Rooms
from casella.inbox.routing import Happening, Router
from casella.inbox.state import Timer, Workspace, arm, recall
from casella.store.rows import TableRow
from casella.store.tables import conversations, timers
from casella_rules import Chain
from casella_rules.language.calendar_times import next_time

_log = structlog.get_logger("casella.schedules")
_AT_ONCE = 50


def arm_schedules(rooms: Rooms) -> int:
    """Make sure that the next slot of every schedule has its timer. Returns how many were missing. Part of the sweep;
    asks the database only when one is over."""
    now = rooms.clock.now()
    wanted = list(_next_slots(rooms, now))
    if not wanted:
        return 0
    with rooms.store.read() as db:
        missing = [timer for timer in wanted if not _is_armed(db, timer)]
    if missing:
        with rooms.store.write() as db:
            arm(db, missing)
    return len(missing)


def _next_slots(rooms: Rooms, now: datetime) -> Iterator[Timer]:
    zones = sorted({inbox.timezone for inbox in rooms.directory.current.inboxes.values()})
    for cron in rooms.desk.current.ruleset.schedules:
        for zone in zones:
            slot = next_time(cron, now, zone)
            if slot is not None:
                payload = {"cron": cron, "zone": zone, "behind": ""}
                yield Timer("schedule", f"{cron}|{zone}", slot.isoformat(), slot, payload)


def _is_armed(db: Connection, timer: Timer) -> bool:
    key = (
        timers.c.kind == timer.kind, timers.c.subject_id == timer.subject_id, timers.c.cause_id == timer.cause_id
    )  # fmt: skip
    return db.execute(select(timers.c.id).where(*key)).first() is not None


def run_schedule(rooms: Rooms, timer_id: int) -> bool:
    """A slot has come: every conversation is asked, some per transaction. False if another process has the slot. Like
    a lane's batch, one that fails is taken again in halves; a conversation that fails alone is passed over, and the
    timer tells of it."""
    size = _AT_ONCE
    while True:
        try:
            state = _ask_some(rooms, timer_id, size)
            size = min(_AT_ONCE, size * 2)
        except (StoreUnavailable, ClaimLost):
            raise
        except Exception as error:  # noqa: BLE001 - one conversation must not keep the schedule from the others
            if size > 1:
                _log.warning("batch failed, halving it", timer_id=timer_id, error=type(error).__name__)
                size //= 2
                continue
            state = _pass_over(rooms, timer_id, error)
        rooms.bell.deliveries()
        rooms.bell.feed()
        if state != "waiting":
            return state in ("fired", "failed")


def _mine(db: Connection, timer_id: int) -> TableRow | None:
    mine = select(timers).where(timers.c.id == timer_id, timers.c.state == "waiting")
    return db.execute(mine.with_for_update(key_share=True, skip_locked=True)).one_or_none()


def _ask_some(rooms: Rooms, timer_id: int, most: int) -> str | None:
    """The timer's state afterwards; None if another process has it."""
    with rooms.store.write() as db:
        timer = _mine(db, timer_id)
        if timer is None:
            return None
        payload = timer.payload
        trigger = f"schedule {payload['cron']}"
        ids = _next_conversations(rooms, db, payload, most)
        if not rooms.desk.current.wakes(trigger):
            state = "canceled"  # the desk has changed since: nobody waits for it any more
        else:
            _let_happen(rooms, db, trigger, timer.cause_id, ids)
            over = "failed" if timer.error else "fired"
            state = over if len(ids) < most else "waiting"
        values = {"state": state, "payload": {**payload, "behind": ids[-1] if ids else payload["behind"]}}
        db.execute(update(timers).where(timers.c.id == timer.id).values(values))
        return state


def _pass_over(rooms: Rooms, timer_id: int, error: Exception) -> str | None:
    """Leave out the next conversation, which cannot be asked. Raises the error if there is none to blame."""
    with rooms.store.write() as db:
        timer = _mine(db, timer_id)
        if timer is None:
            return None
        ids = _next_conversations(rooms, db, timer.payload, 1)
        if not ids:
            raise error
        _log.error("schedule not asked", timer_id=timer_id, conversation_id=ids[0], exc_info=error)
        said = f"conversation {ids[0]}: {type(error).__name__}: {error}".replace("\x00", "")[:500]
        values = {"error": said, "payload": {**timer.payload, "behind": ids[0]}}
        db.execute(update(timers).where(timers.c.id == timer_id).values(values))
    return "waiting"


def _next_conversations(rooms: Rooms, db: Connection, payload: dict[str, str], most: int) -> Sequence[str]:
    zone, behind = payload["zone"], payload["behind"]
    inbox_ids = [inbox.id for inbox in rooms.directory.current.inboxes.values() if inbox.timezone == zone]
    query = select(conversations.c.id).where(
        conversations.c.status != "closed",
        conversations.c.world == "shared",
        conversations.c.inbox_id.in_(inbox_ids),
        conversations.c.id > behind,
    )
    return db.execute(query.order_by(conversations.c.id).limit(most)).scalars().all()


def _let_happen(rooms: Rooms, db: Connection, trigger: str, slot: str, ids: Sequence[str]) -> None:
    work = Workspace(rooms, db, rooms.clock.now())
    consent = ConsentBook(rooms, db, work.now)
    router = Router(rooms, work, consent)
    found = recall(rooms, work, ids)
    consent.load([(state.channel, state.address.address) for state in found.values()])
    for conversation in found.values():
        if conversation.row["status"] != "closed":  # closed since it was looked for
            cause = f"{trigger}/{slot}/{conversation.id}"
            router.happened(Happening(trigger, conversation, cause, Chain(cause)))
    router.run()
    router.settle()
    work.write()
    router.finish()
    consent.write()
