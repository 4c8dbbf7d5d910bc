"""`/contacts/consents`: what many contacts have said of marketing, somewhere else."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from casella.api.endpoints import models
from casella.api.endpoints.contacts.files import ConsentsNoted
from casella.api.frame.context import House
from casella.api.frame.documentation import WRITE_ERRORS, errors
from casella.api.frame.fields import Id, Line, MessageText
from casella.api.frame.once import OptionalOnce
from casella.api.frame.security import Manager
from casella.inbox.contacts import agreeing

router = APIRouter(tags=["contacts"])


class ConsentsBody(BaseModel):
    """What these contacts have said, with the evidence for it."""

    model_config = ConfigDict(extra="forbid")

    contact_ids: Annotated[list[Id], Field(min_length=1, max_length=500)] = Field(description="Their ids.")
    purpose: Literal["marketing"] = Field(description="Advertisements; who has stopped everything comes back himself.")
    state: Literal["opted_in", "opted_out"]
    channels: Annotated[list[Line], Field(min_length=1, max_length=50)] = Field(
        description="Ids or keys of channels with numbers.", examples=[["support-sms"]]
    )
    source: Annotated[MessageText, Field(min_length=1, max_length=200)] = Field(
        description="Where they have said so.", examples=["Form at the counter, Turin"]
    )
    at: AwareDatetime = Field(description="When they have said so.", examples=["2026-11-02T10:00:00Z"])
    dry_run: bool = Field(False, description="Only say what would come of it.")


class SkippedContact(models.Answer):
    contact: str
    code: Literal["no_such_contact", "no_number"]


class Consents(ConsentsNoted):
    """What has come of it, or would."""

    skipped: Sequence[SkippedContact] = Field(description="Contacts of whom nothing could be noted.")


@router.post("/contacts/consents", response_model=Consents, responses=errors(*WRITE_ERRORS))
def note_consents(rooms: House, member: Manager, body: ConsentsBody, once: OptionalOnce) -> Response:
    """Note in the ledger what up to 500 contacts have agreed to or refused, for all numbers of theirs. What is newer
    counts: an older yes takes back no later no, and no STOP."""

    def deed(db: Connection, at: datetime) -> Consents:
        what = agreeing.said(rooms, member, body.state, body.channels, body.source, body.at, at)
        noted, skipped = agreeing.note_contacts(db, rooms, member, body.contact_ids, what, at, dry_run=body.dry_run)
        shown = ConsentsNoted.model_validate(noted)
        return Consents(**dict(shown), skipped=[SkippedContact.model_validate(one) for one in skipped])

    answer = once.do(200, deed, None)
    rooms.bell.feed()
    return answer
