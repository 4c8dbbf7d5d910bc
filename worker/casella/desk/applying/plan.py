"""What applying a desk would do, before it is done: things created, changed and removed, and what still holds open
conversations. Found by applying it and taking it back, so that the plan is what will happen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

from sqlalchemy import Column, Connection, func, select

from casella.desk.applying.changes import Change, changes
from casella.desk.model import Desk
from casella.desk.overriding.settling import Outcome
from casella.errors import Conflict
from casella.store.tables import agents, channels, conversations, inboxes, teams

_HOLDS: Mapping[str, tuple[Column[str], Column[str], Column[str]]] = {
    "inbox": (inboxes.c.id, inboxes.c.key, conversations.c.inbox_id),
    "channel": (channels.c.id, channels.c.key, conversations.c.channel_id),
    "team": (teams.c.id, teams.c.key, conversations.c.team_id),
    "agent": (agents.c.id, agents.c.key, conversations.c.assignee_id),
}
#: What the database has rows of.
_ROWS = frozenset({*_HOLDS, "connection", "webhook", "assistant provider"})


class StillInUse(Conflict):
    """What the new desk leaves out still holds open conversations; close or move them, or say that you mean it."""

    code: ClassVar[str] = "desk_in_use"


@dataclass(frozen=True, slots=True)
class InUse:
    """Something to be removed that holds open conversations."""

    what: str
    key: str
    conversations: int

    def __str__(self) -> str:
        number = f"{self.conversations} open conversation{'' if self.conversations == 1 else 's'}"
        return f"{self.what} {self.key} still holds {number}"


@dataclass(frozen=True, slots=True)
class Plan:
    """`in_use`: what would be removed although it holds open conversations. `same`: this very desk is in use.
    `overrides`: what becomes of the values that managers have changed."""

    changes: tuple[Change, ...]
    in_use: tuple[InUse, ...]
    same: bool = False
    overrides: tuple[Outcome, ...] = ()

    def require_unused(self, folder: Path) -> None:
        """Raises StillInUse."""
        if self.in_use:
            mean_it = f"run `casella apply {folder} --even-in-use` if that is meant"
            raise StillInUse(f"{'; '.join(map(str, self.in_use))}. Close or move them, or {mean_it}.")


def in_use(db: Connection, changes: tuple[Change, ...]) -> tuple[InUse, ...]:
    """Of what is removed, that which holds conversations that are not closed."""
    found = []
    for change in changes:
        if change.how == "removed" and change.what in _HOLDS:
            id_, key, holder = _HOLDS[change.what]
            query = select(func.count()).where(
                conversations.c.status != "closed", holder == select(id_).where(key == change.key).scalar_subquery()
            )
            if count := db.execute(query).scalar_one():
                found.append(InUse(change.what, change.key, int(count)))
    return tuple(found)


def planned(before: Desk | None, after: Desk, database: tuple[Change, ...]) -> tuple[Change, ...]:
    """What is written differently, and what the database makes of it: there a thing under a new key is the same thing,
    and what is kept outside the desk may have changed although the desk has not."""
    rows = {(change.what, change.key): change for change in database}
    found = []
    for change in changes(before, after):
        row = rows.pop((change.what, change.key), None)
        if row is not None:
            found.append(replace(row, details=(*row.details, *change.details)))
        elif change.what not in _ROWS or change.how == "changed":
            found.append(change)
    found += [_explained(change, before) for change in rows.values()]
    order = list(dict.fromkeys(change.what for change in (*database, *found)))
    return tuple(sorted(found, key=lambda change: order.index(change.what)))


def _explained(change: Change, before: Desk | None) -> Change:
    if change.how != "changed" or change.details or before is None:
        return change
    return replace(change, details=("a value kept outside the desk (a secret, a variable) is another one",))
