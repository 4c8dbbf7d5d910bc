"""An agent's notices."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, func, select, update

from casella.store import forgetting
from casella.store.rows import TableRow
from casella.store.tables import conversations, notices

_ABOUT = conversations.c.id == notices.c.conversation_id


def page(
    db: Connection, agent_id: str, visible: ColumnElement[bool], behind: str | None, limit: int, *, unseen: bool
) -> Sequence[TableRow]:
    """The newest first, of conversations that fulfil `visible`."""
    query = select(notices).join(conversations, _ABOUT).where(notices.c.agent_id == agent_id, visible)
    if unseen:
        query = query.where(notices.c.seen_at.is_(None))
    if behind is not None:
        query = query.where(notices.c.id < behind)
    return db.execute(query.order_by(notices.c.id.desc()).limit(limit)).all()


def count_unseen(db: Connection, agent_id: str, visible: ColumnElement[bool], most: int = 1000) -> int:
    mine = and_(notices.c.agent_id == agent_id, notices.c.seen_at.is_(None))
    found = select(notices.c.id).join(conversations, _ABOUT).where(mine, visible).limit(most)
    return db.execute(select(func.count()).select_from(found.subquery())).scalar_one()


def mark_seen(db: Connection, agent_id: str, ids: Sequence[str] | None, at: datetime) -> int:
    """How many were not seen before."""
    mine = and_(notices.c.agent_id == agent_id, notices.c.seen_at.is_(None))
    if ids is not None:
        mine = and_(mine, notices.c.id.in_(ids))
    return db.execute(update(notices).where(mine).values(seen_at=at)).rowcount


def forget(db: Connection, before: datetime) -> int:
    return forgetting.forget(db, notices, notices.c.at < before)
