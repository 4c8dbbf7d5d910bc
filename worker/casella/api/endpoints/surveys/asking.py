"""`/conversations/{id}/surveys`: asking the customer how it was."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from casella.api.endpoints import models
from casella.api.endpoints.new_message import answer_with_new
from casella.api.frame.context import House
from casella.api.frame.documentation import WRITE_ERRORS, errors
from casella.api.frame.fields import ConversationId, Line
from casella.api.frame.once import RequiredOnce
from casella.api.frame.security import Caller
from casella.inbox.commands import surveying
from casella.inbox.reading import lists

router = APIRouter(tags=["conversations"])


class Survey(models.Answer):
    """A survey of the desk, and what came of it in this conversation."""

    key: str
    question: str = Field(description="Before anything is filled in.")
    kind: Literal["scale", "thumbs", "text"]
    by: Literal["channel", "link"] = Field(description="Where it is answered.")
    lowest: int = Field(description="0 for thumbs, and where words are asked for.")
    highest: int = Field(description="1 for thumbs, 0 where words are asked for.")
    sent_at: datetime | None = Field(description="null: not asked yet.")
    score: int | None
    comment: str | None = Field(description="What the customer wrote.")
    answered_at: datetime | None


class SurveyBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    survey: Line | None = Field(None, description="Its name in the desk; null: the first.", examples=["csat"])


@router.get("/conversations/{conversation_id}/surveys", response_model=list[Survey], responses=errors(403, 404))
def list_surveys(rooms: House, member: Caller, conversation_id: ConversationId) -> list[surveying.SurveyView]:
    """The desk's surveys, and which of them this conversation has been asked."""
    with rooms.store.read() as db:
        return surveying.list_surveys(db, rooms, member, conversation_id)


@router.post(
    "/conversations/{conversation_id}/surveys",
    response_model=models.Message,
    status_code=201,
    responses=errors(*WRITE_ERRORS),
)
def send_survey(
    rooms: House, member: Caller, conversation_id: ConversationId, body: SurveyBody, once: RequiredOnce
) -> Response:
    """Ask how it was. Each survey is asked once for a conversation, by people and rules together: 409
    `survey_sent_before`. The answer is the customer's next message that is one (a number, a thumb, words), or comes
    by the link that goes with the question."""

    def write(db: Connection, at: datetime) -> str:
        return surveying.send(db, rooms, member, conversation_id, body.survey, at)

    return answer_with_new(once, write, lambda db: lists.require_conversation(db, member, conversation_id))
