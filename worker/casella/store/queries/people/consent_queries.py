"""What the ledger of consent says, with the moments at which it was said."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import Connection, func, select

from casella.store.keys import ByKeys
from casella.store.rows import TableRow
from casella.store.tables import consents

Key = tuple[str, str]
_POOL_AND_ADDRESS = (consents.c.pool, consents.c.address)
_NEWEST = ByKeys(
    _POOL_AND_ADDRESS,
    lambda wanted: select(*_POOL_AND_ADDRESS, consents.c.state, consents.c.at).where(
        consents.c.id.in_(select(func.max(consents.c.id)).where(wanted).group_by(*_POOL_AND_ADDRESS))
    ),
)
_STOPS = ByKeys(
    _POOL_AND_ADDRESS,
    lambda wanted: (
        select(*_POOL_AND_ADDRESS, func.max(consents.c.at).label("last"))
        .where(wanted, consents.c.state == "opted_out")
        .group_by(*_POOL_AND_ADDRESS)
    ),
)


def newest_of(db: Connection, keys: Collection[Key]) -> Mapping[Key, TableRow]:
    """`state` and `at` of the newest entry of each (pool, address); one without an entry is absent."""
    return {(row.pool, row.address): row for row in db.execute(*_NEWEST(keys))} if keys else {}


def last_stops_of(db: Connection, keys: Collection[Key]) -> Mapping[Key, datetime]:
    """When each was opted out last; one that never was is absent."""
    return {(row.pool, row.address): row.last for row in db.execute(*_STOPS(keys))} if keys else {}
