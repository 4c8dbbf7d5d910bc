"""`/conversations/{id}/typing` and `/read`: courtesies between agents and contacts, both ways."""

from __future__ import annotations

from fastapi import APIRouter, Response

from casella.api.frame.context import Context
from casella.api.frame.documentation import errors
from casella.api.frame.fields import ConversationId
from casella.api.frame.security import Caller
from casella.inbox.reading import lists, presence

router = APIRouter(tags=["conversations"])


@router.post("/conversations/{conversation_id}/typing", status_code=204, responses=errors(403, 404))
def tell_typing(context: Context, member: Caller, conversation_id: ConversationId) -> Response:
    """You are typing: colleagues are told, and the contact where the channel can show it. Say it again every few
    seconds; it is forgotten otherwise. Nothing is kept."""
    rooms = context.rooms
    with rooms.store.write() as db:
        lists.require_conversation(db, member, conversation_id)
        presence.agent_types(db, rooms, conversation_id, by=member.id, at=rooms.clock.now())
    rooms.bell.feed()
    context.signals.typing(conversation_id)
    return Response(status_code=204)


@router.post("/conversations/{conversation_id}/read", status_code=204, responses=errors(403, 404))
def mark_read(context: Context, member: Caller, conversation_id: ConversationId) -> Response:
    """You have read everything that came in so far. The contact is told where the channel can show it; saying it
    again changes nothing."""
    rooms = context.rooms
    with rooms.store.write() as db:
        lists.require_conversation(db, member, conversation_id)
        news = presence.agent_reads(db, rooms, conversation_id, by=member.id, at=rooms.clock.now())
    if news is not None:
        rooms.bell.feed()
        context.signals.read(conversation_id)
    return Response(status_code=204)
