"""Queries of the journal: append once, read a lane in order, mark what is done."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, Row, bindparam, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from casella.errors import ConfigurationError
from casella.store import bulk
from casella.store.forgetting import forget
from casella.store.prepared import Change, Query, among
from casella.store.tables import journal, kept_webhooks, lanes

JournalRow = Mapping[str, object]


def lane_of(channel_id: str, contact_address: str, count: int) -> int:
    """The lane of everything between a channel and a contact; the same in every process, for ever."""
    return zlib.crc32(f"{channel_id}|{contact_address}".encode()) % count


class WaitingRow(NamedTuple):
    """An event that waits in its lane."""

    id: int
    lane: int
    channel_id: str
    message_id: str
    identity: str
    event: str
    received_at: datetime
    attempts: int
    error: str | None


class _Lane(NamedTuple):
    lane: int


_APPEND = bulk.Insert(journal, lambda insert: insert.on_conflict_do_nothing())
_HOLD = Query(_Lane, select(lanes.c.lane).where(lanes.c.lane == bindparam("number")).with_for_update(skip_locked=True))
_PENDING = Query(
    WaitingRow,
    select(*(journal.c[name] for name in WaitingRow._fields))
    .where(journal.c.lane == bindparam("number"), journal.c.state == "pending")
    .order_by(journal.c.id)
    .limit(bindparam("most")),
)
_FINISH = Change(update(journal).where(among(journal.c.id, "ids")).values(state="done"))


def append(connection: Connection, rows: Sequence[JournalRow]) -> int:
    """Add rows in order; those whose identity is known already vanish. Returns how many were new."""
    return _APPEND(connection, rows)


def hold_lane(connection: Connection, lane: int) -> bool:
    """Make this transaction the only one that drains the lane; False where another one is. Nobody waits for that: a
    process that was stopped with some lanes would soon hold all threads of the others, too. If its process dies, the
    database lets go with the connection: no lease to wait for, no stalled worker that could finish another's work."""
    return bool(_HOLD(connection, number=lane))


def pending(connection: Connection, lane: int, limit: int) -> Sequence[WaitingRow]:
    """The oldest waiting rows of a lane, in order."""
    return _PENDING(connection, number=lane, most=limit)


def finish(connection: Connection, ids: Sequence[int]) -> None:
    _FINISH(connection, ids=ids)


def fail(connection: Connection, id: int, error: str, *, final: bool) -> None:
    """Count a failed attempt; a final one parks the row, so that the lane goes on. `casella replay` takes it up. A
    row that somebody has applied meanwhile stays done."""
    values = {"attempts": journal.c.attempts + 1, "error": error.replace("\x00", "")[:500]}
    waiting = (journal.c.id == id) & (journal.c.state == "pending")
    connection.execute(update(journal).where(waiting).values(values | ({"state": "failed"} if final else {})))


def waiting_lanes(connection: Connection) -> Sequence[int]:
    """Lanes in which rows wait."""
    return connection.execute(select(journal.c.lane).where(journal.c.state == "pending").distinct()).scalars().all()


def oldest_waiting(connection: Connection) -> datetime | None:
    """When the longest waiting row came in; None when nothing waits."""
    return connection.execute(
        select(func.min(journal.c.received_at)).where(journal.c.state == "pending")
    ).scalar_one_or_none()


def ensure_lanes(connection: Connection, count: int) -> None:
    """Make it `count` lanes. Raises ConfigurationError while rows wait under another number: a contact's next message
    would go to another lane than the one that still holds his last."""
    known = set(connection.execute(select(lanes.c.lane)).scalars())
    wanted = set(range(count))
    if known == wanted:
        return
    if known and waiting_lanes(connection):
        raise ConfigurationError(
            f"CASELLA_LANES was {len(known)} and messages still wait in lanes; let them be applied with that number "
            f"first, then change it to {count}."
        )
    connection.execute(delete(lanes).where(lanes.c.lane.in_(known - wanted)))
    on_conflict = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    rows = [{"lane": lane} for lane in sorted(wanted - known)]
    if rows:
        connection.execute(on_conflict(lanes).on_conflict_do_nothing(), rows)


