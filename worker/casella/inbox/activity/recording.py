"""Writing the record."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection

from casella.inbox.activity.deeds import Actor, Deed, HouseWhat
from casella.store import bulk
from casella.store.tables import activity


def record(db: Connection, deeds: Iterable[tuple[str, Deed]], at: datetime) -> None:
    """Deeds about conversations, by the conversation's id, in the order in which they were done."""
    rows = [
        {
            "at": at, "conversation_id": conversation_id, "actor_kind": deed.by.kind, "actor_id": deed.by.id,
            "what": deed.what, "before": deed.before, "after": deed.after,
        }
        for conversation_id, deed in deeds
    ]  # fmt: skip
    bulk.insert(db, activity, rows)


def record_of_house(
    db: Connection, by: Actor, what: HouseWhat, changed: Iterable[tuple[str | None, str | None]], at: datetime
) -> None:
    """What was done to the organisation: before and after, in words."""
    rows = [
        {
            "at": at, "conversation_id": None, "actor_kind": by.kind, "actor_id": by.id,
            "what": what, "before": before, "after": after,
        }
        for before, after in changed
    ]  # fmt: skip
    bulk.insert(db, activity, rows)
