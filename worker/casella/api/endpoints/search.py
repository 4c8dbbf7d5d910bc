"""`/search`: finding messages by their words."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from casella.api.endpoints import models
from casella.api.endpoints.conversations.conversation import rows_of
from casella.api.frame import paging
from casella.api.frame.context import House
from casella.api.frame.documentation import errors
from casella.api.frame.fields import CursorText, Limit, Line
from casella.api.frame.rates import at_most
from casella.api.frame.security import Caller
from casella.inbox.reading import Hit, contacts, search_messages

router = APIRouter(tags=["messages"])


@router.get("/search", response_model=models.SearchPage, responses=errors(429), dependencies=[at_most("search")])
def search(
    rooms: House,
    member: Caller,
    q: Annotated[Line, Query(min_length=1, description="Words; all must be there, the last may be a beginning.")],
    cursor: CursorText = None,
    limit: Limit = 25,
) -> models.SearchPage:
    """Messages you may see that hold these words, the newest first. A message is found a moment after it arrived. A
    phone number, however it is written, finds the newest message of each conversation with whoever has it."""
    behind = paging.id_place("s", cursor) if cursor is not None else None
    with rooms.store.read() as db:
        page = search_messages(db, member, q, behind, limit, contacts.countries_of(rooms))
        rows = rows_of(db, rooms, member, list(dict.fromkeys(hit.conversation_id for hit in page.items)))
    return models.SearchPage(
        items=[_hit(hit, rows[hit.conversation_id]) for hit in page.items if hit.conversation_id in rows],
        next=paging.id_cursor("s", page.behind) if page.behind else None,
    )


def _hit(hit: Hit, row: models.ConversationRow) -> models.SearchHit:
    message = models.Message.model_validate(hit.message)
    return models.SearchHit.model_construct(conversation_id=hit.conversation_id, conversation=row, message=message)
