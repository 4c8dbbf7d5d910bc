"""Reading conversations: pages of a list by key, and everything a list row shows, in a fixed number of queries.

A list is walked inbox by inbox, because the indexes begin with the inbox: each branch stops after one page, and the
branches are merged. Among 1,000,000 conversations this costs the same as among 10,000 (performance.md).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Literal

from sqlalchemy import (
    BindParameter,
    Column,
    ColumnElement,
    Connection,
    Integer,
    Select,
    Text,
    and_,
    bindparam,
    func,
    literal_column,
    or_,
    select,
    true,
    tuple_,
    union_all,
)
from sqlalchemy.dialects.postgresql import ARRAY

from casella.store.rows import PlainRow, plain
from casella.store.tables import (
    agents,
    channels,
    connections,
    contact_addresses,
    contacts,
    conversation_tags,
    conversations,
    inboxes,
    teams,
)
from casella.store.types import Instant

Sort = Literal["recent_conversations", "oldest_conversations", "recent_messages", "oldest_messages"]
MOST_BRANCHES = 64


@dataclass(frozen=True, slots=True)
class Place:
    """Behind which row a page begins. `key` None: among the conversations without a message, which come first."""

    key: datetime | None
    id: str


@dataclass(frozen=True, slots=True)
class Found:
    id: str
    key: datetime | None


@dataclass(frozen=True, eq=False, slots=True)
class Conditions:
    """On `conversations`, with the names of their values. Keep it: statements that were built from this very object are
    known again, and building one costs more than asking it. `walked`: what is left of `all` where it is said of which
    inbox, once `inbox` holds for that one."""

    all: tuple[ColumnElement[bool], ...]
    walked: tuple[ColumnElement[bool], ...]
    inbox: Callable[[ColumnElement[str]], ColumnElement[bool]]


def page(
    db: Connection,
    conditions: Conditions,
    values: Mapping[str, object],
    inbox_ids: Sequence[str],
    sort: Sort,
    behind: Place | None,
    limit: int,
) -> list[Found]:
    """Up to `limit` conversations in order. `inbox_ids`: walked one by one; empty when `conditions` name an agent or a
    contact, whose own index is better. In the message sorts those without messages come first, both ways (A-5)."""
    descending = sort.startswith("recent")
    if sort.endswith("conversations"):
        return _walk(db, _Walk(conditions, "turned_at", descending), values, inbox_ids, behind, limit)
    walk, found = _Walk(conditions, "last_message_at", descending), list[Found]()
    if behind is None or behind.key is None:
        empty = replace(walk, empty=True)
        found = _walk(db, empty, values, inbox_ids, behind, limit)
    if len(found) < limit:
        since = behind if behind is not None and behind.key is not None else None
        found += _walk(db, walk, values, inbox_ids, since, limit - len(found))
    return found


@dataclass(frozen=True, slots=True)
class _Walk:
    """What a statement is built for. `empty`: among the conversations whose key is null. `one_by_one`: how many inboxes
    are walked: on PostgreSQL it does not matter, and is 1."""

    conditions: Conditions
    key: str
    descending: bool
    empty: bool = False
    behind: bool = False
    one_by_one: int = 0
    limit: int = 0
    lateral: bool = False


def _walk(
    db: Connection,
    walk: _Walk,
    values: Mapping[str, object],
    inbox_ids: Sequence[str],
    behind: Place | None,
    limit: int,
) -> list[Found]:
    lateral = db.dialect.name == "postgresql"
    asked: dict[str, object] = dict(values)
    if len(inbox_ids) > MOST_BRANCHES or not inbox_ids:
        branches = 0
    elif lateral:
        branches, asked["walked"] = 1, list(inbox_ids)
    else:
        branches = len(inbox_ids)
        asked |= {f"walked_{number}": id for number, id in enumerate(inbox_ids)}
    if behind is not None:
        asked |= {"behind_id": behind.id} | ({} if walk.empty else {"behind_key": behind.key})
    built = replace(walk, behind=behind is not None, one_by_one=branches, limit=limit, lateral=lateral)
    return [Found(row.id, row.key) for row in db.execute(_built(built), asked)]


@lru_cache(maxsize=128)
def _built(walk: _Walk) -> Select[tuple[str, datetime]]:
    of = conversations.c
    key: Column[datetime] = of[walk.key]
    conditions = walk.conditions.walked if walk.lateral and walk.one_by_one else walk.conditions.all
    base = select(of.id, key.label("key")).where(*conditions, key.is_(None) if walk.empty else key.is_not(None))
    if walk.behind:
        place, behind = (of.id, _BEHIND_ID) if walk.empty else (tuple_(key, of.id), tuple_(_BEHIND_KEY, _BEHIND_ID))
        base = base.where(place < behind if walk.descending else place > behind)
    if not walk.one_by_one:
        return _first(base, walk)
    if walk.lateral:
        walked = func.unnest(bindparam("walked", type_=ARRAY(Text))).table_valued("id").render_derived(name="walked")
        there = _first(base.where(of.inbox_id == walked.c.id), walk).lateral("there")
        every = select(there.c.id, there.c.key).select_from(walked.join(there, true()))
        return _first(every.where(walk.conditions.inbox(walked.c.id)), walk)
    numbers = range(walk.one_by_one)
    branches = [_first(base.where(of.inbox_id == bindparam(f"walked_{number}")), walk) for number in numbers]
    if len(branches) == 1:
        return branches[0]
    merged = union_all(*(select(branch.subquery()) for branch in branches)).subquery()
    return _first(select(merged.c.id, merged.c.key), walk)


_BEHIND_ID, _BEHIND_KEY = bindparam("behind_id", type_=Text()), bindparam("behind_key", type_=Instant())


def _first(query: Select[tuple[str, datetime]], walk: _Walk) -> Select[tuple[str, datetime]]:
    """The length is in the statement's own words: a planner that does not know it expects a tenth of everything."""
    columns = [query.selected_columns[name] for name in (["id"] if walk.empty else ["key", "id"])]
    ordered = query.order_by(*(column.desc() if walk.descending else column.asc() for column in columns))
    return ordered.limit(literal_column(str(walk.limit), Integer))


