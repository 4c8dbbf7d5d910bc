"""Canned messages: `/conversations/{id}/canned` lists and sends, `/canned/{key}/preview` shows what would be said."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Self

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, ConfigDict, Field, model_validator
from sqlalchemy import Connection

from casella.api.endpoints import models
from casella.api.endpoints.new_message import answer_with_new
from casella.api.frame.context import House
from casella.api.frame.documentation import WRITE_ERRORS, errors
from casella.api.frame.fields import ConversationId, Id, Line, MessageText
from casella.api.frame.once import RequiredOnce
from casella.api.frame.rates import at_most
from casella.api.frame.security import Caller
from casella.inbox.reading import lists
from casella.inbox.sending import Draft, canned, outbox

router = APIRouter(tags=["canned messages"])
Inputs = Annotated[
    dict[Line, MessageText],
    Field(
        max_length=20,
        description="Values by hand, by the names that were missing.",
        examples=[{"contact.first_name": "Ada"}],
    ),
]
_KEY = Path(description="The message's key in the desk.", max_length=60, examples=["greeting"])


class CannedMessage(BaseModel):
    """One message as agents choose it."""

    model_config = ConfigDict(from_attributes=True)

    key: str = Field(examples=["greeting"])
    phrase: str | None = Field(description="What agents type to find it.", examples=["hello"])
    description: str
    text: str = Field(description="As written, before anything is filled in, in the inbox's locale.")
    locales: Sequence[str] = Field(examples=[["en", "it"]])
    variables: Sequence[str] = Field(description="What is filled in.", examples=[["contact.first_name"]])


class CannedPreview(BaseModel):
    """What would be sent."""

    model_config = ConfigDict(from_attributes=True)

    key: str
    locale: str
    text: str | None = Field(description="Null as long as something is missing.")
    missing: Sequence[str] = Field(description="What to give as inputs.", examples=[["contact.first_name"]])


class PreviewWish(BaseModel):
    """For which conversation, in which locale, with which values."""

    model_config = ConfigDict(extra="forbid")

    conversation_id: Id
    locale: Line | None = Field(None, description="The inbox's own if not said.", examples=["it"])
    inputs: Inputs = Field(default_factory=dict)


class CannedReply(BaseModel):
    """Which message to send: by its key, or by its key phrase."""

    model_config = ConfigDict(extra="forbid")

    key: Line | None = Field(None, examples=["greeting"])
    phrase: Line | None = Field(None, examples=["hello"])
    locale: Line | None = Field(None, description="The inbox's own if not said.", examples=["it"])
    inputs: Inputs = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one_name(self) -> Self:
        if (self.key is None) == (self.phrase is None):
            raise ValueError("say either a key or a phrase")
        return self


@router.get("/conversations/{conversation_id}/canned", response_model=list[CannedMessage], responses=errors(404))
def list_canned(
    rooms: House,
    member: Caller,
    conversation_id: ConversationId,
    phrase: Annotated[Line | None, Query(description="Only the one with this key phrase.")] = None,
) -> Sequence[canned.CannedView]:
    """The canned messages of the conversation's inbox; with `phrase`, the one that it stands for, whatever its case."""
    with rooms.store.read() as db:
        found = canned.list_canned(db, rooms, member, conversation_id)
    return found if phrase is None else canned.with_phrase(found, phrase)


@router.post(
    "/canned/{key}/preview",
    response_model=CannedPreview,
    responses=errors(400, 403, 404, 413, 415, 429),
    dependencies=[at_most("preview")],
)
def preview_canned(rooms: House, member: Caller, key: Annotated[str, _KEY], body: PreviewWish) -> canned.CannedPreview:
    """What the message would say to this contact now, or which inputs are missing for it. Nothing is sent."""
    wish = canned.CannedWish(key=key, locale=body.locale, inputs=body.inputs)
    with rooms.store.read() as db:
        return canned.preview(db, rooms, member, body.conversation_id, wish)


@router.post(
    "/conversations/{conversation_id}/canned",
    response_model=models.Message,
    status_code=201,
    responses=errors(*WRITE_ERRORS),
)
def send_canned(
    rooms: House, member: Caller, conversation_id: ConversationId, body: CannedReply, once: RequiredOnce
) -> Response:
    """Answer with a canned message, filled for this contact. 422 `canned_inputs_missing` names what is missing; it is
    never sent with holes."""
    wish = canned.CannedWish(body.key, body.phrase, body.locale, body.inputs)

    def write(db: Connection, at: datetime) -> str:
        text = canned.filled(db, rooms, member, conversation_id, wish)
        return outbox.queue_reply(db, rooms, conversation_id, Draft(text, sender_id=member.id), at)

    return answer_with_new(once, write, lambda db: lists.require_conversation(db, member, conversation_id))
