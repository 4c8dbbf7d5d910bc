"""What reports are made of. Conversations are found by when something happened in them, everything else by theirs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Executable, Table, and_, func, or_, select, text, union

from casella.store.rows import TableRow
from casella.store.tables import (
    activity,
    agent_statuses,
    assistant_drafts,
    assistant_proposals,
    channels,
    conversation_tags,
    conversations,
    inbox_members,
    messages,
    surveys_sent,
)

_TURNS = text("what IN ('closed', 'reopened', 'assigned')")  # as the index says it


def _of(table: Table, names: str) -> list[ColumnElement[object]]:
    return [table.c[name] for name in names.split()]


def _all(db: Connection, query: Executable) -> Sequence[TableRow]:
    return db.execute(query).all()


def touched(
    db: Connection, among: Sequence[ColumnElement[bool]], start: datetime, end: datetime, limit: int
) -> Sequence[str]:
    """Ids of conversations that fulfil `among` and in which something may have happened between the two moments, the
    oldest first. Neither newest message nor turn says that nothing happened before it: what is too much is dropped
    later."""
    columns = conversations.c
    begun = and_(*among, columns.opened_at < end)
    turned = select(columns.id).where(begun, columns.turned_at >= start)
    written = select(columns.id).where(begun, columns.last_message_at >= start)
    within = and_(activity.c.at >= start, activity.c.at < end, _TURNS)
    deeds = select(columns.id).join(activity, activity.c.conversation_id == columns.id).where(*among, within)
    found = union(turned, written, deeds).subquery()
    return db.execute(select(found.c.id).order_by(found.c.id).limit(limit)).scalars().all()


def some_conversations(db: Connection, ids: Sequence[str]) -> Sequence[TableRow]:
    columns = conversations.c
    query = select(*_of(conversations, "id inbox_id channel_id team_id assignee_id opened_at started_by"))
    return _all(db, query.where(columns.id.in_(ids)).order_by(columns.id))


def messages_of(db: Connection, ids: Sequence[str]) -> Sequence[TableRow]:
    """What went in and out, by conversation in the order of arrival. Notes are no messages here."""
    mine = messages.c
    query = select(*_of(messages, "conversation_id direction sender_kind sender_id received_at state")).where(
        mine.conversation_id.in_(ids), mine.direction.in_(("in", "out"))
    )
    return _all(db, query.order_by(mine.conversation_id, mine.received_at, mine.sequence))


def turns_of(db: Connection, ids: Sequence[str]) -> Sequence[TableRow]:
    """Closings, reopenings and assignments, in order."""
    query = select(activity).where(activity.c.conversation_id.in_(ids), _TURNS)
    return _all(db, query.order_by(activity.c.conversation_id, activity.c.id))


def tags_of(db: Connection, ids: Sequence[str]) -> Sequence[TableRow]:
    query = select(conversation_tags).where(conversation_tags.c.conversation_id.in_(ids))
    return _all(db, query.order_by(conversation_tags.c.conversation_id, conversation_tags.c.tag))


def surveys_of(db: Connection, ids: Sequence[str]) -> Sequence[TableRow]:
    query = select(surveys_sent).where(surveys_sent.c.conversation_id.in_(ids))
    return _all(db, query.order_by(surveys_sent.c.conversation_id, surveys_sent.c.sent_at))


def surveys_between(
    db: Connection, among: Sequence[ColumnElement[bool]], start: datetime, end: datetime
) -> Sequence[TableRow]:
    """Sent or answered between the two moments, in conversations that fulfil `among`."""
    of = surveys_sent.c
    sent = and_(of.sent_at >= start, of.sent_at < end)
    answered = and_(of.answered_at >= start, of.answered_at < end)
    query = select(surveys_sent).join(conversations, conversations.c.id == of.conversation_id)
    return _all(db, query.where(or_(sent, answered), *among).order_by(of.id))


def channel_names(db: Connection, ids: Sequence[str]) -> dict[str, str]:
    query = select(channels.c.id, channels.c.name).where(channels.c.id.in_(ids))
    return {row.id: row.name for row in db.execute(query)}


def proposals(
    db: Connection, among: Sequence[ColumnElement[bool]], start: datetime, end: datetime
) -> Sequence[TableRow]:
    """What the assistant has proposed in conversations that fulfil `among`, the oldest first."""
    mine = assistant_proposals.c
    query = (
        select(*_of(assistant_proposals, "id kind provider state distance conversation_id"))
        .join(conversations, conversations.c.id == mine.conversation_id)
        .where(mine.at >= start, mine.at < end, *among)
    )
    return _all(db, query.order_by(mine.at, mine.id))


def rules_drafts(db: Connection, conversation_ids: Sequence[str]) -> Sequence[TableRow]:
    """Which rule asked for which proposals in these conversations."""
    mine = assistant_drafts.c
    query = select(*_of(assistant_drafts, "rule proposals")).where(mine.conversation_id.in_(conversation_ids))
    return _all(db, query.order_by(mine.id))


def open_by_assignee(db: Connection, among: Sequence[ColumnElement[bool]]) -> Sequence[TableRow]:
    """How many are open and fulfil `among`, by assignee (null: nobody's)."""
    columns = conversations.c
    query = select(*(columns.assignee_id, func.count().label("number"))).where(*among, columns.status == "open")
    return _all(db, query.group_by(columns.assignee_id))


def oldest_unassigned(db: Connection, among: Sequence[ColumnElement[bool]], limit: int) -> Sequence[TableRow]:
    """What is open and nobody's, by since when the contact waits, the oldest first."""
    columns = conversations.c
    since = func.coalesce(columns.waiting_since, columns.opened_at)
    query = select(*_of(conversations, "id inbox_id team_id"), since.label("since"))
    nobodys = and_(*among, columns.status == "open", columns.assignee_id.is_(None))
    return _all(db, query.where(nobodys).order_by(since, columns.id).limit(limit))


def members(db: Connection, inbox_ids: Sequence[str]) -> Sequence[str]:
    """Who belongs to any of these inboxes."""
    query = select(inbox_members.c.agent_id).where(inbox_members.c.inbox_id.in_(inbox_ids)).distinct()
    return db.execute(query.order_by(inbox_members.c.agent_id)).scalars().all()


def comings_and_goings(db: Connection, agent_ids: Sequence[str], end: datetime) -> Sequence[TableRow]:
    """Every change of these agents' switches before the moment, by agent in order."""
    mine = agent_statuses.c
    query = select(agent_statuses).where(mine.agent_id.in_(agent_ids), mine.at < end)
    return _all(db, query.order_by(mine.agent_id, mine.id))