def details(db: Connection, conversation_ids: Sequence[str]) -> Sequence[PlainRow]:
    """All that is shown of these conversations but their tags; in no order."""
    return plain(db.execute(_DETAILS, {"ids": list(conversation_ids)}))


def tags(db: Connection, conversation_ids: Sequence[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for row in db.execute(_TAGS, {"ids": list(conversation_ids)}):
        found.setdefault(row.conversation_id, []).append(row.tag)
    return found


def tagged(tags: Sequence[str] | BindParameter[Sequence[str]]) -> ColumnElement[bool]:
    """Has one of these tags, as `tag_keys` has them."""
    mine = conversation_tags.c.conversation_id == conversations.c.id
    return select(conversation_tags.c.tag).where(mine, func.lower(conversation_tags.c.tag).in_(tags)).exists()


def tag_keys(tags: Sequence[str]) -> list[str]:
    """Tags whatever their case."""
    return [tag.strip().lower() for tag in tags]


def of_kinds(channel_types: Sequence[str] | BindParameter[Sequence[str]]) -> ColumnElement[bool]:
    """Takes place on a channel of one of these types."""
    of_type = connections.c.channel_type.in_(channel_types)
    mine = select(channels.c.id).join(connections, connections.c.id == channels.c.connection_id).where(of_type)
    return conversations.c.channel_id.in_(mine)


def exists(db: Connection, conversation_id: str, visible: ColumnElement[bool]) -> bool:
    query = select(conversations.c.id).where(conversations.c.id == conversation_id, visible)
    return db.execute(query).first() is not None


def inbox_named(db: Connection, name: str, among: Sequence[str]) -> str | None:
    """The inbox with this id or key, if it is one of `among`."""
    query = select(inboxes.c.id).where(or_(inboxes.c.id == name, inboxes.c.key == name), inboxes.c.id.in_(among))
    return db.execute(query).scalars().first()


def channel_named(db: Connection, name: str, among: Sequence[str], world: str = "shared") -> str | None:
    """The channel with this id or key, if its inbox is one of `among` or a conversation of it is there: what came in
    through it may have been moved."""
    named = or_(channels.c.id == name, channels.c.key == name)
    found = db.execute(select(channels.c.id, channels.c.inbox_id).where(named)).all()
    return next(
        (row.id for row in found if row.inbox_id in among or _has_moved(db, row.id, among, world)),
        None,
    )


def _has_moved(db: Connection, channel_id: str, among: Sequence[str], world: str) -> bool:
    of = conversations.c
    there = select(of.id).where(of.channel_id == channel_id, of.world == world, of.inbox_id.in_(among))
    return db.execute(there.limit(1)).first() is not None


def inbox_keys(db: Connection, among: Sequence[str]) -> Sequence[str]:
    return db.execute(select(inboxes.c.key).where(inboxes.c.id.in_(among))).scalars().all()


def channel_keys(db: Connection, inbox_ids: Sequence[str]) -> Sequence[str]:
    return db.execute(select(channels.c.key).where(channels.c.inbox_id.in_(inbox_ids))).scalars().all()


def team_keys(db: Connection) -> Sequence[str]:
    return db.execute(select(teams.c.key)).scalars().all()


def team_named(db: Connection, name: str) -> str | None:
    return db.execute(select(teams.c.id).where(or_(teams.c.id == name, teams.c.key == name))).scalars().first()


_DETAILS = (
    select(
        conversations,
        inboxes.c.key.label("inbox_key"),
        inboxes.c.name.label("inbox_name"),
        channels.c.key.label("channel_key"),
        channels.c.name.label("channel_name"),
        channels.c.address.label("channel_address"),
        connections.c.channel_type,
        contacts.c.name.label("contact_name"),
        contacts.c.linked.label("contact_linked"),
        contact_addresses.c.address.label("contact_address"),
        contact_addresses.c.kind.label("contact_kind"),
        agents.c.key.label("assignee_key"),
        agents.c.name.label("assignee_name"),
        teams.c.key.label("team_key"),
        teams.c.name.label("team_name"),
    )
    .select_from(
        conversations.join(inboxes, inboxes.c.id == conversations.c.inbox_id)
        .join(channels, channels.c.id == conversations.c.channel_id)
        .join(connections, connections.c.id == channels.c.connection_id)
        .join(contacts, contacts.c.id == conversations.c.contact_id)
        .join(contact_addresses, and_(contact_addresses.c.id == conversations.c.address_id))
        .outerjoin(agents, agents.c.id == conversations.c.assignee_id)
        .outerjoin(teams, teams.c.id == conversations.c.team_id)
    )
    .where(conversations.c.id.in_(bindparam("ids", expanding=True)))
)
_TAGS = (
    select(conversation_tags)
    .where(conversation_tags.c.conversation_id.in_(bindparam("ids", expanding=True)))
    .order_by(conversation_tags.c.tag)
)
