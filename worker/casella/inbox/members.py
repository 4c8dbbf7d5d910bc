"""Whoever is signed in: an agent, and the inboxes he belongs to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, update

from casella.errors import NotAllowed
from casella.store import agent_queries, feed
from casella.store.tables import agents


@dataclass(frozen=True, slots=True)
class Member:
    """An agent as of this moment. `inbox_ids`: the inboxes whose conversations he sees; for an admin, all of them."""

    id: str
    key: str
    name: str
    email: str | None
    role: str
    locale: str
    available: bool
    inbox_ids: frozenset[str]

    @property
    def is_manager(self) -> bool:
        return self.role in ("manager", "admin")

    @property
    def is_admin(self) -> bool:
        return self.role == "admin"


def find_member(db: Connection, agent_id: str) -> Member | None:
    """None for an agent who is unknown or was removed."""
    row = agent_queries.agent(db, agent_id)
    if row is None:
        return None
    inbox_ids = agent_queries.all_inbox_ids(db) if row.role == "admin" else agent_queries.inbox_ids_of(db, row.id)
    return Member(row.id, row.key, row.name, row.email, row.role, row.locale, row.available, frozenset(inbox_ids))


def require_manager(member: Member) -> None:
    """Raises NotAllowed for anybody but managers and admins."""
    if not member.is_manager:
        raise NotAllowed


def set_available(db: Connection, member: Member, available: bool, at: datetime) -> None:
    """One switch for all queues of an agent (S-76). Conversations he has stay his (A-12)."""
    changed = db.execute(
        update(agents).where(agents.c.id == member.id, agents.c.available.is_not(available)).values(available=available)
    )
    if changed.rowcount:
        payload: dict[str, feed.JsonValue] = {"agent_id": member.id, "available": available}
        feed.append(db, [feed.FeedEvent("agent.updated", None, None, payload)], at)
