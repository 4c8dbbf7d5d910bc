"""Answers to writes, kept under the key the caller gave them (law 2)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from casella.store.rows import TableRow
from casella.store.tables import idempotency_keys as keys


def begin(db: Connection, agent_id: str, key: str, fingerprint: str, at: datetime) -> bool:
    """True for the first to use the key. Whoever comes at the same instant waits here for the first one's commit, and
    is then told False; or True, if the first one gave up."""
    values = {"agent_id": agent_id, "key": key, "fingerprint": fingerprint, "created_at": at}
    dialect = postgresql if db.dialect.name == "postgresql" else sqlite
    statement = dialect.insert(keys).values(values).on_conflict_do_nothing().returning(keys.c.key)
    return db.execute(statement).first() is not None


def finish(db: Connection, agent_id: str, key: str, status: int, response: str) -> None:
    mine = (keys.c.agent_id == agent_id, keys.c.key == key)
    db.execute(update(keys).where(*mine).values(status=status, response=response))


def stored(db: Connection, agent_id: str, key: str) -> TableRow:
    return db.execute(select(keys).where(keys.c.agent_id == agent_id, keys.c.key == key)).one()


def release(db: Connection, agent_id: str, key: str) -> None:
    """Give the key back: what it was for has failed and may be tried again."""
    db.execute(delete(keys).where(keys.c.agent_id == agent_id, keys.c.key == key, keys.c.status.is_(None)))


def take_over(db: Connection, agent_id: str, key: str, before: datetime, at: datetime) -> bool:
    """True if whoever began with this key did so before that moment, and never came to an end."""
    abandoned = (keys.c.agent_id == agent_id, keys.c.key == key, keys.c.status.is_(None), keys.c.created_at < before)
    return db.execute(update(keys).where(*abandoned).values(created_at=at)).rowcount > 0
