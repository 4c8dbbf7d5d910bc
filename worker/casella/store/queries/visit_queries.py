"""What one contact address may read of its own: every query here is by channel and address, never by contact, so that
joining two contacts opens nobody's letters."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Select, and_, func, or_, select, tuple_

from casella.store.rows import TableRow
from casella.store.tables import agents, contact_addresses, conversations, messages

_ARRIVED = ("sent", "delivered", "read")
"""States in which a message of the business is the contact's to read."""


@dataclass(frozen=True, slots=True)
class Correspondence:
    """Everything between one channel and one contact address."""

    channel_id: str
    address_id: str


@dataclass(frozen=True, slots=True, order=True)
class VisitPlace:
    """Where a message stands in a correspondence."""

    shown_at: datetime
    sequence: int
    id: str


def address_id(db: Connection, kind: str, scope: str, address: str) -> str | None:
    """The contact address, if anything was ever heard of it."""
    columns = contact_addresses.c
    query = select(columns.id).where(columns.kind == kind, columns.scope == scope, columns.address == address)
    return db.execute(query).scalar_one_or_none()


def before(db: Connection, of: Correspondence, place: VisitPlace | None, limit: int) -> list[TableRow]:
    """The newest messages before a place (or of all), oldest first."""
    query = _messages().where(_belongs(of))
    if place is not None:
        query = query.where(_place() < (place.shown_at, place.sequence, place.id))
    columns = messages.c
    newest = query.order_by(columns.shown_at.desc(), columns.sequence.desc(), columns.id.desc()).limit(limit)
    return list(reversed(db.execute(newest).all()))


def some(db: Connection, of: Correspondence, message_ids: Collection[str]) -> Sequence[TableRow]:
    """Those of these messages that belong to the correspondence and may be read."""
    return db.execute(_messages().where(_belongs(of), messages.c.id.in_(message_ids))).all()


def quoted(db: Connection, of: Correspondence, external_ids: Collection[str]) -> dict[str, str]:
    """Our ids by external id, of messages that the contact quotes."""
    if not external_ids:
        return {}
    query = _messages().where(_belongs(of), messages.c.external_id.in_(external_ids))
    return {row.external_id: row.id for row in db.execute(query)}


def read_at(db: Connection, of: Correspondence) -> datetime | None:
    """Up to when agents have read what the contact wrote."""
    query = select(func.max(conversations.c.read_at)).where(
        conversations.c.channel_id == of.channel_id, conversations.c.address_id == of.address_id
    )
    return db.execute(query).scalar_one_or_none()


def owners(db: Connection, conversation_ids: Collection[str]) -> dict[str, tuple[str, str]]:
    """Whose these conversations are: channel and contact address."""
    columns = conversations.c
    query = (
        select(columns.id, columns.channel_id, contact_addresses.c.address)
        .join(contact_addresses, contact_addresses.c.id == columns.address_id)
        .where(columns.id.in_(conversation_ids))
    )
    return {row.id: (row.channel_id, row.address) for row in db.execute(query)}


def _belongs(of: Correspondence) -> ColumnElement[bool]:
    """The one condition under which a contact may read a message: it is in a shared conversation of his own, it is no
    note, and if it is the business's, it has been sent."""
    return and_(
        conversations.c.world == "shared",
        conversations.c.channel_id == of.channel_id,
        conversations.c.address_id == of.address_id,
        or_(messages.c.direction == "in", and_(messages.c.direction == "out", messages.c.state.in_(_ARRIVED))),
    )


def _messages() -> Select[tuple[object, ...]]:
    by_agent = and_(messages.c.sender_kind == "agent", agents.c.id == messages.c.sender_id)
    return (
        select(messages, agents.c.name.label("agent_name"))
        .join(conversations, conversations.c.id == messages.c.conversation_id)
        .outerjoin(agents, by_agent)
    )


def _place() -> ColumnElement[tuple[datetime, int, str]]:
    return tuple_(messages.c.shown_at, messages.c.sequence, messages.c.id)
