"""What a list of conversations is narrowed by: each filter a condition, a wrong one refused with the nearest name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import ColumnElement, Connection, or_

from casella.errors import Invalid, NotFound
from casella.ids import is_id
from casella.inbox.reading.members import Member
from casella.inbox.reading.visibility import World, visible_in
from casella.store.queries import conversation_queries, personal_queries
from casella.store.queries.conversation_queries import Sort
from casella.store.tables import conversations
from casella_rules.yaml.problems import nearest

Status = Literal["open", "snoozed", "closed", "all"]
WHO = ("me", "others", "unassigned", "with_me")


@dataclass(frozen=True, slots=True)
class Filters:
    """All of them hold together (S-44); of several values of one, any. Inboxes, channels and teams: ids or keys.
    `kind`: channel types. `assignee`: WHO, or agents' ids; with_me is whoever took part, whoever has it now (S-32).
    `unread`: to this member (S-35). `archived`: None is both (S-36). `world`: shared, what is on his own numbers
    (S-21), or what was written on a number before it was shared: the Archived tab, which is not `archived` (S-45)."""

    status: Status = "open"
    inbox: Sequence[str] = ()
    channel: Sequence[str] = ()
    kind: Sequence[str] = ()
    assignee: Sequence[str] = ()
    team: Sequence[str] = ()
    tag: Sequence[str] = ()
    priority: Sequence[str] = ()
    contact: Sequence[str] = ()
    unread: bool = False
    archived: bool | None = None
    ids: Sequence[str] = ()
    sort: Sort = "recent_messages"
    world: World = "shared"


@dataclass(frozen=True, slots=True)
class Narrowed:
    """Conditions on `conversations`. `inbox_ids`: to be walked one by one; empty where one person's own index is
    better."""

    conditions: Sequence[ColumnElement[bool]]
    inbox_ids: Sequence[str]


def narrow(db: Connection, member: Member, filters: Filters) -> Narrowed:
    """Raises NotFound for an inbox, channel or team that is not there, or not the member's to see, and Invalid for an
    assignee or a contact that can be none."""
    mine = member.private_inbox_ids if filters.world == "private" else member.inbox_ids
    columns, names = conversations.c, _Names(db, sorted(mine), filters.world)
    inbox_ids = [names.inbox(name) for name in filters.inbox] or sorted(mine)
    conditions = [visible_in(member, filters.world)]
    if filters.status != "all":
        conditions.append(columns.status == filters.status)
    if filters.inbox:
        conditions.append(columns.inbox_id.in_(inbox_ids))
    if filters.channel:
        conditions.append(columns.channel_id.in_([names.channel(name, inbox_ids) for name in filters.channel]))
    if filters.kind:
        conditions.append(conversation_queries.of_kinds(filters.kind))
    if filters.team:
        conditions.append(columns.team_id.in_([names.team(name) for name in filters.team]))
    if filters.tag:
        conditions.append(conversation_queries.tagged(filters.tag))
    if filters.priority:
        conditions.append(columns.priority.in_(filters.priority))
    if filters.contact:
        conditions.append(columns.contact_id.in_(filters.contact))
    if filters.assignee:
        conditions.append(or_(*(_assigned(member, who) for who in filters.assignee)))
    if filters.unread:
        conditions.append(personal_queries.unread(member.id))
    if filters.archived is not None:
        conditions.append(columns.archived_at.is_not(None) if filters.archived else columns.archived_at.is_(None))
    if filters.ids:
        conditions.append(columns.id.in_(filters.ids))
    one_person = (
        filters.contact or filters.ids or set(filters.assignee).difference(WHO) or tuple(filters.assignee) == ("me",)
    )
    if filters.world == "history" and not filters.inbox:  # a former owner need not be a member
        return Narrowed(conditions, [])
    return Narrowed(conditions, [] if one_person and not (filters.inbox or filters.channel) else inbox_ids)


def _assigned(member: Member, who: str) -> ColumnElement[bool]:
    column = conversations.c.assignee_id
    match who:
        case "unassigned":
            return column.is_(None)
        case "others":
            return column != member.id
        case "me":
            return column == member.id
        case "with_me":
            return personal_queries.takes_part(member.id)
    if not is_id(who):
        text = "There is no such assignee, or it is not yours to see."
        raise Invalid(text, code="unknown_filter_value", **near(who, WHO))
    return column == who


class _Names:
    """From names to ids, of what the member sees."""

    def __init__(self, db: Connection, inbox_ids: Sequence[str], world: World) -> None:
        self._db, self._mine, self._world = db, inbox_ids, world

    def inbox(self, name: str) -> str:
        found = conversation_queries.inbox_named(self._db, name, self._mine)
        return found or self._refuse("inbox", name, conversation_queries.inbox_keys(self._db, self._mine))

    def channel(self, name: str, among: Sequence[str]) -> str:
        found = conversation_queries.channel_named(self._db, name, among, self._world)
        return found or self._refuse("channel", name, conversation_queries.channel_keys(self._db, self._mine))

    def team(self, name: str) -> str:
        found = conversation_queries.team_named(self._db, name)
        return found or self._refuse("team", name, conversation_queries.team_keys(self._db))

    def _refuse(self, what: str, name: str, known: Iterable[str]) -> str:
        raise NotFound(f"There is no such {what}, or it is not yours to see.", **near(name, known))


def near(name: str, known: Iterable[str]) -> dict[str, str]:
    """The name that was probably meant; the API says it in the reader's language."""
    found = nearest(name, known)
    return {"nearest": found} if found else {}
