"""Reading who has done what."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, select, union_all

from casella.store.rows import TableRow
from casella.store.tables import activity, agent_statuses, agents, contacts, inboxes, teams


def of_conversation(db: Connection, conversation_id: str, before: int | None, limit: int) -> Sequence[TableRow]:
    """The newest first."""
    query = select(activity).where(activity.c.conversation_id == conversation_id)
    if before is not None:
        query = query.where(activity.c.id < before)
    return db.execute(query.order_by(activity.c.id.desc()).limit(limit)).all()


def names(db: Connection, ids: Iterable[str]) -> dict[str, str]:
    """What agents, teams, inboxes and contacts with these ids are called; whoever has no name is left out."""
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    found = union_all(*(select(t.c.id, t.c.name).where(t.c.id.in_(wanted)) for t in (agents, teams, inboxes, contacts)))
    return {row.id: row.name for row in db.execute(found) if row.name}


def statuses(db: Connection, agent_id: str, limit: int) -> Sequence[TableRow]:
    """The newest first."""
    query = select(agent_statuses).where(agent_statuses.c.agent_id == agent_id)
    return db.execute(query.order_by(agent_statuses.c.id.desc()).limit(limit)).all()
