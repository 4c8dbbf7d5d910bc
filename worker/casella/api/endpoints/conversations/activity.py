"""`/conversations/{id}/activity` and `/transcript`: who has done what with it, and what was written, as a file."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from fastapi import APIRouter, Response
from fastapi.responses import StreamingResponse
from pydantic import Field

from casella.api.endpoints.models import Answer
from casella.api.frame import paging
from casella.api.frame.context import House
from casella.api.frame.documentation import errors
from casella.api.frame.fields import ConversationId, CursorText, Limit
from casella.api.frame.security import Caller
from casella.inbox.activity import What, list_activity
from casella.inbox.contacts import transcript
from casella.inbox.reading import lists

router = APIRouter(tags=["conversations"])


class Subject(Answer):
    """An agent, a team, an inbox, a contact; or a word, which is its own name."""

    id: str
    name: str | None = Field(description="As it is called now.")


class Actor(Answer):
    """Who did it."""

    kind: Literal["agent", "rule", "contact", "system"]
    id: str | None = Field(description="The agent's or contact's id, the rule's name, or what of the house did it.")
    name: str | None


class Activity(Answer):
    """One thing that was done."""

    id: int = Field(description="Rises with time.")
    at: datetime
    by: Actor
    what: What = Field(description="`snoozed` has the moment until which as `after`.", examples=["assigned"])
    before: Subject | None = Field(description="What it was; null: nothing, nobody.")
    after: Subject | None


class ActivityPage(Answer):
    items: Sequence[Activity]
    next: str | None = Field(description="Cursor of the next page; null on the last one.")


@router.get(
    "/conversations/{conversation_id}/activity", response_model=ActivityPage, responses=errors(400, 403, 404, 422)
)
def read_activity(
    rooms: House, member: Caller, conversation_id: ConversationId, cursor: CursorText = None, limit: Limit = 50
) -> ActivityPage:
    """Who assigned, moved, tagged, closed it, by hand or by which rule; the newest first."""
    before = paging.number_place("activity", cursor) if cursor is not None else None
    with rooms.store.read() as db:
        lists.require_conversation(db, member, conversation_id)
        found = list_activity(db, conversation_id, before, limit + 1)
    following = paging.id_cursor("activity", str(found[limit - 1].id)) if len(found) > limit else None
    return ActivityPage(items=[Activity.model_validate(one) for one in found[:limit]], next=following)


@router.get(
    "/conversations/{conversation_id}/transcript",
    response_class=Response,
    responses={
        **errors(404),
        200: {
            "description": "The file.",
            "content": {
                "text/plain": {"schema": {"type": "string"}}, "application/x-ndjson": {"schema": {"type": "string"}}
            },
        },
    },
)  # fmt: skip
def read_transcript(
    rooms: House,
    member: Caller,
    conversation_id: ConversationId,
    form: Literal["text", "json"] = "text",
    notes: bool = False,
) -> StreamingResponse:
    """Everything that was written, oldest first, as a file: `text` for people, in the inbox's time zone, or `json`, a
    message a line as `/messages` gives it. Notes of colleagues only where `notes` asks for them."""
    with rooms.store.read() as db:
        lists.require_conversation(db, member, conversation_id)
    written = transcript.as_text if form == "text" else transcript.as_json
    kind, ending = ("text/plain; charset=utf-8", "txt") if form == "text" else ("application/x-ndjson", "jsonl")
    name = f'attachment; filename="conversation-{conversation_id}.{ending}"'
    lines = written(rooms, member, conversation_id, notes=notes)
    return StreamingResponse(lines, 200, {"Content-Disposition": name, "Cache-Control": "no-store"}, kind)
