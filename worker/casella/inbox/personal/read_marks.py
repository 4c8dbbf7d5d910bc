"""How far an agent has read a conversation: his own mark, which nobody else sees (A-14), and the house's, of which the
contact is told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, func, select

from casella.errors import Invalid
from casella.inbox.house import Rooms
from casella.inbox.reading import Member, own
from casella.inbox.state import AgentMarks, read_by_house, set_back
from casella.inbox.views import tell
from casella.store.feed import ConversationEvent, JsonValue
from casella.store.tables import messages

_Place = Row[int, str]


@dataclass(frozen=True, slots=True)
class Read:
    """`newest`: the provider's id of the newest message of the contact that the house has read by this for the first
    time; None: the contact need not be told. `moved`: the agent's own mark has moved."""

    newest: str | None
    moved: bool


def read(db: Connection, rooms: Rooms, member: Member, conversation_id: str, up_to: str | None, at: datetime) -> Read:
    """The member has read all that had come in when the message `up_to` did; None: all that has come in so far. A mark
    moves up only. Raises Invalid for a message of another conversation."""
    last = _message(db, conversation_id, up_to) if up_to else _last(db, conversation_id)
    if last is None:
        return Read(None, moved=False)
    before = own.mine(db, member, [conversation_id])[conversation_id]
    marks = AgentMarks()
    marks.reads(conversation_id, member.id, last.sequence, _inbound(db, conversation_id, last.sequence))
    marks.write(db)
    moved = own.mine(db, member, [conversation_id])[conversation_id] != before
    if moved:
        _tell_mine(db, rooms, member, conversation_id, at)
    return Read(_read_by_house(db, rooms, conversation_id, last.sequence, member.id, at), moved)


def unread(db: Connection, rooms: Rooms, member: Member, conversation_id: str, since: str | None, at: datetime) -> None:
    """Unread for the member from the contact's message `since` on; None: his newest. What the contact was told stays
    told. Raises Invalid where there is no such message of the contact."""
    first = _message(db, conversation_id, since) if since else _last(db, conversation_id, direction="in")
    if first is None or first.direction != "in":
        raise Invalid("Only a message of the contact can be unread.", code="not_the_contacts")
    inbound = _inbound(db, conversation_id, first.sequence - 1)
    set_back(db, conversation_id, member.id, first.sequence - 1, inbound)
    _tell_mine(db, rooms, member, conversation_id, at)


def _tell_mine(db: Connection, rooms: Rooms, member: Member, conversation_id: str, at: datetime) -> None:
    """To the member alone, on all his screens."""
    found = own.mine(db, member, [conversation_id])[conversation_id]
    mine: dict[str, JsonValue] = {
        "unread": found.unread, "mentioned": found.mentioned, "with_me": found.with_me
    }  # fmt: skip
    tell(rooms, db, [ConversationEvent("conversation.marked", conversation_id, {"mine": mine}, member.id)], at)


def _read_by_house(
    db: Connection, rooms: Rooms, conversation_id: str, sequence: int, by: str, at: datetime
) -> str | None:
    """Up to when agents have read what the contact wrote; told to colleagues, and by the channel to the contact."""
    inbound = (messages.c.conversation_id == conversation_id) & (messages.c.direction == "in")
    query = select(messages.c.received_at, messages.c.external_id).where(inbound, messages.c.sequence <= sequence)
    newest = db.execute(query.order_by(messages.c.received_at.desc(), messages.c.sequence.desc()).limit(1)).first()
    if newest is None:
        return None
    if not read_by_house(db, conversation_id, newest.received_at):
        return None
    payload: dict[str, JsonValue] = {"read_at": newest.received_at.isoformat(), "by": {"agent_id": by}}
    tell(rooms, db, [ConversationEvent("conversation.read", conversation_id, payload)], at)
    return str(newest.external_id) if newest.external_id else None


def _message(db: Connection, conversation_id: str, message_id: str) -> _Place:
    query = select(messages.c.sequence, messages.c.direction).where(messages.c.id == message_id)
    row = db.execute(query.where(messages.c.conversation_id == conversation_id)).one_or_none()
    if row is None:
        raise Invalid("There is no such message in this conversation.", code="unknown_message")
    return row


def _last(db: Connection, conversation_id: str, direction: str | None = None) -> _Place | None:
    query = select(messages.c.sequence, messages.c.direction).where(messages.c.conversation_id == conversation_id)
    if direction is not None:
        query = query.where(messages.c.direction == direction)
    return db.execute(query.order_by(messages.c.sequence.desc()).limit(1)).first()


def _inbound(db: Connection, conversation_id: str, sequence: int) -> int:
    """How many of the contact's messages had come in with this one."""
    inbound = (messages.c.conversation_id == conversation_id) & (messages.c.direction == "in")
    query = select(func.count()).select_from(messages).where(inbound, messages.c.sequence <= sequence)
    return db.execute(query).scalar_one()
