"""Who changes what about a conversation: noted by the very methods that change it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something. `id`: an agent's or a contact's id, a rule's name; of the house itself what of it does it
    (`snooze`, `queue`)."""

    kind: Literal["agent", "rule", "contact", "system"]
    id: str | None = None


SYSTEM = Actor("system")


@dataclass(frozen=True, slots=True)
class Deed:
    """One change. `what`: a column of `conversations`, or `tag`."""

    by: Actor
    what: str
    before: object
    after: object


WATCHED = ("status", "assignee_id", "team_id", "inbox_id", "priority", "contact_id")
"""What is worth telling who looks back. Everything else follows from it or from the messages."""


def deeds_of(by: Actor, row: Mapping[str, object], values: Mapping[str, object]) -> list[Deed]:
    """What these values change about the row."""
    return [Deed(by, name, row[name], values[name]) for name in WATCHED if name in values and values[name] != row[name]]
