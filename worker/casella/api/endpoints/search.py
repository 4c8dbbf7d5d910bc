"""`/search`: finding messages by their words."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from casella.api.endpoints import models
from casella.api.frame import paging
from casella.api.frame.context import House
from casella.api.frame.documentation import errors
from casella.api.frame.fields import CursorText, Limit, Line
from casella.api.frame.security import Caller
from casella.inbox.reading import search_messages
from casella.origins import country_of

router = APIRouter(tags=["messages"])


@router.get("/search", response_model=models.SearchPage, responses=errors())
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
        page = search_messages(db, member, q, behind, limit, _countries(rooms))
    return models.SearchPage(
        items=[models.SearchHit.model_validate(item) for item in page.items],
        next=paging.id_cursor("s", page.behind) if page.behind else None,
    )


def _countries(rooms: House) -> set[str]:
    """Where the desk's own numbers are: how people there dial is how agents write."""
    entries = rooms.directory.current.channels.values()
    return {country for entry in entries if entry.address.startswith("+") and (country := country_of(entry.address))}
