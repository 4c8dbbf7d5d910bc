"""Reading the organisation and its contacts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select, update

from casella.store import tables
from casella.store.rows import TableRow
from casella.store.tables import contact_addresses, contact_profiles, contact_tags


def inboxes(db: Connection, among: Sequence[str]) -> Sequence[TableRow]:
    found = select(tables.inboxes).where(tables.inboxes.c.id.in_(among), tables.inboxes.c.removed_at.is_(None))
    return db.execute(found.order_by(tables.inboxes.c.name, tables.inboxes.c.id)).all()


def channels(db: Connection, inbox_ids: Sequence[str]) -> Sequence[TableRow]:
    mine, link = tables.channels.c, tables.connections.c
    query = (
        select(tables.channels, link.channel_type, link.key.label("connection_key"))
        .join(tables.connections, link.id == mine.connection_id)
        .where(mine.inbox_id.in_(inbox_ids), mine.removed_at.is_(None))
    )
    return db.execute(query.order_by(mine.name, mine.id)).all()


_AFTER_THE_OTHERS = timedelta(seconds=5)


def resume_channel(db: Connection, channel_id: str, inbox_ids: Sequence[str], now: datetime) -> bool:
    """False when none of these inboxes has such a channel. The message that stopped it is tried after the others: it
    may be what is wrong."""
    mine = tables.channels.c
    changed = (
        update(tables.channels)
        .where(mine.id == channel_id, mine.inbox_id.in_(inbox_ids), mine.removed_at.is_(None))
        .values(paused_code=None, paused_text=None, paused_until=None)
    )
    if not db.execute(changed).rowcount:
        return False
    box, message = tables.outbox.c, tables.messages.c
    culprits = select(message.id).where(message.channel_id == channel_id, message.error_code == "channel_misconfigured")
    later = update(tables.outbox).where(
        box.channel_id == channel_id, box.state == "queued", box.message_id.in_(culprits)
    )
    db.execute(later.values(due_at=now + _AFTER_THE_OTHERS))
    return True


def connections(db: Connection) -> Sequence[TableRow]:
    mine = tables.connections.c
    return db.execute(select(tables.connections).where(mine.removed_at.is_(None)).order_by(mine.key)).all()


def kept_webhooks(db: Connection) -> dict[str, int]:
    """How many raw webhooks wait for a replay, by connection key; also of keys that no desk names."""
    mine = tables.kept_webhooks.c
    query = select(mine.connection_key, func.count().label("number")).where(mine.replayed_at.is_(None))
    return {row.connection_key: row.number for row in db.execute(query.group_by(mine.connection_key))}


def contact_picture(db: Connection, contact_id: str) -> TableRow | None:
    """The newest picture that a provider has told of a contact."""
    query = (
        select(contact_profiles)
        .join(contact_addresses, contact_addresses.c.id == contact_profiles.c.address_id)
        .where(contact_addresses.c.contact_id == contact_id, contact_profiles.c.picture_key.is_not(None))
    )
    return db.execute(query.order_by(contact_profiles.c.asked_at.desc()).limit(1)).one_or_none()


def contact_tags_of(db: Connection, contact_id: str) -> Sequence[str]:
    query = select(contact_tags.c.tag).where(contact_tags.c.contact_id == contact_id).order_by(contact_tags.c.tag)
    return db.execute(query).scalars().all()
