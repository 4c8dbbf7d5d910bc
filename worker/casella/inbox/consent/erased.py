"""What somebody had stopped before he was erased: kept without his address, so that it holds if that comes back."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, delete, select

from casella.inbox.house import Rooms
from casella.store import bulk
from casella.store.prepared import Query, among
from casella.store.rows import TableRow
from casella.store.sealing import derive
from casella.store.tables import consents, erased_stops


def keep_stops(rooms: Rooms, db: Connection, addresses: Sequence[str]) -> None:
    """The newest state of each pool of these addresses, as digests; the ledger's own rows about them are gone."""
    rows = db.execute(select(consents).where(consents.c.address.in_(addresses)).order_by(consents.c.id)).all()
    standing: dict[tuple[str, str], TableRow] = {(row.pool, row.address): row for row in rows}
    key = rooms.settings.secret_keys()[0]
    for (pool, address), row in standing.items():
        digest = _digest(key, address)
        there = (erased_stops.c.digest == digest) & (erased_stops.c.pool == pool)
        db.execute(delete(erased_stops).where(there))
        kept = {"digest": digest, "pool": pool, "state": row.state, "source": row.source, "at": row.at}
        bulk.insert(db, erased_stops, [kept])
    db.execute(delete(consents).where(consents.c.address.in_(addresses)))


def recall_stops(rooms: Rooms, db: Connection, addresses: Iterable[str], now: datetime) -> None:
    """New addresses that are known by their digests: what was stopped is stopped."""
    keys = rooms.settings.secret_keys()
    known = {_digest(key, address): address for address in addresses for key in keys}
    if not known:
        return
    of = erased_stops.c
    rows = _KNOWN(db, digests=known)
    bulk.insert(
        db, consents,
        [
            {
                "pool": row.pool, "address": known[row.digest], "state": row.state, "source": row.source,
                "evidence": "", "agent_id": None, "message_id": None, "at": now,
            }
            for row in rows
        ],
    )  # fmt: skip
    if rows:
        db.execute(delete(erased_stops).where(of.digest.in_([row.digest for row in rows])))


class _Stop(NamedTuple):
    digest: str
    pool: str
    state: str
    source: str


_KNOWN = Query(
    _Stop,
    select(*(erased_stops.c[name] for name in _Stop._fields))
    .where(among(erased_stops.c.digest, "digests"))
    .order_by(erased_stops.c.digest, erased_stops.c.pool),
)


def _digest(key: str, address: str) -> str:
    return hmac.new(derive(key, "erased addresses"), address.encode(), hashlib.sha256).hexdigest()
