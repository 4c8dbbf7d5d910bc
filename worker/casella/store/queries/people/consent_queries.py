"""What the ledger of consent says of pools and addresses."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from casella.store.keys import ByKeys
from casella.store.tables import consents

Key = tuple[str, str]


class Entry(NamedTuple):
    """The newest of its pool and address."""

    pool: str
    address: str
    state: str
    id: int
    at: datetime


class Stop(NamedTuple):
    """The last one of its pool and address."""

    pool: str
    address: str
    id: int
    at: datetime


_POOL_AND_ADDRESS = (consents.c.pool, consents.c.address)
_NEWEST = ByKeys(
    _POOL_AND_ADDRESS,
    Entry,
    lambda wanted: select(*_POOL_AND_ADDRESS, consents.c.state, consents.c.id, consents.c.at).where(
        consents.c.id.in_(select(func.max(consents.c.id)).where(wanted).group_by(*_POOL_AND_ADDRESS))
    ),
)
_STOPS = ByKeys(
    _POOL_AND_ADDRESS,
    Stop,
    lambda wanted: (
        select(*_POOL_AND_ADDRESS, func.max(consents.c.id).label("id"), func.max(consents.c.at).label("at"))
        .where(wanted, consents.c.state == "opted_out")
        .group_by(*_POOL_AND_ADDRESS)
    ),
)


def newest_of(db: Connection, keys: Collection[Key]) -> Mapping[Key, Entry]:
    """The newest entry of each (pool, address); one without an entry is absent."""
    return {(row.pool, row.address): row for row in _NEWEST(db, keys)} if keys else {}


def last_stops_of(db: Connection, keys: Collection[Key]) -> Mapping[Key, Stop]:
    """When each was opted out last; one that never was is absent."""
    return {(row.pool, row.address): row for row in _STOPS(db, keys)} if keys else {}
