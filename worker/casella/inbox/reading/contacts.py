"""Contacts as a member sees them. They are the organisation's: every member of any inbox finds them by name and number,
and sees of their conversations those that are his to see."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, or_

from casella.errors import NotFound
from casella.inbox.consent import known_stopped
from casella.inbox.house import Rooms, address_key
from casella.inbox.reading.members import Member
from casella.origins import beginnings_of, country_of, new_number_of, spellings_of
from casella.store.queries.people import contact_index, contact_queries
from casella.store.queries.people.contact_queries import Place, Wanted
from casella.store.rows import TableRow
from casella.store.tables import contacts

_NUMBER = re.compile(r"\+?[0-9\s()./-]*")
_FEWEST_DIGITS, _FEWEST_LAST_DIGITS = 2, 4


@dataclass(frozen=True, slots=True)
class AddressView:
    kind: str
    address: str
    opted_out: bool


@dataclass(frozen=True, slots=True)
class ContactView:
    """`attributes`: the desk's own. `favourite`: of the member who looks. `private`: his own; nobody else finds him."""

    id: str
    name: str | None
    linked: bool
    locale: str | None
    created_at: datetime
    addresses: Sequence[AddressView]
    tags: Sequence[str]
    attributes: Mapping[str, object]
    favourite: bool
    picture_url: str | None
    private: bool = False


@dataclass(frozen=True, slots=True)
class ContactPage:
    """`behind`: where the next page begins; None on the last one. `unknown_number`: what was searched for is a whole
    number that is nobody's, as it would be kept (A-15)."""

    items: Sequence[ContactView]
    behind: Place | None
    unknown_number: str | None = None


def seen_by(member: Member) -> ColumnElement[bool]:
    """The condition on `contacts` of everybody this member may find: the organisation's, and his own private ones."""
    of = contacts.c
    his = of.owner_id == member.id
    return and_(of.gone_to.is_(None), or_(of.owner_id.is_(None), his) if member.inbox_ids else his)


def read_contact(db: Connection, rooms: Rooms, member: Member, contact_id: str) -> ContactView:
    """Raises NotFound."""
    found = some_contacts(db, rooms, member, [contact_id])
    if not found:
        raise NotFound("There is no such contact, or it is not yours to see.")
    return found[0]


def require_contact(db: Connection, member: Member, contact_id: str) -> None:
    """Raises NotFound unless the member may find this contact."""
    if not contact_queries.some(db, [contact_id], seen_by(member)):
        raise NotFound("There is no such contact, or it is not yours to see.")


def list_contacts(
    db: Connection, rooms: Rooms, member: Member, behind: Place | None, limit: int, *, favourites: bool = False
) -> ContactPage:
    """The newest first: everybody, or the member's favourites."""
    seen, last = seen_by(member), behind.id if behind else None
    if favourites:
        ids = contact_queries.favourites(db, member.id, seen, last, limit + 1)
    else:
        ids = contact_queries.newest(db, seen, last, limit + 1)
    return _page(db, rooms, member, [Place("", id) for id in ids], limit)


def search_contacts(
    db: Connection, rooms: Rooms, member: Member, query: str, behind: Place | None, limit: int,
    *, favourites: bool = False,
) -> ContactPage:  # fmt: skip
    """By the words of a name, or beginnings of them, whatever the case and accents; or by a number as it is dialled in
    a country of one of our own: its first digits or its last ones. In order of what was found."""
    countries = countries_of(rooms)
    wanted = _wanted(query, countries)
    if wanted is None:
        return ContactPage([], None, None)
    seen = and_(seen_by(member), contact_queries.is_favourite_of(member.id)) if favourites else seen_by(member)
    found = contact_queries.find(db, wanted, seen, behind, limit + 1)
    page = _page(db, rooms, member, found, limit)
    is_number = bool(_NUMBER.fullmatch(query.strip()))
    number = _unknown(db, query, countries) if is_number and behind is None and member.inbox_ids else None
    return ContactPage(page.items, page.behind, number)


def countries_of(rooms: Rooms) -> list[str]:
    """Where the desk's own numbers are: how people there dial is how agents write."""
    own = (entry.address for entry in rooms.directory.current.channels.values() if entry.address.startswith("+"))
    return sorted({country for address in own if (country := country_of(address))})


def _wanted(query: str, countries: Sequence[str]) -> Wanted | None:
    if _NUMBER.fullmatch(query.strip()):
        digits = re.sub(r"[^0-9]", "", query)
        if len(digits) < _FEWEST_DIGITS:
            return None
        fronts = beginnings_of(query, countries)
        return Wanted.numbered(fronts, [digits] if len(digits) >= _FEWEST_LAST_DIGITS else [])
    words = contact_index.words_of(query)
    return Wanted.named(words) if words else None


def _unknown(db: Connection, query: str, countries: Sequence[str]) -> str | None:
    """The number, if it is whole and nobody has it."""
    number = new_number_of(query, countries)
    if number is None:
        return None
    meant = sorted({number, *spellings_of(query, countries)})
    return None if contact_queries.known_numbers(db, meant, "") else number


def _page(db: Connection, rooms: Rooms, member: Member, found: Sequence[Place], limit: int) -> ContactPage:
    shown = found[:limit]
    items = some_contacts(db, rooms, member, [place.id for place in shown])
    return ContactPage(items, shown[-1] if len(found) > limit else None)


def some_contacts(db: Connection, rooms: Rooms, member: Member, ids: Sequence[str]) -> list[ContactView]:
    """Those of these that the member may find, in the given order, in a fixed number of statements."""
    if not ids:
        return []
    rows = {found.id: found for found in contact_queries.some(db, ids, seen_by(member))}
    addresses: dict[str, list[AddressView]] = {}
    known = contact_queries.addresses(db, ids)
    for one, view in zip(known, _addresses(db, rooms, member, known), strict=True):
        addresses.setdefault(one.contact_id, []).append(view)
    tags: dict[str, list[str]] = {}
    for one in contact_queries.tags(db, ids):
        tags.setdefault(one.contact_id, []).append(one.tag)
    favourites = contact_queries.favourites_among(db, member.id, ids)
    pictures = contact_queries.with_pictures(db, ids)
    return [
        ContactView(
            id, row.name, row.linked, row.locale, row.created_at, addresses.get(id, []), tags.get(id, []), row.custom,
            id in favourites, f"/api/v1/contacts/{id}/picture" if id in pictures else None,
            row.owner_id is not None,
        )
        for id in ids
        if (row := rows.get(id)) is not None
    ]  # fmt: skip


def _addresses(db: Connection, rooms: Rooms, member: Member, rows: Sequence[TableRow]) -> list[AddressView]:
    """Each has opted out if it has of any channel the member sees that it can be written to by."""
    mine = [each for each in rooms.directory.current.channels.values() if each.inbox.id in member.every_inbox_id]
    reached = [
        [each for each in mine if address_key(rooms, each, row.address)[:2] == (row.kind, row.scope)] for row in rows
    ]
    pairs = [(channel, row.address) for row, its in zip(rows, reached, strict=True) for channel in its]
    out = known_stopped(rooms, db, pairs)
    return [
        AddressView(row.kind, row.address, any((channel.id, row.address) in out for channel in its))
        for row, its in zip(rows, reached, strict=True)
    ]
