"""`/me/drafts` and `/me/views`: what you have begun to write, and the lists you have saved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from casella.api.endpoints import models
from casella.api.endpoints.conversations.listing import FilterQuery
from casella.api.frame.context import House
from casella.api.frame.documentation import WRITE_ERRORS, errors
from casella.api.frame.fields import ConversationId, Id, Line, MessageText, ViewId
from casella.api.frame.once import OptionalOnce
from casella.api.frame.security import Caller
from casella.inbox.personal import drafts, saved_views
from casella.inbox.reading import lists
from casella.store.queries.conversation_queries import Sort

router = APIRouter(tags=["me"])


class Draft(models.Answer):
    """Something you have begun to write."""

    conversation_id: str
    kind: drafts.Kind
    text: str
    attachment_ids: Sequence[str]
    version: int = Field(description="Rises with every change.")
    updated_at: datetime


@router.get("/me/drafts", response_model=list[Draft], responses=errors())
def list_own_drafts(rooms: House, member: Caller) -> list[drafts.Draft]:
    """Yours, the newest first, from whichever of your screens."""
    with rooms.store.read() as db:
        return drafts.list_drafts(db, member)


class DraftBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    text: MessageText = Field("", examples=["Dear Anna,"])
    attachment_ids: Annotated[Sequence[Id], Field(max_length=10)] = Field((), description="Uploaded before.")
    expected: Annotated[int, Field(ge=0)] | None = Field(
        None, description="The version you have changed, 0 for none. If it is another by now, nothing is kept."
    )


@router.put(
    "/me/drafts/{conversation_id}/{draft}",
    response_model=Draft,
    responses={**errors(*WRITE_ERRORS), 204: {"description": "There is no draft any more."}},
)
def keep_draft(
    rooms: House,
    member: Caller,
    conversation_id: ConversationId,
    draft: drafts.Kind,
    body: DraftBody,
    once: OptionalOnce,
) -> Response:
    """Keep what you have begun to write, a reply or a note; empty, it is forgotten. 409 `draft_changed` with the
    `version` when you have written on at another place. Your other screens are told (`draft.updated`)."""

    def deed(db: Connection, at: datetime) -> Draft | None:
        kept = drafts.keep(
            db, rooms, member, conversation_id, draft, body.text, body.attachment_ids, body.expected, at
        )  # fmt: skip
        return Draft.model_validate(kept) if kept is not None else None

    answer = once.do(200, deed, lambda db: lists.require_answerable(db, member, conversation_id))
    rooms.bell.feed()
    return answer


class View(models.Answer):
    """A list under a name."""

    id: str
    name: str
    query: Mapping[str, str | bool | Sequence[str]] = Field(
        description="Parameters of `GET /conversations`.", examples=[{"status": "open", "tag": ["vip"]}]
    )
    shared: bool = Field(description="Everybody has it.")
    mine: bool


class ViewQuery(FilterQuery):
    """The filters of `GET /conversations`, and in which order."""

    sort: Sort | None = None


class ViewBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: Annotated[Line, Field(min_length=1)] = Field(examples=["Urgent, mine"])
    query: ViewQuery = Field(
        description="Parameters of `GET /conversations`.", examples=[{"status": "open", "tag": ["vip"]}]
    )
    shared: bool = Field(False, description="For everybody; managers only.")


@router.get("/me/views", response_model=list[View], responses=errors())
def list_views(rooms: House, member: Caller) -> list[saved_views.SavedView]:
    """Yours and the shared ones. What each shows is still only what you may see."""
    with rooms.store.read() as db:
        return saved_views.list_views(db, member)


@router.post("/me/views", response_model=View, status_code=201, responses=errors(*WRITE_ERRORS))
def save_view(rooms: House, member: Caller, body: ViewBody, once: OptionalOnce) -> Response:
    """Save a list under a name. 409 `view_exists` for a name you have used."""
    body.query.filters(rooms, body.query.sort or "recent_messages")  # a tag that the desk does not have is refused here

    def deed(db: Connection, at: datetime) -> View:
        query = body.query.model_dump(mode="json", exclude_defaults=True)
        saved = saved_views.save(db, member, body.name, query, shared=body.shared, at=at)
        return View.model_validate(saved)

    return once.do(201, deed, None)


@router.delete("/me/views/{view_id}", status_code=204, responses=errors(403, 404))
def delete_view(rooms: House, member: Caller, view_id: ViewId) -> Response:
    """Forget one of yours."""
    with rooms.store.write() as db:
        saved_views.delete(db, member, view_id)
    return Response(status_code=204)
