"""Whoever is signed in: an agent, and the inboxes he belongs to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, update

from casella.errors import NotAllowed
from casella.inbox.house_events import agent_can_take_work
from casella.inbox.rooms import Rooms
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
    do_not_disturb: bool
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
    return Member(
        row.id, row.key, row.name, row.email, row.role, row.locale, row.available,
        row.do_not_disturb, frozenset(inbox_ids),
    )  # fmt: skip


def require_manager(member: Member) -> None:
    """Raises NotAllowed for anybody but managers and admins."""
    if not member.is_manager:
        raise NotAllowed


def set_available(
    db: Connection, rooms: Rooms, member: Member, at: datetime, *, available: bool, do_not_disturb: bool | None = None
) -> None:
    """One switch for all queues of an agent (S-76); conversations he has stay his (A-12). Who does not want to be
    disturbed is given nothing either; None leaves that as it is."""
    quiet = member.do_not_disturb if do_not_disturb is None else do_not_disturb
    mine = agents.c.id == member.id
    differs = agents.c.available.is_not(available) | agents.c.do_not_disturb.is_not(quiet)
    changed = db.execute(update(agents).where(mine, differs).values(available=available, do_not_disturb=quiet))
    if changed.rowcount:
        payload: dict[str, feed.JsonValue] = {"agent_id": member.id, "available": available, "do_not_disturb": quiet}
        feed.append(db, [feed.FeedEvent("agent.updated", None, None, payload)], at)
        if available and not quiet:
            agent_can_take_work(rooms, db, member.id, at)
