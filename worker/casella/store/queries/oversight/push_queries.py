"""Devices of agents, and what is on its way to them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, Executable, delete, exists, func, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from casella.store import bulk
from casella.store.rows import TableRow
from casella.store.tables import (
    access_tokens,
    agent_settings,
    agents,
    inbox_members,
    inboxes,
    push_devices,
    push_house,
    pushes,
    team_members,
)

_of, _push = push_devices.c, pushes.c


def house(db: Connection, *, held: bool = False) -> TableRow | None:
    """`held`: None also where another worker holds it."""
    query = select(push_house)
    return db.execute(query.with_for_update(skip_locked=True) if held else query).one_or_none()


def begin(db: Connection, private_sealed: str, cursor: str) -> None:
    dialect = postgresql if db.dialect.name == "postgresql" else sqlite
    values = {"id": 1, "private_sealed": private_sealed, "cursor": cursor}
    db.execute(dialect.insert(push_house).values(values).on_conflict_do_nothing())


def move(db: Connection, cursor: str) -> None:
    db.execute(update(push_house).values(cursor=cursor))


def any_device(db: Connection) -> bool:
    return db.execute(select(_of.id).limit(1)).first() is not None


def devices_of(db: Connection, agent_id: str) -> Sequence[TableRow]:
    """The oldest first."""
    return db.execute(select(push_devices).where(_of.agent_id == agent_id).order_by(_of.id)).all()


def live_devices(db: Connection, agent_ids: Sequence[str]) -> Sequence[TableRow]:
    """Of these agents, those whose session or token was not revoked; with the agent's `locale` and `settings`."""
    query = (
        select(_of.id, _of.agent_id, agents.c.locale, agent_settings.c.settings)
        .join(agents, agents.c.id == _of.agent_id)
        .join(access_tokens, access_tokens.c.id == _of.token_id)
        .outerjoin(agent_settings, agent_settings.c.agent_id == _of.agent_id)
        .where(_of.agent_id.in_(agent_ids), agents.c.removed_at.is_(None), access_tokens.c.revoked_at.is_(None))
    )
    ordered: Executable = query.order_by(_of.id)
    return db.execute(ordered).all()


def keep(db: Connection, **values: object) -> None:
    """An endpoint is one device, whoever has used it before."""
    drop_endpoint(db, str(values["endpoint_digest"]))
    db.execute(insert(push_devices).values(**values))


def drop_endpoint(db: Connection, digest: str) -> None:
    for id in db.execute(select(_of.id).where(_of.endpoint_digest == digest)).scalars().all():
        drop(db, id)


def drop(db: Connection, id: str) -> None:
    db.execute(delete(pushes).where(_push.device_id == id))
    db.execute(delete(push_devices).where(_of.id == id))


def write(db: Connection, rows: Sequence[dict[str, object]]) -> None:
    bulk.insert(db, pushes, rows)


def any_due(db: Connection, now: datetime) -> bool:
    return db.execute(select(_push.position).where(_push.due_at <= now).limit(1)).first() is not None


def waiting(db: Connection, now: datetime) -> Sequence[str]:
    """Devices that do not pause, and for which something is due."""
    due = exists().where(_push.device_id == _of.id, _push.due_at <= now)
    may = or_(_of.paused_until.is_(None), _of.paused_until <= now)
    return db.execute(select(_of.id).where(may, due).order_by(_of.id)).scalars().all()


def claim(
    db: Connection, device_id: str, token: str, now: datetime, lease: timedelta, limit: int
) -> Sequence[TableRow]:
    """What is due for one, with where it goes and the house's own key: held for `lease`."""
    query = (
        select(pushes, _of.endpoint_sealed, _of.public_key, _of.secret_sealed, push_house.c.private_sealed)
        .join(push_devices, _of.id == _push.device_id)
        .join(push_house, push_house.c.id == 1)
        .where(_push.device_id == device_id, _push.due_at <= now)
        .order_by(_push.due_at, _push.position)
        .limit(limit)
        .with_for_update(skip_locked=True, of=pushes)
    )
    rows = db.execute(query).all()
    if rows:
        held = {"token": token, "due_at": now + lease, "attempts": _push.attempts + 1}
        db.execute(update(pushes).where(_push.position.in_([row.position for row in rows])).values(held))
    return rows


def done(db: Connection, position: int, token: str) -> None:
    db.execute(delete(pushes).where(_push.position == position, _push.token == token))


def put_off(db: Connection, position: int, token: str, due_at: datetime) -> None:
    mine = (_push.position == position, _push.token == token)
    db.execute(update(pushes).where(*mine).values(due_at=due_at, token=None))


def members_of(db: Connection, inbox_id: str) -> Sequence[str]:
    """Of a shared inbox; of a private one, its owner."""
    query = select(inbox_members.c.agent_id).where(inbox_members.c.inbox_id == inbox_id)
    owner = db.execute(select(inboxes.c.owner_id).where(inboxes.c.id == inbox_id)).scalar_one_or_none()
    return [*db.execute(query.order_by(inbox_members.c.agent_id)).scalars(), *([owner] if owner else [])]


def team(db: Connection, team_id: str) -> Sequence[str]:
    query = select(team_members.c.agent_id).where(team_members.c.team_id == team_id)
    return db.execute(query.order_by(team_members.c.agent_id)).scalars().all()


def count_devices(db: Connection, agent_id: str) -> int:
    return db.execute(select(func.count()).select_from(push_devices).where(_of.agent_id == agent_id)).scalar_one()
