"""Timers whose time has come: each does what it was armed for, once, in the transaction that takes it.

    fire_due -> which are due (no lock) -> for each: lock its conversation, take the timer, do it, commit

A process that dies in between has done nothing: the timer is still waiting. One that fails is tried again a few times,
a minute apart, then parked as `failed` with its reason; `casella doctor` counts those.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from sqlalchemy import Connection, Row, select, update

from casella import metrics
from casella.errors import ClaimLost, StoreUnavailable
from casella.inbox.activity import Actor
from casella.inbox.background import timer_actions
from casella.inbox.background.schedules import run_schedule
from casella.inbox.commands import ConversationChange
from casella.inbox.house import Rooms
from casella.inbox.state import recall
from casella.store.forgetting import forget
from casella.store.rows import TableRow
from casella.store.tables import timers

_log = structlog.get_logger("casella.timers")
_AT_ONCE = 200
_FINAL_ATTEMPT = 3
_PAUSE = timedelta(minutes=1)
DueRow = Row[Any, Any, Any]
Wake = Callable[[ConversationChange, TableRow], bool]
"""Does what a timer says. False: what it was armed for no longer holds, and nothing was done."""

_BY_KIND: Mapping[str, Wake] = {
    "event": timer_actions.event,
    "idle": timer_actions.silence,
    "overflow": timer_actions.overflow,
    "reassign": timer_actions.reassign,
    "reply": timer_actions.reply,
    "rule": timer_actions.rule,
    "snooze": timer_actions.snooze,
    "waiting": timer_actions.silence,
}


def fire_due(rooms: Rooms, limit: int = _AT_ONCE) -> int:
    """Fire what is due, the longest due first. Returns how many were taken. Part of the sweep, in any number of
    processes at once."""
    now = rooms.clock.now()
    due = select(timers.c.id, timers.c.kind, timers.c.subject_id).where(
        timers.c.state == "waiting", timers.c.due_at <= now
    )
    with rooms.store.read() as db:
        rows = db.execute(due.order_by(timers.c.due_at, timers.c.id).limit(limit)).all()
    return sum(_fire(rooms, row) for row in rows)


def _fire(rooms: Rooms, row: DueRow) -> bool:
    try:
        fired = run_schedule(rooms, row.id) if row.kind == "schedule" else _wake(rooms, row)
    except StoreUnavailable:
        raise
    except ClaimLost:  # nothing was done: the timer still waits, and finds what is true then
        _log.warning("a claim was lost, the timer is fired a moment later", timer_id=row.id, kind=row.kind)
        return False
    except Exception as error:  # noqa: BLE001 - one timer that cannot be fired must not keep the others waiting
        _log.exception("timer not fired", timer_id=row.id, kind=row.kind)
        _count_failure(rooms, row.id, f"{type(error).__name__}: {error}")
        return False
    return fired


def _wake(rooms: Rooms, row: DueRow) -> bool:
    now = rooms.clock.now()
    with rooms.store.write() as db:
        turn = ConversationChange(rooms, db, now, Actor("system", row.kind.partition(":")[0]))
        found = recall(rooms, turn.work, [row.subject_id])
        turn.hold(found.get(row.subject_id))
        timer = _taken(db, row.id, now)
        if timer is None:
            return False
        done = turn.conversation is not None and _BY_KIND[row.kind.partition(":")[0]](turn, timer)
        turn.write()
        outcome = "fired" if done else "canceled"
        if not turn.armed_again:
            db.execute(update(timers).where(timers.c.id == row.id).values(state=outcome))
    turn.after_commit()
    metrics.timers.labels(outcome).inc()
    return True


def _taken(db: Connection, timer_id: int, now: object) -> TableRow | None:
    """The timer, if it is still waiting and due: locked until this transaction ends, so that one of all who try does
    what it says."""
    mine = select(timers).where(timers.c.id == timer_id, timers.c.state == "waiting", timers.c.due_at <= now)
    return db.execute(mine.with_for_update(key_share=True)).one_or_none()


def _count_failure(rooms: Rooms, timer_id: int, error: str) -> None:
    with rooms.store.write() as db:
        attempts = db.execute(select(timers.c.attempts).where(timers.c.id == timer_id)).scalar_one() + 1
        state = "failed" if attempts >= _FINAL_ATTEMPT else "waiting"
        values = {
            "attempts": attempts, "state": state, "error": error.replace("\x00", "")[:500],
            "due_at": rooms.clock.now() + _PAUSE,
        }  # fmt: skip
        db.execute(update(timers).where(timers.c.id == timer_id, timers.c.state == "waiting").values(values))
    if state == "failed":
        metrics.timers.labels("failed").inc()


def prune(db: Connection, before: datetime) -> int:
    """Forget a batch of timers that are long over, also those that failed. Their causes are as old, and will not come
    again."""
    return forget(db, timers, timers.c.state.in_(("fired", "canceled", "failed")), timers.c.due_at < before)


def failed(db: Connection) -> Sequence[TableRow]:
    """Timers that could not be fired, for `casella doctor`."""
    return db.execute(select(timers).where(timers.c.state == "failed").order_by(timers.c.id)).all()
