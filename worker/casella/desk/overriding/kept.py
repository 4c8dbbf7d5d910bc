"""Overrides as the database keeps them: one row each, beside the desk in use."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select, update

from casella.desk.model import Desk
from casella.store import feed
from casella.store.rows import TableRow
from casella.store.tables import agents, desk_overrides, desk_versions, inboxes
from casella_rules.yaml.source import Plain


@dataclass(frozen=True, slots=True)
class Override:
    """`value`: None takes it away. `own`: what the desk itself said when it was made. `name`: of who made it."""

    key: str
    value: Plain
    own: Plain
    agent_id: str
    name: str
    at: datetime


def overrides(db: Connection) -> list[Override]:
    """By their keys."""
    of = desk_overrides.c
    query = select(desk_overrides, agents.c.name).join(agents, agents.c.id == of.agent_id).order_by(of.key)
    return [
        Override(row.key, row.value["value"], row.value["own"], row.agent_id, row.name, row.at)
        for row in db.execute(query)
    ]


def keep(db: Connection, override: Override) -> None:
    """Instead of one of the same key."""
    forget(db, [override.key])
    value = {"value": override.value, "own": override.own}
    row = {"key": override.key, "value": value, "agent_id": override.agent_id, "at": override.at}
    db.execute(insert(desk_overrides).values(row))


def forget(db: Connection, keys: Sequence[str]) -> None:
    db.execute(delete(desk_overrides).where(desk_overrides.c.key.in_(keys)))


def newest(db: Connection) -> TableRow | None:
    """The desk in use, with its files."""
    return db.execute(select(desk_versions).order_by(desk_versions.c.id.desc()).limit(1)).one_or_none()


def hold(db: Connection) -> int:
    """The number of the desk in use, which nobody else replaces before this transaction ends; 0: there is none."""
    last = select(desk_versions.c.id).order_by(desk_versions.c.id.desc()).limit(1)
    db.execute(last.with_for_update())
    return int(db.execute(select(func.coalesce(func.max(desk_versions.c.id), 0))).scalar_one())


def use(db: Connection, desk: Desk, own_files: Mapping[str, str] | None, additions: object, at: datetime) -> int:
    """Make a desk with overrides the one in use. `own_files`: as its folder has them; None: just like that. Returns its
    number."""
    for key, inbox in desk.parts.inboxes.items():
        differs = (inboxes.c.key == key) & (inboxes.c.assignment_mode != inbox.assignment_mode)
        db.execute(update(inboxes).where(differs).values(assignment_mode=inbox.assignment_mode))
    row = {"digest": desk.digest, "applied_at": at, "files": dict(desk.files), "additions": additions}
    db.execute(insert(desk_versions).values(**row, own_files=dict(own_files) if own_files is not None else None))
    version = int(db.execute(select(func.max(desk_versions.c.id))).scalar_one())
    feed.append(db, [feed.FeedEvent("desk.updated", None, {"version": version})], at)
    return version
