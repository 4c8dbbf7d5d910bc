"""`/conversations/{id}/snooze`, `/team` and `/inbox`: put aside, or given to others."""

from __future__ import annotations

from fastapi import APIRouter, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from casella.api.endpoints import models
from casella.api.endpoints.conversations.conversation import HANDED_OVER, changed
from casella.api.frame.context import House
from casella.api.frame.fields import ConversationId, Line
from casella.api.frame.once import OptionalOnce
from casella.api.frame.security import Caller
from casella.inbox.commands import snoozing, transferring

router = APIRouter(tags=["conversations"])


class SnoozeBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    until: AwareDatetime = Field(description="At most a year from now.", examples=["2026-11-24T09:00:00+01:00"])


@router.post("/conversations/{conversation_id}/snooze", response_model=models.Conversation, responses=HANDED_OVER)
def snooze_conversation(
    rooms: House, member: Caller, conversation_id: ConversationId, body: SnoozeBody, once: OptionalOnce
) -> Response:
    """Put it aside until then, or until the contact writes. `POST …/reopen` brings it back at once."""
    return changed(
        rooms,
        member,
        conversation_id,
        once,
        lambda db, at: snoozing.snooze(db, rooms, conversation_id, body.until, by=member.id, at=at),
    )


class TeamBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    team: Line = Field(description="Id or key of a team.", examples=["billing"])


@router.post("/conversations/{conversation_id}/team", response_model=models.Conversation, responses=HANDED_OVER)
def hand_to_team(
    rooms: House, member: Caller, conversation_id: ConversationId, body: TeamBody, once: OptionalOnce
) -> Response:
    """Hand it to a team: one of them gets it, in the team's own manner; where nobody is free it waits in their queue.
    Only a manager hands over what somebody else has."""
    return changed(
        rooms,
        member,
        conversation_id,
        once,
        lambda db, at: transferring.to_team(db, rooms, member, conversation_id, body.team, at),
    )


class InboxBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    inbox: Line = Field(description="Id or key of one of your inboxes.", examples=["sales"])


@router.post("/conversations/{conversation_id}/inbox", response_model=models.Conversation, responses=HANDED_OVER)
def move_to_inbox(
    rooms: House, member: Caller, conversation_id: ConversationId, body: InboxBody, once: OptionalOnce
) -> Response:
    """Move it to another of your inboxes. Its members go on with it; answers still leave by the channel the customer
    wrote to. Whoever has it and does not see the new inbox loses it."""
    return changed(
        rooms,
        member,
        conversation_id,
        once,
        lambda db, at: transferring.to_inbox(db, rooms, member, conversation_id, body.inbox, at),
    )
