"""`/contacts`: finding them, and one of them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from casella.api.endpoints import models
from casella.api.frame import paging
from casella.api.frame.context import House
from casella.api.frame.documentation import errors
from casella.api.frame.fields import ContactId, CursorText, Limit, Line
from casella.api.frame.rates import at_most
from casella.api.frame.security import Caller
from casella.inbox.reading import contacts

router = APIRouter(tags=["contacts"])


@router.get("/contacts", response_model=models.ContactPage, responses=errors(429), dependencies=[at_most("search")])
def list_contacts(
    rooms: House,
    member: Caller,
    q: Annotated[
        Line | None,
        Query(description="Words of a name, or beginnings of them; or a number in any spelling: its first digits or "
                          "its last ones, four at least."),
    ] = None,
    favourite: Annotated[bool, Query(description="Only your favourites.")] = False,
    cursor: CursorText = None,
    limit: Limit = 25,
) -> models.ContactPage:  # fmt: skip
    """The organisation's contacts: the newest first; with `q` those that are found, in order of what was found.
    `unknown_number`: what you have searched for is a whole number that is nobody's, as it would be kept."""
    behind = paging.contact_place(cursor) if cursor is not None else None
    with rooms.store.read() as db:
        if q is None:
            page = contacts.list_contacts(db, rooms, member, behind, limit, favourites=favourite)
        else:
            page = contacts.search_contacts(db, rooms, member, q, behind, limit, favourites=favourite)
    return models.ContactPage(
        items=[models.Contact.model_validate(one) for one in page.items],
        next=paging.contact_cursor(page.behind) if page.behind else None,
        unknown_number=page.unknown_number,
    )


@router.get("/contacts/{contact_id}", response_model=models.Contact, responses=errors(404))
def read_contact(rooms: House, member: Caller, contact_id: ContactId) -> contacts.ContactView:
    """A contact. His history, as far as it is yours to see: `/conversations?contact=…&status=all`."""
    with rooms.store.read() as db:
        return contacts.read_contact(db, rooms, member, contact_id)