def retry_failed(connection: Connection, because: str = "") -> int:
    """Put parked rows back into their lanes; `because`: those whose error begins so."""
    parked = (journal.c.state == "failed") & journal.c.error.startswith(because, autoescape=True)
    return connection.execute(update(journal).where(parked).values(state="pending", attempts=0)).rowcount


def has_failed(connection: Connection, because: str) -> bool:
    """Whether a parked row's error begins so."""
    parked = (journal.c.state == "failed") & journal.c.error.startswith(because, autoescape=True)
    return connection.execute(select(journal.c.id).where(parked).limit(1)).first() is not None


def prune(connection: Connection, before: datetime) -> int:
    """Drop a batch of rows applied long ago. Their messages keep the repeat guard of the provider's id."""
    return forget(connection, journal, journal.c.state == "done", journal.c.received_at < before)


def keep(connection: Connection, rows: Sequence[JournalRow]) -> None:
    """Store raw webhooks that cannot be translated now."""
    connection.execute(insert(kept_webhooks), rows)


def kept(connection: Connection, after: str, limit: int) -> Sequence[Row[tuple[object, ...]]]:
    """Kept webhooks that wait for a replay, in the order they came."""
    query = select(kept_webhooks).where(kept_webhooks.c.replayed_at.is_(None), kept_webhooks.c.id > after)
    return connection.execute(query.order_by(kept_webhooks.c.id).limit(limit)).all()


def kept_due(connection: Connection, connection_key: str, limit: int) -> Sequence[Row[tuple[object, ...]]]:
    """What of a connection is tried again by itself, in the order it came, whether its time has come or not."""
    columns = kept_webhooks.c
    query = select(kept_webhooks).where(
        columns.connection_key == connection_key, columns.replayed_at.is_(None), columns.due_at.is_not(None)
    )
    return connection.execute(query.order_by(columns.id).limit(limit)).all()


def connections_with_kept(connection: Connection) -> Sequence[str]:
    """The keys of connections of which something is tried again by itself."""
    columns = kept_webhooks.c
    query = select(columns.connection_key).where(columns.replayed_at.is_(None), columns.due_at.is_not(None))
    return connection.execute(query.distinct()).scalars().all()


def count_try(connection: Connection, id: str, due_at: datetime | None, reason: str | None = None) -> None:
    """A kept webhook was tried in vain; `due_at` None: it is left to people. `reason`: why it is kept from now on."""
    values = {"attempts": kept_webhooks.c.attempts + 1, "due_at": due_at} | ({"reason": reason} if reason else {})
    connection.execute(update(kept_webhooks).where(kept_webhooks.c.id == id).values(values))


def try_kept_again(
    connection: Connection, reasons: Sequence[str], now: datetime, keys: Sequence[str] | None = None
) -> None:
    """Give what was kept for these reasons, of these connections or of all, all its tries again."""
    kept = kept_webhooks.c.replayed_at.is_(None) & kept_webhooks.c.reason.in_(reasons)
    if keys is not None:
        kept &= kept_webhooks.c.connection_key.in_(keys)
    connection.execute(update(kept_webhooks).where(kept).values(attempts=0, due_at=now))


def count_kept(connection: Connection, connection_key: str | None = None, *, by_itself: bool = False) -> int:
    """`by_itself`: only those that are tried again by themselves."""
    query = select(func.count()).select_from(kept_webhooks).where(kept_webhooks.c.replayed_at.is_(None))
    if connection_key is not None:
        query = query.where(kept_webhooks.c.connection_key == connection_key)
    if by_itself:
        query = query.where(kept_webhooks.c.due_at.is_not(None))
    return int(connection.execute(query).scalar_one())


def mark_replayed(connection: Connection, ids: Iterable[str], at: datetime, outcome: Mapping[str, object]) -> None:
    connection.execute(
        update(kept_webhooks).where(kept_webhooks.c.id.in_(list(ids))).values(replayed_at=at, outcome=outcome)
    )
