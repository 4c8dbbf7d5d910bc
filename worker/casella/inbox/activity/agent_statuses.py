"""When agents came and went: a line for each change of their one switch."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert

from casella.store.queries import activity_queries
from casella.store.tables import agent_statuses


@dataclass(frozen=True, slots=True)
class StatusView:
    """From `at` on, until the next line."""

    at: datetime
    available: bool
    do_not_disturb: bool


def note_status(db: Connection, agent_id: str, at: datetime, *, available: bool, do_not_disturb: bool) -> None:
    """The agent's switch stands so from now on."""
    values = {"agent_id": agent_id, "at": at, "available": available, "do_not_disturb": do_not_disturb}
    db.execute(insert(agent_statuses), values)


def list_statuses(db: Connection, agent_id: str, limit: int) -> list[StatusView]:
    """The newest first."""
    rows = activity_queries.statuses(db, agent_id, limit)
    return [StatusView(row.at, row.available, row.do_not_disturb) for row in rows]
