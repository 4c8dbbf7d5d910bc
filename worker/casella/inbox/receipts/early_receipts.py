"""Receipts that came before the send had returned: they wait for a day until the provider's id is known."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, delete

from casella.inbox.state import Values
from casella.store.keys import one_of
from casella.store.tables import receipts_pending

ExternalKey = tuple[str, str]
"""Channel and the provider's id."""


def take_early(db: Connection, keys: Iterable[ExternalKey]) -> dict[ExternalKey, list[Values]]:
    """Remove and return the receipts that came before these external ids were known, in order."""
    wanted = list(keys)
    if not wanted:
        return {}
    columns = receipts_pending.c
    rows = db.execute(
        delete(receipts_pending)
        .where(one_of((columns.channel_id, columns.external_id), wanted))
        .returning(columns.id, columns.channel_id, columns.external_id, columns.status, columns.problem)
    ).all()
    found: dict[ExternalKey, list[Values]] = {}
    for row in sorted(rows, key=lambda row: row.id):
        found.setdefault((row.channel_id, row.external_id), []).append(dict(row._mapping))
    return found
