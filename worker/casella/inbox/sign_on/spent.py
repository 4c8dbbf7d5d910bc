"""Sign-ins that were used: none is used twice."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql, sqlite

from casella.inbox.sign_on.refusals import SignInStale
from casella.store.forgetting import forget
from casella.store.tables import spent_sign_ins


def spend(db: Connection, digest: str, until: datetime) -> None:
    """Raises SignInStale where it was used before, also at this very moment by another process."""
    dialect = postgresql if db.dialect.name == "postgresql" else sqlite
    insert = dialect.insert(spent_sign_ins).values(digest=digest, until=until).on_conflict_do_nothing()
    if db.execute(insert.returning(spent_sign_ins.c.digest)).first() is None:
        raise SignInStale


def prune(db: Connection, now: datetime) -> int:
    """Forget a batch of what could be used no more anyway."""
    return forget(db, spent_sign_ins, spent_sign_ins.c.until < now)
