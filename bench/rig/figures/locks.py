"""How long a worker's transactions hold the locks that others want: seen by the driver's cursor, so that nothing is
missed, whatever the statement was written with.

A lock counts from the answer to the first statement of a transaction that takes it until its connection is given back,
just behind the commit. The time that this statement took is what was waited for it, plus what it took anyhow.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from typing import ClassVar

from psycopg import Connection
from psycopg.abc import Params, Query
from sqlalchemy import Engine, event

from casella.store.single_statements import SingleStatements

_ROWS = "lanes|agents|conversations|contact_addresses|channels"
_HELD = re.compile(rf"\bFROM\s+({_ROWS})\b.*\bFOR (NO KEY )?UPDATE", re.DOTALL)
_TURNS = "INSERT INTO conversation_turns"


@dataclass(slots=True)
class Held:
    """What became of one lock in all transactions of this process."""

    transactions: int = 0
    asked_seconds: float = 0.0
    held_seconds: float = 0.0


class LockWatch:
    """Begin it before the first connection is made."""

    current: ClassVar[LockWatch | None] = None

    def __init__(self) -> None:
        self.locks: dict[str, Held] = {}
        self._since: dict[int, dict[str, float]] = {}

    def begin(self) -> None:
        LockWatch.current = self
        event.listen(Engine, "connect", self._connected)
        event.listen(Engine, "checkin", self._given_back)

    def end(self) -> None:
        LockWatch.current = None
        event.remove(Engine, "connect", self._connected)
        event.remove(Engine, "checkin", self._given_back)

    def forget(self) -> None:
        """What has been seen until now is not counted."""
        self.locks = {}

    def asked(self, session: object, text: str, began: float) -> None:
        name = lock_of(text)
        held = self._since.setdefault(id(session), {})
        if name is None or name in held:
            return
        held[name] = now = time.perf_counter()
        lock = self.locks.setdefault(name, Held())
        lock.transactions += 1
        lock.asked_seconds += now - began

    def _connected(self, session: object, _record: object) -> None:
        if isinstance(session, Connection):
            session.cursor_factory = WatchedCursor

    def _given_back(self, session: object, _record: object) -> None:
        now = time.perf_counter()
        for name, since in self._since.pop(id(session), {}).items():
            self.locks.setdefault(name, Held()).held_seconds += now - since


def lock_of(text: str) -> str | None:
    """Whose rows this statement locks, for what it asks; None of one that only reads or writes."""
    if text.startswith(_TURNS):
        return "turns"
    found = _HELD.search(text) if " FOR " in text or "\nFOR " in text else None
    return found[1] if found else None


class WatchedCursor(SingleStatements):
    """The product's own cursor, with a look at each statement."""

    def execute(
        self, query: Query, params: Params | None = None, *, prepare: bool | None = None, binary: bool | None = None
    ) -> WatchedCursor:
        began = time.perf_counter()
        super().execute(query, params, prepare=prepare, binary=binary)  # type: ignore[arg-type, misc]  # SQLAlchemy writes text
        if LockWatch.current is not None:
            LockWatch.current.asked(self.connection, str(query), began)
        return self
