"""What a list of conversations is narrowed by: each filter a condition, a wrong one refused with the nearest name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Literal

from sqlalchemy import BindParameter, ColumnElement, Connection, Text, bindparam, literal_column, or_, true
from sqlalchemy.sql.visitors import cloned_traverse

from casella.errors import Invalid, NotFound
from casella.ids import is_id
from casella.inbox.reading.members import Member
from casella.inbox.reading.visibility import World, viewer, visible_to_viewer, within_his_inboxes
from casella.store.queries import conversation_queries, personal_queries
from casella.store.queries.conversation_queries import Conditions, Sort
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
class _Shape:
    """Which conditions there are, whatever their values: what a statement is built for, once. `given`: the filters
    that compare with values of theirs. `who`: of WHO, or `agents` for ids of theirs."""

    status: Status
    world: World
    given: frozenset[str]
    who: frozenset[str]
    unread: bool
    archived: bool | None


@dataclass(frozen=True, slots=True)
class Narrowed:
    """`asked`: conditions on `conversations`, the same object for all that differ in their `values` only. `inbox_ids`:
    to be walked one by one; empty where one person's own index is better."""

    asked: Conditions
    values: Mapping[str, object]
    inbox_ids: Sequence[str]

    @property
    def conditions(self) -> Sequence[ColumnElement[bool]]:
        """With their values, for a statement that is built for this once."""

        def give(parameter: BindParameter[object]) -> None:
            if parameter.key in self.values:
                parameter.value, parameter.required = self.values[parameter.key], False

        way = {"maintain_key": True}  # a clone is called as the original is: the values know it by that
        return [cloned_traverse(one, way, {"bindparam": give}) for one in self.asked.all]


def narrow(db: Connection, member: Member, filters: Filters) -> Narrowed:
    """Raises NotFound for an inbox, channel or team that is not there, or not the member's to see, and Invalid for an
    assignee or a contact that can be none."""
    mine = member.private_inbox_ids if filters.world == "private" else member.inbox_ids
    names = _Names(db, sorted(mine), filters.world)
    inbox_ids = [names.inbox(name) for name in filters.inbox] or sorted(mine)
    named = [who for who in filters.assignee if who not in WHO]
    for who in named:
        _require_agent(who)
    given: dict[str, Sequence[str]] = {
        "inbox": inbox_ids if filters.inbox else (),
        "channel": [names.channel(name, inbox_ids) for name in filters.channel],
        "kind": filters.kind,
        "team": [names.team(name) for name in filters.team],
        "tag": conversation_queries.tag_keys(filters.tag),
        "priority": filters.priority,
        "contact": filters.contact,
        "ids": filters.ids,
        "agents": named,
    }
    shape = _Shape(
        filters.status, filters.world, frozenset(name for name, values in given.items() if values and name != "agents"),
        frozenset(filters.assignee).intersection(WHO) | ({"agents"} if named else set()),
        filters.unread, filters.archived,
    )  # fmt: skip
    values = viewer(member) | {name: list(values) for name, values in given.items() if values}
    one_person = filters.contact or filters.ids or named or tuple(filters.assignee) == ("me",)
    nowhere = filters.world == "history" and not filters.inbox  # a former owner need not be a member
    by_person = one_person and not (filters.inbox or filters.channel)
    return Narrowed(_conditions(shape), values, [] if nowhere or by_person else inbox_ids)


@lru_cache(maxsize=256)
def _conditions(shape: _Shape) -> Conditions:
    of = conversations.c
    conditions = []
    if shape.status != "all":
        # in the statement's own words: only so is a partial index known to be one for it
        conditions.append(of.status == literal_column(f"'{_STATUS[shape.status]}'"))
    for name in sorted(shape.given - {"inbox"}):
        conditions.append(_GIVEN[name](bindparam(name, expanding=True)))
    if shape.who:
        conditions.append(or_(*(_WHO[who]() for who in sorted(shape.who))))
    if shape.unread:
        conditions.append(personal_queries.unread(_VIEWER))
    if shape.archived is not None:
        conditions.append(of.archived_at.is_not(None) if shape.archived else of.archived_at.is_(None))
    everywhere = [visible_to_viewer(shape.world), *conditions]
    if "inbox" in shape.given:
        everywhere.append(_GIVEN["inbox"](bindparam("inbox", expanding=True)))
    if shape.world != "shared":
        return Conditions(tuple(everywhere), tuple(everywhere), lambda _: true())
    walked = [of.world == literal_column("'shared'"), *conditions]
    return Conditions(tuple(everywhere), tuple(walked), partial(within_his_inboxes, world=shape.world))


_VIEWER = bindparam("viewer_id", type_=Text())
_STATUS: Mapping[Status, str] = {"open": "open", "snoozed": "snoozed", "closed": "closed"}
_GIVEN: Mapping[str, Callable[[BindParameter[Sequence[str]]], ColumnElement[bool]]] = {
    "inbox": conversations.c.inbox_id.in_,
    "channel": conversations.c.channel_id.in_,
    "kind": conversation_queries.of_kinds,
    "team": conversations.c.team_id.in_,
    "tag": conversation_queries.tagged,
    "priority": conversations.c.priority.in_,
    "contact": conversations.c.contact_id.in_,
    "ids": conversations.c.id.in_,
}
_WHO: Mapping[str, Callable[[], ColumnElement[bool]]] = {
    "unassigned": lambda: conversations.c.assignee_id.is_(None),
    "others": lambda: conversations.c.assignee_id != _VIEWER,
    "me": lambda: conversations.c.assignee_id == _VIEWER,
    "with_me": lambda: personal_queries.takes_part(_VIEWER),
    "agents": lambda: conversations.c.assignee_id.in_(bindparam("agents", expanding=True)),
}


def _require_agent(who: str) -> None:
    if not is_id(who):
        text = "There is no such assignee, or it is not yours to see."
        raise Invalid(text, code="unknown_filter_value", **near(who, WHO))


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
