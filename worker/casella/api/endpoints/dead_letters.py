"""`/dead-letters`: what was tried in vain and is left to people, and trying it again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from pydantic import Field
from sqlalchemy import Connection

from casella.api.endpoints.models import Answer
from casella.api.endpoints.models.answer import Sentence
from casella.api.frame import paging
from casella.api.frame.context import House
from casella.api.frame.documentation import WRITE_ERRORS, errors
from casella.api.frame.fields import CursorText, Limit
from casella.api.frame.once import OptionalOnce
from casella.api.frame.security import Manager
from casella.inbox import dead_letters

router = APIRouter(tags=["managers"])
DeadId = Annotated[
    str, Path(description="Its id.", max_length=26, json_schema_extra={"pattern": "^[0-9A-HJKMNP-TV-Z]{1,26}$"})
]


class DeadLetter(Answer):
    """One thing that was tried in vain."""

    kind: dead_letters.Kind = Field(
        description="webhook: no plugin could read it; event: it could not be applied; message: it did not leave; "
        "call: a rule's webhook; action: a plugin's; letter: a subscription's."
    )
    id: str
    at: datetime
    what: str = Field(description="The connection, the kind of event, message or letter, the webhook, the action.")
    reason: Sentence | None
    attempts: int
    conversation_id: str | None
    may_retry: bool = Field(description="Whether trying again can help.")


class DeadLetterPage(Answer):
    items: Sequence[DeadLetter]
    next: str | None = Field(description="Where to go on, of one kind.")


class Tried(Answer):
    kind: dead_letters.Kind
    id: str


@router.get("/dead-letters", response_model=DeadLetterPage, responses=errors(400, 403))
def list_dead_letters(
    rooms: House,
    member: Manager,
    kind: Annotated[
        dead_letters.Kind | None, Query(description="Only these; without it, the newest of every kind.")
    ] = None,
    cursor: CursorText = None,
    limit: Limit = 50,
) -> DeadLetterPage:
    """What was tried in vain and is left to people, the newest first, of what is yours to see."""
    with rooms.store.read() as db:
        if kind is None:
            return DeadLetterPage(items=_shown(dead_letters.newest(db, member, limit)), next=None)
        behind = paging.id_place(f"dead {kind}", cursor) if cursor is not None else None
        found = dead_letters.list_dead_letters(db, member, kind, behind, limit + 1)
    following = paging.id_cursor(f"dead {kind}", found[limit - 1].id) if len(found) > limit else None
    return DeadLetterPage(items=_shown(found[:limit]), next=following)


@router.post("/dead-letters/{kind}/{dead_id}/retry", response_model=Tried, responses=errors(*WRITE_ERRORS))
def retry_dead_letter(
    rooms: House, member: Manager, kind: dead_letters.Kind, dead_id: DeadId, once: OptionalOnce
) -> Response:
    """Try it again, with all its attempts. A message is sent as a new one, where its `may_retry` says so."""

    def deed(db: Connection, at: datetime) -> Tried:
        dead_letters.try_again(db, rooms, member, kind, dead_id, at)
        return Tried(kind=kind, id=dead_id)

    answer = once.do(200, deed, lambda db: dead_letters.require_seen(db, member, kind, dead_id))
    rooms.bell.deliveries()
    rooms.bell.feed()
    return answer


def _shown(found: Sequence[dead_letters.DeadLetter]) -> list[DeadLetter]:
    return [DeadLetter.model_validate(one) for one in found]
