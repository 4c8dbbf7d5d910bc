"""Who changes what about a conversation: noted by the very methods that change it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

What = Literal[
    "assigned", "unassigned", "team_changed", "moved", "closed", "reopened", "snoozed", "woken", "prioritized",
    "tagged", "untagged", "contact_changed", "archived", "unarchived",
]  # fmt: skip

HouseWhat = Literal["setting_changed", "setting_given_up", "consent_noted"]
"""What happens to the organisation and to no conversation."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something. `id`: an agent's or a contact's id, a rule's name; of the house itself what of it does it
    (`snooze`, `queue`)."""

    kind: Literal["agent", "rule", "contact", "system"]
    id: str | None = None


SYSTEM = Actor("system")


@dataclass(frozen=True, slots=True)
class Deed:
    """One change. `before`, `after`: an agent's, a team's, an inbox's or a contact's id; a priority, a tag; the moment
    until which it is snoozed."""

    by: Actor
    what: What
    before: str | None = None
    after: str | None = None


def deeds_of(by: Actor, row: Mapping[str, object], values: Mapping[str, object]) -> list[Deed]:
    """What these values change about a conversation's row that is worth telling who looks back. Everything else follows
    from it or from the messages."""
    made = [
        Deed(by, what, _text(row[name]), _text(values[name]))
        for name, what in _WATCHED.items()
        if name in values and values[name] != row[name]
    ]
    if values.get("assignee_id", row["assignee_id"]) != row["assignee_id"]:
        before, after = _text(row["assignee_id"]), _text(values["assignee_id"])
        made.append(Deed(by, "assigned" if after else "unassigned", before, after))
    if (archived := values.get("archived_at", row["archived_at"])) != row["archived_at"] and "status" not in values:
        made.append(Deed(by, "archived" if archived else "unarchived"))
    if (status := values.get("status", row["status"])) != row["status"]:
        made.append(_turned(by, _text(row["status"]), str(status), values))
    return made


_WATCHED: Mapping[str, What] = {
    "team_id": "team_changed", "inbox_id": "moved", "priority": "prioritized", "contact_id": "contact_changed"
}  # fmt: skip


def _turned(by: Actor, before: str | None, status: str, values: Mapping[str, object]) -> Deed:
    until = values.get("snoozed_until")
    if status == "snoozed" and isinstance(until, datetime):
        return Deed(by, "snoozed", before, until.isoformat())
    if status == "open":
        return Deed(by, "woken" if before == "snoozed" else "reopened", before, status)
    return Deed(by, "closed", before, status)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
