"""Channels and inboxes that the desk no longer has: their conversations are still there."""

from __future__ import annotations

from sqlalchemy import Connection, select

from casella.inbox.house.directory import ChannelEntry, ConnectionEntry, InboxEntry
from casella.store.tables import channels, connections, inboxes

_GONE = "the desk no longer has it"


def former_inbox(db: Connection, inbox_id: str) -> InboxEntry:
    """With no members: nobody is given anything there."""
    row = db.execute(select(inboxes).where(inboxes.c.id == inbox_id)).one()
    return InboxEntry(
        row.id, row.key, row.name, row.timezone, row.locale, row.assignment_mode, frozenset(), row.owner_id
    )


def former_channel(db: Connection, channel_id: str) -> ChannelEntry:
    """One through which nothing can be sent."""
    row = db.execute(select(channels).where(channels.c.id == channel_id)).one()
    link = db.execute(select(connections).where(connections.c.id == row.connection_id)).one()
    connection = ConnectionEntry(link.id, link.key, link.channel_type, None, _GONE)
    return ChannelEntry(row.id, row.key, row.address, row.name, former_inbox(db, row.inbox_id), connection, None)
