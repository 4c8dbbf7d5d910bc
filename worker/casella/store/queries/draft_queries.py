"""Drafts that rules asked the assistant for: claimed by one worker at a time, fenced by a token."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects import postgresql, sqlite

from casella.store.rows import TableRow
from casella.store.tables import assistant_drafts as drafts


def add(db: Connection, values: Mapping[str, object]) -> bool:
    """False when this action of this rule has asked for this cause already."""
    dialect = postgresql if db.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(drafts).values(values).on_conflict_do_nothing().returning(drafts.c.id)
    return db.execute(statement).first() is not None


def claim(db: Connection, token: str, now: datetime, lease: timedelta) -> TableRow | None:
    """The oldest draft that is due, held for `lease`: whoever dies with it loses it to somebody else then."""
    due = select(drafts.c.id).where(drafts.c.state == "waiting", drafts.c.due_at <= now).order_by(drafts.c.due_at)
    chosen = db.execute(due.limit(1).with_for_update(skip_locked=True)).scalar_one_or_none()
    if chosen is None:
        return None
    values = {"token": token, "due_at": now + lease, "attempts": drafts.c.attempts + 1}
    return db.execute(update(drafts).where(drafts.c.id == chosen).values(values).returning(drafts)).one()


def finish(db: Connection, draft_id: int, token: str, values: Mapping[str, object]) -> bool:
    """False when the lease was lost meanwhile."""
    mine = (drafts.c.id == draft_id, drafts.c.token == token, drafts.c.state == "waiting")
    return db.execute(update(drafts).where(*mine).values(values)).rowcount > 0


def of_conversation(db: Connection, conversation_id: str, limit: int) -> Sequence[TableRow]:
    """The newest first."""
    query = select(drafts).where(drafts.c.conversation_id == conversation_id)
    return db.execute(query.order_by(drafts.c.id.desc()).limit(limit)).all()
