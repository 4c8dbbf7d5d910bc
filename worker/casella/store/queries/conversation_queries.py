"""Reading conversations: pages of a list by key, and everything a list row shows, in a fixed number of queries.

A list is walked inbox by inbox, because the indexes begin with the inbox: each branch stops after one page, and the
branches are merged. Among 1,000,000 conversations this costs the same as among 10,000 (performance.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Column, ColumnElement, Connection, Select, and_, func, or_, select, tuple_, union_all
from sqlalchemy.sql.elements import UnaryExpression

from casella.store.rows import TableRow
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


def page(
    db: Connection,
    conditions: Sequence[ColumnElement[bool]],
    inbox_ids: Sequence[str],
    sort: Sort,
    behind: Place | None,
    limit: int,
) -> list[Found]:
    """Up to `limit` conversations in order. `inbox_ids`: walked one by one; empty when `conditions` name an agent or a
    contact, whose own index is better. In the message sorts those without messages come first, both ways (A-5)."""
    walk = _Walk(db, conditions, inbox_ids, descending=sort.startswith("recent"))
    if sort.endswith("conversations"):
        return walk.keyed(conversations.c.turned_at, behind, limit)
    column = conversations.c.last_message_at
    found = walk.empty(column, behind, limit) if behind is None or behind.key is None else []
    if len(found) < limit:
        since = behind if behind is not None and behind.key is not None else None
        found += walk.keyed(column, since, limit - len(found))
    return found


@dataclass(frozen=True, slots=True)
class _Walk:
    db: Connection
    conditions: Sequence[ColumnElement[bool]]
    inbox_ids: Sequence[str]
    descending: bool

    def empty(self, column: Column[datetime], behind: Place | None, limit: int) -> list[Found]:
        conditions: list[ColumnElement[bool]] = [column.is_(None)]
        if behind is not None:
            conditions.append(conversations.c.id < behind.id if self.descending else conversations.c.id > behind.id)
        return self._merge(column, conditions, ["id"], limit)

    def keyed(self, column: Column[datetime], behind: Place | None, limit: int) -> list[Found]:
        conditions: list[ColumnElement[bool]] = [column.is_not(None)]
        if behind is not None:
            place, key = tuple_(column, conversations.c.id), (behind.key, behind.id)
            conditions.append(place < key if self.descending else place > key)
        return self._merge(column, conditions, ["key", "id"], limit)

    def _merge(
        self, column: Column[datetime], conditions: Sequence[ColumnElement[bool]], order: Sequence[str], limit: int
    ) -> list[Found]:
        base = select(conversations.c.id, column.label("key")).where(*self.conditions, *conditions)
        if 1 < len(self.inbox_ids) <= MOST_BRANCHES:
            branches = [self._first(base.where(conversations.c.inbox_id == id), order, limit) for id in self.inbox_ids]
            parts = [select(branch.subquery()) for branch in branches]
            merged = union_all(*parts).subquery()
            base = select(merged.c.id, merged.c.key)
        elif self.inbox_ids:
            base = base.where(conversations.c.inbox_id.in_(self.inbox_ids))
        return [Found(row.id, row.key) for row in self.db.execute(self._first(base, order, limit))]

    def _first(
        self, query: Select[tuple[str, datetime]], order: Sequence[str], limit: int
    ) -> Select[tuple[str, datetime]]:
        columns = [query.selected_columns[name] for name in order]
        return query.order_by(*map(self._direction, columns)).limit(limit)

    def _direction(self, column: ColumnElement[object]) -> UnaryExpression[object]:
        return column.desc() if self.descending else column.asc()


def details(db: Connection, conversation_ids: Sequence[str]) -> Sequence[TableRow]:
    """All that is shown of these conversations but their tags; in no order."""
    return db.execute(_DETAILS.where(conversations.c.id.in_(conversation_ids))).all()


def tags(db: Connection, conversation_ids: Sequence[str]) -> dict[str, list[str]]:
    query = select(conversation_tags).where(conversation_tags.c.conversation_id.in_(conversation_ids))
    found: dict[str, list[str]] = {}
    for row in db.execute(query.order_by(conversation_tags.c.tag)):
        found.setdefault(row.conversation_id, []).append(row.tag)
    return found


def tagged(tags: Sequence[str]) -> ColumnElement[bool]:
    """Has one of these tags, whatever its case."""
    mine = conversation_tags.c.conversation_id == conversations.c.id
    wanted = [tag.strip().lower() for tag in tags]
    return select(conversation_tags.c.tag).where(mine, func.lower(conversation_tags.c.tag).in_(wanted)).exists()


def of_kinds(channel_types: Sequence[str]) -> ColumnElement[bool]:
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
    there = and_(
        conversations.c.channel_id == channels.c.id,
        conversations.c.world == world,
        conversations.c.inbox_id.in_(among),
    )
    of_these = or_(channels.c.inbox_id.in_(among), select(conversations.c.id).where(there).exists())
    query = select(channels.c.id).where(or_(channels.c.id == name, channels.c.key == name), of_these)
    return db.execute(query).scalars().first()


def inbox_keys(db: Connection, among: Sequence[str]) -> Sequence[str]:
    return db.execute(select(inboxes.c.key).where(inboxes.c.id.in_(among))).scalars().all()


def channel_keys(db: Connection, inbox_ids: Sequence[str]) -> Sequence[str]:
    return db.execute(select(channels.c.key).where(channels.c.inbox_id.in_(inbox_ids))).scalars().all()


def team_keys(db: Connection) -> Sequence[str]:
    return db.execute(select(teams.c.key)).scalars().all()


def team_named(db: Connection, name: str) -> str | None:
    return db.execute(select(teams.c.id).where(or_(teams.c.id == name, teams.c.key == name))).scalars().first()


_DETAILS = select(
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
).select_from(
    conversations.join(inboxes, inboxes.c.id == conversations.c.inbox_id)
    .join(channels, channels.c.id == conversations.c.channel_id)
    .join(connections, connections.c.id == channels.c.connection_id)
    .join(contacts, contacts.c.id == conversations.c.contact_id)
    .join(contact_addresses, and_(contact_addresses.c.id == conversations.c.address_id))
    .outerjoin(agents, agents.c.id == conversations.c.assignee_id)
    .outerjoin(teams, teams.c.id == conversations.c.team_id)
)
