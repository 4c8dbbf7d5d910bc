"""Whoever is signed in: an agent, and the inboxes he belongs to."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from casella.errors import NotAllowed
from casella.store.queries import agent_queries


@dataclass(frozen=True, slots=True)
class Member:
    """An agent as of this moment. `inbox_ids`: the inboxes whose conversations he sees; for an admin, all of them.
    `private_inbox_ids`: of his own numbers; nobody else has them, whatever his role."""

    id: str
    key: str
    name: str
    email: str | None
    role: str
    locale: str
    available: bool
    do_not_disturb: bool
    inbox_ids: frozenset[str]
    private_inbox_ids: frozenset[str] = frozenset()
    team_ids: frozenset[str] = frozenset()
    has_second_factor: bool = False

    @property
    def every_inbox_id(self) -> frozenset[str]:
        """Shared or his own."""
        return self.inbox_ids | self.private_inbox_ids if self.private_inbox_ids else self.inbox_ids

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
    shared, private, teams = agent_queries.belonging_of(db, row.id, every=row.role == "admin")
    return Member(
        row.id, row.key, row.name, row.email, row.role, row.locale, row.available,
        row.do_not_disturb, frozenset(shared), frozenset(private), frozenset(teams), row.has_second_factor,
    )  # fmt: skip


def require_manager(member: Member) -> None:
    """Raises NotAllowed for anybody but managers and admins."""
    if not member.is_manager:
        raise NotAllowed
