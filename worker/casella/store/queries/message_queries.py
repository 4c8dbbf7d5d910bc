"""Reading messages: pages by key in the order people see (law 3), with senders and attachments, without one query
per message."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Integer, and_, bindparam, or_, select, tuple_

from casella.store.rows import PlainRow, TableRow, plain
from casella.store.tables import agents, attachments, contacts, conversations, decisions, messages, send_attempts
from casella.store.types import Instant


@dataclass(frozen=True, slots=True, order=True)
class MessagePlace:
    """Where a message stands in its conversation."""

    shown_at: datetime
    sequence: int


def before(db: Connection, conversation_id: str, place: MessagePlace | None, limit: int) -> list[PlainRow]:
    """The newest messages before a place (or of all), oldest first."""
    newest_first = plain(db.execute(_NEWEST if place is None else _BEFORE, _asked(conversation_id, place, limit)))
    return newest_first[::-1]


def after(db: Connection, conversation_id: str, place: MessagePlace, limit: int) -> list[PlainRow]:
    """The oldest messages behind a place, oldest first."""
    return plain(db.execute(_AFTER, _asked(conversation_id, place, limit)))


def _asked(conversation_id: str, place: MessagePlace | None, limit: int) -> dict[str, object]:
    there = {"shown_at": place.shown_at, "sequence": place.sequence} if place is not None else {}
    return {"conversation_id": conversation_id, "most": limit, **there}


def place_of(db: Connection, conversation_id: str, message_id: str) -> MessagePlace | None:
    """Where a message of this conversation stands."""
    query = select(messages.c.shown_at, messages.c.sequence).where(messages.c.id == message_id)
    row = db.execute(query.where(messages.c.conversation_id == conversation_id)).one_or_none()
    return MessagePlace(row.shown_at, row.sequence) if row else None


def message(db: Connection, message_id: str, visible: ColumnElement[bool]) -> TableRow | None:
    """One message of a conversation that fulfils `visible`."""
    query = _MESSAGES.join(conversations, conversations.c.id == messages.c.conversation_id)
    return db.execute(query.where(messages.c.id == message_id, visible)).one_or_none()


def some(db: Connection, message_ids: Sequence[str]) -> Sequence[PlainRow]:
    """These messages, in no order."""
    return plain(db.execute(_SOME, {"ids": list(message_ids)}))


def ids_in(db: Connection, conversation_id: str, message_ids: Collection[str]) -> Sequence[str]:
    """Which of these messages are in this conversation."""
    query = select(messages.c.id).where(messages.c.conversation_id == conversation_id)
    return db.execute(query.where(messages.c.id.in_(message_ids))).scalars().all()


def quoted(
    db: Connection, conversation_ids: Collection[str], external_ids: Collection[str]
) -> dict[tuple[str, str], str]:
    """Our ids, by (conversation id, external id), of these conversations' messages that the provider knows so."""
    if not external_ids:
        return {}
    query = (
        select(messages.c.conversation_id, messages.c.external_id, messages.c.id)
        .join(conversations, conversations.c.channel_id == messages.c.channel_id)
        .where(conversations.c.id.in_(conversation_ids), messages.c.conversation_id == conversations.c.id)
        .where(messages.c.direction.in_(("in", "out")), messages.c.external_id.in_(external_ids))
    )
    return {(row.conversation_id, row.external_id): row.id for row in db.execute(query)}


def attachments_of(db: Connection, message_ids: Sequence[str]) -> dict[str, list[TableRow]]:
    found: dict[str, list[TableRow]] = {}
    if message_ids:
        query = select(attachments).where(attachments.c.message_id.in_(message_ids))
        for row in db.execute(query.order_by(attachments.c.message_id, attachments.c.position, attachments.c.id)):
            found.setdefault(row.message_id, []).append(row)
    return found


def attachment(db: Connection, attachment_id: str, visible: ColumnElement[bool], uploaded_by: str) -> TableRow | None:
    """An attachment of a message in a visible conversation, or one this agent has uploaded and not yet sent."""
    within_reach = or_(visible, and_(attachments.c.message_id.is_(None), attachments.c.uploaded_by == uploaded_by))
    joined = attachments.outerjoin(messages, messages.c.id == attachments.c.message_id).outerjoin(
        conversations, conversations.c.id == messages.c.conversation_id
    )
    query = select(attachments).select_from(joined).where(attachments.c.id == attachment_id, within_reach)
    return db.execute(query).one_or_none()


def attempts_of(db: Connection, message_id: str) -> Sequence[TableRow]:
    query = select(send_attempts).where(send_attempts.c.message_id == message_id)
    return db.execute(query.order_by(send_attempts.c.id)).all()


def decisions_of(db: Connection, conversation_id: str, before_id: str | None, limit: int) -> Sequence[TableRow]:
    """The newest first."""
    query = select(decisions).where(decisions.c.conversation_id == conversation_id)
    if before_id is not None:
        query = query.where(decisions.c.id < before_id)
    return db.execute(query.order_by(decisions.c.id.desc()).limit(limit)).all()


_MESSAGES = (
    select(messages, agents.c.name.label("agent_name"), contacts.c.name.label("contact_name"))
    .outerjoin(agents, and_(messages.c.sender_kind == "agent", agents.c.id == messages.c.sender_id))
    .outerjoin(contacts, and_(messages.c.sender_kind == "contact", contacts.c.id == messages.c.sender_id))
)
_SOME = _MESSAGES.where(messages.c.id.in_(bindparam("ids", expanding=True)))
_THERE = _MESSAGES.where(messages.c.conversation_id == bindparam("conversation_id")).limit(bindparam("most"))
_NEWEST = _THERE.order_by(messages.c.shown_at.desc(), messages.c.sequence.desc())
_STANDS = tuple_(messages.c.shown_at, messages.c.sequence)
_PLACE = tuple_(bindparam("shown_at", type_=Instant()), bindparam("sequence", type_=Integer()))
_BEFORE = _NEWEST.where(_STANDS < _PLACE)
_AFTER = _THERE.where(_STANDS > _PLACE).order_by(messages.c.shown_at, messages.c.sequence)


def participants_of(db: Connection, conversation_id: str) -> Sequence[str]:
    """The names of those who have written in a conversation of several people."""
    written = select(messages.c.details).where(
        messages.c.conversation_id == conversation_id, messages.c.details.is_not(None)
    )
    rows = db.execute(written.order_by(messages.c.sequence.desc()).limit(_LOOKED_AT)).scalars()
    names = (details.get("participant_name") for details in rows if isinstance(details, dict))
    return sorted({name for name in names if isinstance(name, str) and name})


_LOOKED_AT = 200
