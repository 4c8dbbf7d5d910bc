"""`/me/notices`: what you are told about your own, until you have seen it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field, JsonValue

from casella.api.endpoints.models import Answer
from casella.api.frame import paging
from casella.api.frame.context import House
from casella.api.frame.documentation import WRITE_ERRORS, errors
from casella.api.frame.fields import CursorText, Id, Limit
from casella.api.frame.security import Caller
from casella.inbox import notices
from casella.inbox.reading import visible

router = APIRouter(tags=["me"])


class Notice(Answer):
    """Something that concerns you."""

    id: str
    at: datetime
    what: str = Field(
        description="reassigned: it went to somebody else; returned: back to the queue, because you had not answered; "
        "unanswered: nobody can take it (for managers); rule: a rule notifies you; mentioned: a note names you; "
        "unconfirmed: your conversation has gone on past a message of which nobody knows whether it arrived.",
        examples=["mentioned"],
    )
    conversation_id: str
    message_id: str | None = Field(description="The note that names you, or the unconfirmed message.")
    more: Mapping[str, JsonValue] = Field(description="`contact_name`, `by`, and what the event told besides.")
    seen_at: datetime | None


class NoticePage(Answer):
    """`unseen`: how many you have not seen, counted up to 1,000."""

    items: Sequence[Notice]
    unseen: int
    next: str | None


@router.get("/me/notices", response_model=NoticePage, responses=errors(400, 422))
def list_notices(
    rooms: House,
    member: Caller,
    unseen: Annotated[bool, Query(description="Only those you have not seen.")] = False,
    cursor: CursorText = None,
    limit: Limit = 50,
) -> NoticePage:
    """The newest first; kept for 90 days. The event stream tells each as it happens (`notice`)."""
    behind = paging.id_place("notices", cursor) if cursor is not None else None
    with rooms.store.read() as db:
        found = notices.list_notices(db, member.id, visible(member), behind, limit + 1, unseen=unseen)
        number = notices.unseen(db, member.id, visible(member))
    following = paging.id_cursor("notices", found[limit - 1].id) if len(found) > limit else None
    return NoticePage(items=[Notice.model_validate(one) for one in found[:limit]], unseen=number, next=following)


class Seen(BaseModel):
    model_config = ConfigDict(extra="forbid")

    notice_ids: Annotated[Sequence[Id], Field(max_length=200)] | None = Field(
        None, description="Which; null: all of them."
    )


@router.post("/me/notices/seen", status_code=204, responses=errors(*WRITE_ERRORS))
def mark_seen(rooms: House, member: Caller, body: Seen) -> Response:
    """You have seen these. Your other screens are told (`notice.seen`); saying it again changes nothing."""
    with rooms.store.write() as db:
        notices.mark_seen(db, member.id, body.notice_ids, rooms.clock.now())
    rooms.bell.feed()
    return Response(status_code=204)
