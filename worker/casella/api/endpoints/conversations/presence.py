"""`/conversations/{id}/typing`, `/read` and `/unread`: courtesies between agents and contacts; an agent's own mark."""

from __future__ import annotations

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from casella.api.frame.context import Context
from casella.api.frame.documentation import WRITE_ERRORS, errors
from casella.api.frame.fields import ConversationId, Id
from casella.api.frame.security import Caller
from casella.inbox.personal import read_marks
from casella.inbox.reading import lists, presence

router = APIRouter(tags=["conversations"])


@router.post("/conversations/{conversation_id}/typing", status_code=204, responses=errors(403, 404))
def tell_typing(context: Context, member: Caller, conversation_id: ConversationId) -> Response:
    """You are typing: colleagues are told, and the contact where the channel can show it. Say it again every few
    seconds; it is forgotten otherwise. Nothing is kept."""
    rooms = context.rooms
    with rooms.store.write() as db:
        lists.require_answerable(db, member, conversation_id)
        presence.agent_types(db, rooms, conversation_id, by=member.id, at=rooms.clock.now())
    rooms.bell.feed()
    context.signals.typing(conversation_id)
    return Response(status_code=204)


@router.post("/conversations/{conversation_id}/viewing", status_code=204, responses=errors(403, 404))
def tell_viewing(context: Context, member: Caller, conversation_id: ConversationId) -> Response:
    """You are looking at it: colleagues are told (`conversation.viewing`), so that two do not answer at once. Say it
    again every 15 seconds; after 20 it is forgotten. Nothing is kept, and the contact is not told."""
    rooms = context.rooms
    with rooms.store.write() as db:
        lists.require_conversation(db, member, conversation_id)
        presence.agent_views(db, rooms, conversation_id, by=member.id, at=rooms.clock.now())
    rooms.bell.feed()
    return Response(status_code=204)


class ReadUpTo(BaseModel):
    """How far you have read."""

    model_config = ConfigDict(extra="forbid")

    up_to: Id | None = Field(
        None,
        description="Id of the message that came in last of those you were shown; what comes in meanwhile stays "
        "unread. null: everything so far.",
    )


@router.post("/conversations/{conversation_id}/read", status_code=204, responses=errors(*WRITE_ERRORS))
def mark_read(
    context: Context, member: Caller, conversation_id: ConversationId, body: ReadUpTo | None = None
) -> Response:
    """You have read what had come in with this message. Your own mark moves, never back; nobody else's does, and only
    you are told (`conversation.marked`). The contact is told once, by whoever of the house is first, where the channel
    can show it."""
    rooms, up_to = context.rooms, body.up_to if body is not None else None
    with rooms.store.write() as db:
        lists.require_answerable(db, member, conversation_id)
        found = read_marks.read(db, rooms, member, conversation_id, up_to, rooms.clock.now())
    rooms.bell.feed()
    if found.newest is not None:
        context.signals.read(conversation_id, found.newest)
    return Response(status_code=204)


class UnreadSince(BaseModel):
    """From where on it is unread again."""

    model_config = ConfigDict(extra="forbid")

    since: Id | None = Field(None, description="Id of the contact's message that is unread again; null: his newest.")


@router.post("/conversations/{conversation_id}/unread", status_code=204, responses=errors(*WRITE_ERRORS))
def mark_unread(
    context: Context, member: Caller, conversation_id: ConversationId, body: UnreadSince | None = None
) -> Response:
    """Unread again, for you alone: from a message of the contact on, or his newest. What the contact was told stays
    told."""
    rooms, since = context.rooms, body.since if body is not None else None
    with rooms.store.write() as db:
        lists.require_answerable(db, member, conversation_id)
        read_marks.unread(db, rooms, member, conversation_id, since, rooms.clock.now())
    rooms.bell.feed()
    return Response(status_code=204)
