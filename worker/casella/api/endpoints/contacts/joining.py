"""`/conversations/{id}/contact`, `/contacts/{id}/merge`, `/contacts/{id}/merges`: who somebody is."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from casella.api.endpoints import models
from casella.api.endpoints.conversations.conversation import HANDED_OVER, changed
from casella.api.frame.context import House
from casella.api.frame.documentation import WRITE_ERRORS, errors
from casella.api.frame.fields import ContactId, ConversationId, Id, MergeId
from casella.api.frame.once import OptionalOnce
from casella.api.frame.security import Caller
from casella.inbox.contacts import linking, merging
from casella.inbox.reading import contacts, lists

router = APIRouter(tags=["contacts"])


class LinkBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    contact: Id = Field(description="Id of a contact; a new one is made first (`POST /contacts`).")


@router.put("/conversations/{conversation_id}/contact", response_model=models.Conversation, responses=HANDED_OVER)
def link_contact(
    rooms: House, member: Caller, conversation_id: ConversationId, body: LinkBody, once: OptionalOnce
) -> Response:
    """Say who this is, or that it is somebody else: the address of the conversation, with all that was ever written
    under it, belongs to this contact from now on, and his name replaces the number."""

    def sight(db: Connection) -> None:
        lists.require_conversation(db, member, conversation_id)
        contacts.require_contact(db, member, body.contact)

    def change(db: Connection, at: datetime) -> None:
        linking.link(db, rooms, member, conversation_id, body.contact, at)

    return changed(rooms, member, conversation_id, once, change, sight)


class MergeBody(BaseModel):
    model_config = ConfigDict(extra="forbid")

    contact: Id = Field(description="Id of the other contact, who is gone then.")


class Merge(models.Answer):
    """Somebody whom this contact has taken in."""

    id: str
    kept_id: str
    gone_id: str
    gone_name: str | None
    by: models.Named
    at: datetime
    undone_at: datetime | None
    may_undo: bool = Field(description="Within 30 days, while neither was merged again.")


@router.post("/contacts/{contact_id}/merge", response_model=models.Contact, responses=errors(*WRITE_ERRORS))
def merge_contact(rooms: House, member: Caller, contact_id: ContactId, body: MergeBody, once: OptionalOnce) -> Response:
    """Both are one: addresses, conversations, tags, favourites and attributes of the other are this contact's. Where
    both say something, this one is right. Who has opted out under an address has done so still."""

    def deed(db: Connection, at: datetime) -> models.Contact:
        if not merging.is_done(db, contact_id, body.contact):
            contacts.require_contact(db, member, body.contact)
            merging.merge(db, rooms, member, contact_id, body.contact, at)
        return models.Contact.model_validate(contacts.read_contact(db, rooms, member, contact_id))

    answer = once.do(200, deed, lambda db: contacts.require_contact(db, member, contact_id))
    rooms.bell.feed()
    return answer


@router.get("/contacts/{contact_id}/merges", response_model=list[Merge], responses=errors(404))
def list_merges(rooms: House, member: Caller, contact_id: ContactId) -> list[merging.MergeView]:
    """Whom this contact has taken in, the newest first."""
    with rooms.store.read() as db:
        contacts.require_contact(db, member, contact_id)
        return merging.list_merges(db, contact_id, rooms.clock.now())


@router.post(
    "/contacts/{contact_id}/merges/{merge_id}/undo", response_model=models.Contact, responses=errors(*WRITE_ERRORS)
)
def undo_merge(rooms: House, member: Caller, contact_id: ContactId, merge_id: MergeId, once: OptionalOnce) -> Response:
    """Two again. Answers with the one who was gone. 409 `merge_final` when it is too late."""

    def deed(db: Connection, at: datetime) -> models.Contact:
        id = merging.undo(db, rooms, member, contact_id, merge_id, at)
        return models.Contact.model_validate(contacts.read_contact(db, rooms, member, id))

    answer = once.do(200, deed, lambda db: contacts.require_contact(db, member, contact_id))
    rooms.bell.feed()
    return answer
