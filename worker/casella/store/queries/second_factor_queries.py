"""Second factors and recovery codes of agents."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select, update

from casella.store import bulk
from casella.store.rows import TableRow
from casella.store.tables import recovery_codes, second_factors

_FACTOR, _CODE = second_factors.c, recovery_codes.c


def factor(db: Connection, agent_id: str) -> TableRow | None:
    return db.execute(select(second_factors).where(_FACTOR.agent_id == agent_id)).one_or_none()


def is_active(db: Connection, agent_id: str) -> bool:
    mine = select(_FACTOR.agent_id).where(_FACTOR.agent_id == agent_id, _FACTOR.active_since.is_not(None))
    return db.execute(mine).first() is not None


def begin(db: Connection, agent_id: str, sealed: str, at: datetime) -> None:
    """In place of one that was only begun."""
    db.execute(delete(second_factors).where(_FACTOR.agent_id == agent_id, _FACTOR.active_since.is_(None)))
    db.execute(insert(second_factors).values(agent_id=agent_id, secret_sealed=sealed, began_at=at))


def activate(db: Connection, agent_id: str, at: datetime) -> None:
    db.execute(update(second_factors).where(_FACTOR.agent_id == agent_id).values(active_since=at))


def take_step(db: Connection, agent_id: str, step: int) -> bool:
    """False when a code of this step or a later one was taken before."""
    newer = update(second_factors).where(_FACTOR.agent_id == agent_id, _FACTOR.last_step < step)
    return bool(db.execute(newer.values(last_step=step)).rowcount)


def replace_codes(db: Connection, agent_id: str, digests: Sequence[str]) -> None:
    db.execute(delete(recovery_codes).where(_CODE.agent_id == agent_id))
    bulk.insert(db, recovery_codes, [{"agent_id": agent_id, "digest": digest} for digest in digests])


def take_code(db: Connection, agent_id: str, digest: str) -> bool:
    """A recovery code opens once."""
    return bool(db.execute(delete(recovery_codes).where(_CODE.agent_id == agent_id, _CODE.digest == digest)).rowcount)


def codes_left(db: Connection, agent_id: str) -> int:
    return db.execute(select(func.count()).where(_CODE.agent_id == agent_id)).scalar_one()


def remove(db: Connection, agent_id: str) -> bool:
    """False when there was none that counts."""
    was = is_active(db, agent_id)
    db.execute(delete(recovery_codes).where(_CODE.agent_id == agent_id))
    db.execute(delete(second_factors).where(_FACTOR.agent_id == agent_id))
    return was
