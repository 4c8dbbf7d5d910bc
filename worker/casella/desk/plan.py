"""What applying a desk would do, before it is done: things created, changed and removed, and what still holds open
conversations. Found by applying it and taking it back, so that the plan is what will happen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from sqlalchemy import Column, Connection, func, select

from casella.desk.apply import Change
from casella.desk.model import Desk
from casella.errors import Conflict
from casella.store.tables import agents, channels, conversations, inboxes, teams
from casella_rules.serial import rules_as_json

_HOLDS: Mapping[str, tuple[Column[str], Column[str], Column[str]]] = {
    "inbox": (inboxes.c.id, inboxes.c.key, conversations.c.inbox_id),
    "channel": (channels.c.id, channels.c.key, conversations.c.channel_id),
    "team": (teams.c.id, teams.c.key, conversations.c.team_id),
    "agent": (agents.c.id, agents.c.key, conversations.c.assignee_id),
}


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
        return f"{self.what} {self.key} still holds {self.conversations} open conversations"


@dataclass(frozen=True, slots=True)
class Plan:
    """`in_use`: what would be removed although it holds open conversations."""

    changes: tuple[Change, ...]
    in_use: tuple[InUse, ...]

    def require_unused(self) -> None:
        """Raises StillInUse."""
        if self.in_use:
            raise StillInUse(f"{'; '.join(map(str, self.in_use))}. Close or move them, or say --even-in-use.")


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


def text_changes(before: Desk | None, after: Desk) -> tuple[Change, ...]:
    """Rules and canned messages that are new, say something else, or are gone."""
    old_rules = {rule.name: rules_as_json([rule]) for rule in before.rules.rules} if before else {}
    new_rules = {rule.name: rules_as_json([rule]) for rule in after.rules.rules}
    old_texts = {key: str(message) for key, message in before.canned.items()} if before else {}
    new_texts = {key: str(message) for key, message in after.canned.items()}
    return (*_compared("rule", old_rules, new_rules), *_compared("canned message", old_texts, new_texts))


def _compared(what: str, before: Mapping[str, str], after: Mapping[str, str]) -> list[Change]:
    changed = [
        Change(what, key, "changed" if key in before else "created")
        for key, value in after.items()
        if before.get(key) != value
    ]
    return changed + [Change(what, key, "removed") for key in before if key not in after]
