"""Views of conversations and messages as the database has them, many in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import Connection

from casella.inbox.consent import known_stopped
from casella.inbox.house import Rooms
from casella.inbox.views.shapes import ConversationView, MessageView, conversation_view, message_view
from casella.store.queries import conversation_queries, message_queries
from casella.store.rows import PlainRow


def conversation_views(db: Connection, conversation_ids: Sequence[str]) -> list[ConversationView]:
    """In the given order, not yet `labelled`. Whether they may be seen was asked before."""
    if not conversation_ids:
        return []
    rows = {row.id: row for row in conversation_queries.details(db, conversation_ids)}
    tags = conversation_queries.tags(db, conversation_ids)
    return [conversation_view(rows[id], tags.get(id, [])) for id in conversation_ids if id in rows]


def labelled(db: Connection, rooms: Rooms, views: Sequence[ConversationView]) -> list[ConversationView]:
    """The same with the label "opted out" where it belongs, in one question."""
    known = rooms.directory.current.channels
    places = {(view.channel.id, view.contact.address) for view in views if view.channel.id in known}
    out = known_stopped(rooms, db, [(known[channel_id], address) for channel_id, address in places])
    return [
        replace(view, contact=replace(view.contact, opted_out=True))
        if (view.channel.id, view.contact.address) in out
        else view
        for view in views
    ]


def message_views(db: Connection, rows: Sequence[PlainRow]) -> list[MessageView]:
    """In the given order. Whether they may be seen was asked before."""
    files = message_queries.attachments_of(db, [row.id for row in rows if row.has_attachments])
    quoting = [row for row in rows if row.reply_to_external and not row.reply_to]
    quoted = message_queries.quoted(
        db, {row.conversation_id for row in quoting}, [row.reply_to_external for row in quoting]
    )
    return [message_view(row, files.get(row.id, []), quoted) for row in rows]
