"""Timers: what shall happen at a time, as rows (law 10). They survive every restart, and happen at most once.

(kind, subject, cause) is unique for ever, so that arming one twice is arming it once; firing one is a conditional
UPDATE in the transaction that does what it was armed for (`casella.inbox.background.timers_due`). Subjects are mostly
conversations, whose row is locked first: arming, canceling and firing one conversation's timers take turns.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, Text, update

from casella.store import bulk
from casella.store.feed import JsonValue
from casella.store.tables import timers

Payload = Mapping[str, JsonValue]
Values = Mapping[str, object]


def rule_kind(rule: str) -> str:
    """The kind of timer with which a delayed rule waits: an event in its `unless` cancels this kind."""
    return f"rule:{rule}"


@dataclass(frozen=True, slots=True)
class Timer:
    """A timer to be armed. `again`: if one with this key has been there before, it is armed anew."""

    kind: str
    subject_id: str
    cause_id: str
    due_at: datetime
    payload: Payload
    again: bool = False


class TimerBook:
    """The timers that one transaction arms and cancels. Costs nothing as long as nobody does."""

    def __init__(self, db: Connection) -> None:
        self._db = db
        self._armed: list[Timer] = []
        self._canceled: list[tuple[str, str]] = []

    def arm(self, timer: Timer) -> None:
        self._armed.append(timer)

    def arm_instead(self, timer: Timer) -> None:
        """From now on this one waits for its subject, and no other of its kind."""
        self.cancel(timer.subject_id, [timer.kind])
        self.arm(replace(timer, again=True))

    def cancel(self, subject_id: str, kinds: Iterable[str]) -> None:
        """Cancel what waits for this subject; what this very transaction has armed, too."""
        for kind in kinds:
            self._armed = [timer for timer in self._armed if (timer.subject_id, timer.kind) != (subject_id, kind)]
            self._canceled.append((subject_id, kind))

    def write(self) -> None:
        """Cancel first: what was armed later than it was canceled, waits."""
        if self._canceled:
            _CANCEL(self._db, [{"of": subject, "named": kind} for subject, kind in sorted(set(self._canceled))])
        arm(self._db, self._armed)
        self._armed, self._canceled = [], []


def arm(db: Connection, wanted: Sequence[Timer]) -> None:
    """Arm timers at once. One that is known already stays as it is, unless it says `again`."""
    for again in (False, True):
        rows: dict[tuple[str, str, str], Values] = {}  # the first of several with one name counts
        for timer in (one for one in wanted if one.again is again):
            name = {"kind": timer.kind, "subject_id": timer.subject_id, "cause_id": timer.cause_id}
            row = {**name, "due_at": timer.due_at, "payload": dict(timer.payload), "state": "waiting"}
            rows.setdefault((timer.kind, timer.subject_id, timer.cause_id), row)
        (_ARM_AGAIN if again else _ARM)(db, list(rows.values()))


def is_first(db: Connection, kind: str, subject_id: str, cause_id: str, now: datetime) -> bool:
    """Whether this is done for the first time: true for one of all who ever ask, in the transaction that does it."""
    row = {"kind": kind, "subject_id": subject_id, "cause_id": cause_id, "due_at": now, "payload": {}, "state": "fired"}
    return _ARM(db, [row]) > 0


_KEY = ["kind", "subject_id", "cause_id"]
_CANCEL = bulk.Update(
    lambda new: (
        update(timers)
        .where(timers.c.subject_id == new.of, timers.c.kind == new.named, timers.c.state == "waiting")
        .values(state="canceled")
    ),
    of=Text(),
    named=Text(),
)
_ARM = bulk.Insert(timers, lambda insert: insert.on_conflict_do_nothing())


def _wait_again(insert: bulk.DialectInsert) -> bulk.DialectInsert:
    new = insert.excluded
    return insert.on_conflict_do_update(
        index_elements=_KEY,
        set_={"state": "waiting", "due_at": new.due_at, "payload": new.payload, "attempts": 0},
        where=timers.c.state != "waiting",
    )


_ARM_AGAIN = bulk.Insert(timers, _wait_again)
