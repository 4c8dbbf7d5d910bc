"""`/contacts/{id}/tags`, `/favourite`, `/sign-out`: what agents note about a contact."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from casella.api.endpoints import models
from casella.api.frame.context import House
from casella.api.frame.documentation import WRITE_ERRORS, errors
from casella.api.frame.fields import ContactId, Tag
from casella.api.frame.once import OptionalOnce
from casella.api.frame.security import Caller
from casella.inbox.contacts import noting
from casella.inbox.house import Rooms
from casella.inbox.reading import Member, contacts
from casella.inbox.state import visitor_revocation

router = APIRouter(tags=["contacts"])


class ContactTag(BaseModel):
    model_config = ConfigDict(extra="forbid")

    tag: Tag = Field(examples=["vip"])


@router.post("/contacts/{contact_id}/tags", response_model=models.Contact, responses=errors(*WRITE_ERRORS))
def add_contact_tag(
    rooms: House, member: Caller, contact_id: ContactId, body: ContactTag, once: OptionalOnce
) -> Response:
    """Tag a contact with a tag of the desk; rules ask for it with `contact.tags`. One he has changes nothing."""

    def deed(db: Connection, _at: datetime) -> models.Contact:
        noting.add_tag(db, rooms, contact_id, body.tag)
        return _shown(db, rooms, member, contact_id)

    return once.do(200, deed, lambda db: contacts.require_contact(db, member, contact_id))


@router.post("/contacts/{contact_id}/tags/remove", response_model=models.Contact, responses=errors(*WRITE_ERRORS))
def remove_contact_tag(
    rooms: House, member: Caller, contact_id: ContactId, body: ContactTag, once: OptionalOnce
) -> Response:
    """Take a tag off a contact. One he has not changes nothing."""

    def deed(db: Connection, _at: datetime) -> models.Contact:
        noting.remove_tag(db, contact_id, body.tag)
        return _shown(db, rooms, member, contact_id)

    return once.do(200, deed, lambda db: contacts.require_contact(db, member, contact_id))


@router.post("/contacts/{contact_id}/sign-out", response_model=models.Contact, responses=errors(*WRITE_ERRORS))
def sign_contact_out(rooms: House, member: Caller, contact_id: ContactId, once: OptionalOnce) -> Response:
    """Whatever this contact's browsers hold counts no more from now on, for example because a computer was stolen. In a
    webchat he begins anew as somebody unknown; a customer for whom the website vouches goes on at once."""

    def deed(db: Connection, at: datetime) -> models.Contact:
        visitor_revocation.sign_out(db, contact_id, at)
        return _shown(db, rooms, member, contact_id)

    return once.do(200, deed, lambda db: contacts.require_contact(db, member, contact_id))


class Favourite(BaseModel):
    model_config = ConfigDict(extra="forbid")

    favourite: bool = Field(examples=[True])


@router.put("/contacts/{contact_id}/favourite", response_model=models.Contact, responses=errors(*WRITE_ERRORS))
def set_favourite(rooms: House, member: Caller, contact_id: ContactId, body: Favourite, once: OptionalOnce) -> Response:
    """Mark a contact as a favourite of yours, or no longer. Rules ask with `contact.favourite` whether he is one of
    whoever has the conversation."""

    def deed(db: Connection, _at: datetime) -> models.Contact:
        noting.set_favourite(db, member, contact_id, body.favourite)
        return _shown(db, rooms, member, contact_id)

    return once.do(200, deed, lambda db: contacts.require_contact(db, member, contact_id))


def _shown(db: Connection, rooms: Rooms, member: Member, contact_id: str) -> models.Contact:
    return models.Contact.model_validate(contacts.read_contact(db, rooms, member, contact_id))
