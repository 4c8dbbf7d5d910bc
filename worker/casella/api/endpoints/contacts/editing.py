"""`POST /contacts` and `PATCH /contacts/{id}`: contacts made and changed by hand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from casella.api.endpoints import models
from casella.api.frame.context import House
from casella.api.frame.documentation import WRITE_ERRORS, errors
from casella.api.frame.fields import ContactId, Line, Tag
from casella.api.frame.once import OptionalOnce
from casella.api.frame.security import Caller
from casella.inbox.contacts import Details, editing
from casella.inbox.reading import contacts

router = APIRouter(tags=["contacts"])
Attributes = Annotated[Mapping[Line, Line | bool | float | None], Field(max_length=100)]


class ContactBody(BaseModel):
    """What changes of a contact; what is not named stays."""

    model_config = ConfigDict(extra="forbid")

    name: Line | None = Field(None, examples=["Ada Lovelace"], description="null: he is shown by his number again.")
    locale: Line | None = Field(None, examples=["it-IT"], description="In which language he is written to.")
    numbers: Annotated[list[Line], Field(max_length=20)] = Field(
        [], examples=[["+39 06 1234 5678"]], description="Numbers he has besides, in any spelling."
    )
    attributes: Attributes = Field({}, description="The desk's own (`contact.custom.…`); null forgets one.")

    def details(self) -> Details:
        return Details(self.name, self.locale, self.numbers, self.attributes, changed=self.model_fields_set)


class NewContact(ContactBody):
    """A contact of the organisation: a name or a number at least."""

    tags: Annotated[list[Tag], Field(max_length=50)] = Field([], description="Of the desk.", examples=[["vip"]])
    private: bool = Field(False, description="Your own, for your own numbers: nobody else finds him.")

    def details(self) -> Details:
        return Details(self.name, self.locale, self.numbers, self.attributes, self.tags, private=self.private)


@router.post("/contacts", response_model=models.Contact, status_code=201, responses=errors(*WRITE_ERRORS))
def create_contact(rooms: House, member: Caller, body: NewContact, once: OptionalOnce) -> Response:
    """Make a contact, whom every member of any inbox finds. 409 `number_known` with the `contact_id` of whoever has the
    number; 422 `not_a_number`, `unknown_attribute`, `bad_attribute`, `unknown_tag`."""

    def deed(db: Connection, at: datetime) -> models.Contact:
        id = editing.create(db, rooms, member, body.details(), at)
        return models.Contact.model_validate(contacts.read_contact(db, rooms, member, id))

    def sight_again(db: Connection, answered: str) -> None:
        contacts.require_contact(db, member, models.Contact.model_validate_json(answered).id)

    answer = once.do(201, deed, None, sight_again=sight_again)
    rooms.bell.feed()
    return answer


@router.patch("/contacts/{contact_id}", response_model=models.Contact, responses=errors(*WRITE_ERRORS))
def edit_contact(
    rooms: House, member: Caller, contact_id: ContactId, body: ContactBody, once: OptionalOnce
) -> Response:
    """Change what is known of a contact: his name replaces his number wherever he is shown."""

    def deed(db: Connection, at: datetime) -> models.Contact:
        editing.edit(db, rooms, member, contact_id, body.details(), at)
        return models.Contact.model_validate(contacts.read_contact(db, rooms, member, contact_id))

    answer = once.do(200, deed, lambda db: contacts.require_contact(db, member, contact_id))
    rooms.bell.feed()
    return answer
