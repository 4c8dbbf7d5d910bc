"""Subscriptions of other systems and the letters to them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, exists, insert, or_, select, update

from casella.store import bulk
from casella.store.rows import TableRow
from casella.store.tables import agents, conversations, inboxes, subscription_letters, subscriptions

_of, _letter = subscriptions.c, subscription_letters.c


def every(db: Connection) -> Sequence[TableRow]:
    """The oldest first."""
    return db.execute(select(subscriptions).order_by(_of.id)).all()


def one(db: Connection, id: str, *, held: bool = False) -> TableRow | None:
    query = select(subscriptions).where(_of.id == id)
    return db.execute(query.with_for_update() if held else query).one_or_none()


def active(db: Connection, id: str) -> TableRow | None:
    """Held; None where it is off, or another worker holds it."""
    query = select(subscriptions).where(_of.id == id, _of.state == "active")
    return db.execute(query.with_for_update(skip_locked=True)).one_or_none()


def active_ones(db: Connection) -> Sequence[TableRow]:
    return db.execute(select(subscriptions).where(_of.state == "active").order_by(_of.id)).all()


def add(db: Connection, **values: object) -> None:
    db.execute(insert(subscriptions).values(**values))


def change(db: Connection, id: str, **values: object) -> None:
    db.execute(update(subscriptions).where(_of.id == id).values(**values))


def shared_inboxes(db: Connection) -> Sequence[str]:
    query = select(inboxes.c.id).where(inboxes.c.owner_id.is_(None), inboxes.c.removed_at.is_(None))
    return db.execute(query).scalars().all()


def of_the_shared_world(db: Connection, conversation_ids: Sequence[str]) -> set[str]:
    columns = conversations.c
    query = select(columns.id).where(columns.id.in_(conversation_ids), columns.world == "shared")
    return set(db.execute(query).scalars())


def those_who_are(db: Connection, role: str) -> Sequence[str]:
    query = select(agents.c.id).where(agents.c.role == role, agents.c.removed_at.is_(None))
    return db.execute(query.order_by(agents.c.id)).scalars().all()


def write(db: Connection, rows: Sequence[dict[str, object]]) -> None:
    bulk.insert(db, subscription_letters, rows)


def waiting(db: Connection, now: datetime) -> Sequence[str]:
    """Subscriptions that are on, do not pause, and have a letter that is due."""
    due = exists().where(_letter.subscription_id == _of.id, _letter.state == "queued", _letter.due_at <= now)
    may = or_(_of.paused_until.is_(None), _of.paused_until <= now)
    return db.execute(select(_of.id).where(_of.state == "active", may, due).order_by(_of.id)).scalars().all()


def claim(
    db: Connection, subscription_id: str, token: str, now: datetime, lease: timedelta, limit: int
) -> Sequence[TableRow]:
    """Letters of one that are due, with their subscription's `url`, `secret_sealed`: held for `lease`. Of one
    conversation only the first that waits; none if it is off or pauses."""
    earlier = subscription_letters.alias("earlier")
    waits_behind = exists().where(
        earlier.c.subscription_id == _letter.subscription_id, earlier.c.conversation_id == _letter.conversation_id,
        earlier.c.state == "queued", earlier.c.position < _letter.position,
    )  # fmt: skip
    query = (
        select(subscription_letters, _of.url, _of.secret_sealed, _of.failures, _of.failing_since)
        .join(subscriptions, _of.id == _letter.subscription_id)
        .where(
            _letter.subscription_id == subscription_id,
            _letter.state == "queued", _letter.due_at <= now, ~waits_behind, _of.state == "active",
            or_(_of.paused_until.is_(None), _of.paused_until <= now),
        )
        .order_by(_letter.due_at, _letter.position)
        .limit(limit)
        .with_for_update(skip_locked=True, of=subscription_letters)
    )  # fmt: skip
    rows = db.execute(query).all()
    if rows:
        held = {"token": token, "due_at": now + lease, "attempts": _letter.attempts + 1}
        mine = _letter.position.in_([row.position for row in rows])
        db.execute(update(subscription_letters).where(mine).values(held))
    return rows


def finish(db: Connection, position: int, token: str, **values: object) -> bool:
    """False when the lease was lost meanwhile."""
    mine = and_(_letter.position == position, _letter.token == token, _letter.state == "queued")
    return db.execute(update(subscription_letters).where(mine).values(token=None, **values)).rowcount > 0


def letters(
    db: Connection, subscription_id: str, seen: ColumnElement[bool], state: str | None, before: int | None, limit: int
) -> Sequence[TableRow]:
    """The newest first; those about a conversation where it fulfils `seen`."""
    may = or_(_letter.conversation_id.is_(None), exists().where(conversations.c.id == _letter.conversation_id, seen))
    query = select(subscription_letters).where(_letter.subscription_id == subscription_id, may)
    if state is not None:
        query = query.where(_letter.state == state)
    if before is not None:
        query = query.where(_letter.position < before)
    return db.execute(query.order_by(_letter.position.desc()).limit(limit)).all()


def letter(db: Connection, id: str, seen: ColumnElement[bool]) -> TableRow | None:
    """Held."""
    may = or_(_letter.conversation_id.is_(None), exists().where(conversations.c.id == _letter.conversation_id, seen))
    query = select(subscription_letters).where(_letter.id == id, may)
    return db.execute(query.with_for_update(of=subscription_letters)).one_or_none()


def send_again(db: Connection, position: int, now: datetime) -> None:
    """As if it had just been written, and now, also where all the others pause."""
    values = {"state": "queued", "due_at": now, "created_at": now, "attempts": 0, "ended_at": None, "error": None}
    db.execute(update(subscription_letters).where(_letter.position == position).values(values))
    its = _of.id == select(_letter.subscription_id).where(_letter.position == position).scalar_subquery()
    db.execute(update(subscriptions).where(its).values(paused_until=None))
