"""`/conversations/{id}/consent`: who may be written to, and who said so."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from casella.api.endpoints import models
from casella.api.endpoints.conversations.conversation import HANDED_OVER, shown_if_his
from casella.api.frame.context import House
from casella.api.frame.documentation import errors
from casella.api.frame.fields import ConversationId, MessageText
from casella.api.frame.once import OptionalOnce
from casella.api.frame.security import Caller
from casella.inbox.commands import opt_outs
from casella.inbox.reading import lists

router = APIRouter(tags=["consent"])
Reason = Annotated[MessageText, Field(min_length=1, max_length=200)]


class LedgerEntry(models.Answer):
    """One decision about a number. Nothing is ever taken out of the ledger."""

    state: Literal["opted_out", "opted_in"]
    source: str = Field(description="keyword: the contact's own words; provider; rule; or agent.")
    evidence: str = Field(description="The words, the provider's code, or the agent's reason.")
    agent: models.Named | None
    message_id: str | None = Field(description="The message that said so.")
    everywhere: bool = Field(description="Whether it counts for all channels of this type.")
    at: datetime
    topic: str = Field("", description="marketing: only of that; all else may be sent.")


class Ledger(models.Answer):
    """What is known of a number's consent, on this conversation's channel."""

    address: str
    opted_out: bool
    may_opt_in: bool = Field(description="Whether an agent may let him back in: not after his own STOP.")
    entries: Sequence[LedgerEntry] = Field(description="The newest first.")
    marketing_stopped: bool = Field(False, description="Marketing was switched off at the provider.")


class Resolution(BaseModel):
    model_config = ConfigDict(extra="forbid")

    details: Annotated[MessageText, Field(max_length=2000)] = Field("", description="Kept as an internal note.")


class OptOut(BaseModel):
    model_config = ConfigDict(extra="forbid")

    reason: Reason = Field(examples=["Asked on the phone not to be written to."])
    purpose: opt_outs.Purpose = Field("service", description="marketing: no advertisements; all else may be sent.")
    resolve: Resolution | None = Field(None, description="Close the conversation too, with these details.")


class OptIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    reason: Reason = Field(examples=["Asked on the phone to be written to again."])
    purpose: opt_outs.Purpose = Field("service", description="marketing: advertisements, too.")
    evidence: Reason | None = Field(
        None, description="For managers: by what the contact himself has taken his own STOP back."
    )


@router.get("/conversations/{conversation_id}/consent", response_model=Ledger, responses=errors(404, 422))
def read_ledger(rooms: House, member: Caller, conversation_id: ConversationId) -> Ledger:
    """Who decided what about this contact's number, when and why."""
    with rooms.store.read() as db:
        lists.require_conversation(db, member, conversation_id)
        return Ledger.model_validate(opt_outs.ledger(db, rooms, conversation_id))


@router.post(
    "/conversations/{conversation_id}/consent/opt-out",
    response_model=models.Conversation,
    responses=HANDED_OVER,
)
def opt_out(
    rooms: House, member: Caller, conversation_id: ConversationId, body: OptOut, once: OptionalOnce
) -> Response:
    """Opt the contact out of everything that channels of this type send, also of what waits in the queue."""

    def deed(db: Connection, at: datetime) -> models.Conversation | None:
        resolve = body.resolve.details if body.resolve else None
        opt_outs.opt_out(
            db, rooms, conversation_id, reason=body.reason, resolve=resolve, by=member.id, at=at, purpose=body.purpose
        )
        return shown_if_his(db, rooms, member, conversation_id, at)

    answer = once.do(200, deed, lambda db: lists.require_conversation(db, member, conversation_id))
    rooms.bell.deliveries()  # rules may have answered
    rooms.bell.feed()
    return answer


@router.post(
    "/conversations/{conversation_id}/consent/opt-in",
    response_model=models.Conversation,
    responses=HANDED_OVER,
)
def opt_in(rooms: House, member: Caller, conversation_id: ConversationId, body: OptIn, once: OptionalOnce) -> Response:
    """Take back what an agent or a rule has decided. 409 `stopped_by_contact` when the contact himself wrote STOP: he
    comes back by writing START, or a manager says by what `evidence` he has."""

    def deed(db: Connection, at: datetime) -> models.Conversation | None:
        opt_outs.opt_in(
            db, rooms, conversation_id, reason=body.reason, by=member.id, at=at, purpose=body.purpose,
            evidence=body.evidence, is_manager=member.is_manager,
        )  # fmt: skip
        return shown_if_his(db, rooms, member, conversation_id, at)

    answer = once.do(200, deed, lambda db: lists.require_conversation(db, member, conversation_id))
    rooms.bell.deliveries()  # rules may have answered
    rooms.bell.feed()
    return answer
