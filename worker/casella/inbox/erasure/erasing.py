"""Erasing one person: what is kept of him, wherever, is gone, and a row says that somebody was erased, not who."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select

from casella.errors import Conflict, NotFound
from casella.ids import new_id
from casella.inbox.consent import keep_stops
from casella.inbox.house import Rooms
from casella.inbox.reading import Member, contacts
from casella.inbox.sending import uploads
from casella.store import feed
from casella.store.feed import FeedEvent
from casella.store.queries.oversight import person_queries
from casella.store.queries.oversight.person_queries import Person
from casella.store.tables import contacts as people
from casella.store.tables import conversations, erasures

NOT_PRIVATE = conversations.c.world != "private"


class StillKept(Conflict):
    """Webhooks that name him were set aside and are yet to be read; others' messages may be in them."""

    code = "still_kept"

    def __init__(self) -> None:
        super().__init__(
            "Webhooks that were set aside name this person, and others' messages may be in them. Read them first "
            "(`casella replay`), then erase again."
        )


@dataclass(frozen=True, slots=True)
class ErasureView:
    """`counts`: how many conversations, messages and attachments it were, of those that were not private."""

    id: str
    agent_id: str
    at: datetime
    counts: Mapping[str, int]


def preview(db: Connection, admin: Member, contact_id: str) -> Mapping[str, int]:
    """What would go; what is private goes, too, and is not counted. Raises NotFound and StillKept."""
    require_whole(db, admin, contact_id)
    return person_queries.counts(db, _person(db, contact_id), NOT_PRIVATE)


def erase(db: Connection, rooms: Rooms, admin: Member, contact_id: str, at: datetime) -> ErasureView:
    """Raises NotFound and StillKept. After the commit, call `delete_files`."""
    require_whole(db, admin, contact_id)
    person_queries.hold(db, person_queries.find(db, contact_id))
    person = _person(db, contact_id)
    counts = person_queries.counts(db, person, NOT_PRIVATE)
    owners = db.execute(select(people.c.id, people.c.owner_id).where(people.c.id.in_(person.contacts))).all()
    keep_stops(rooms, db, person.written)
    person_queries.forget(db, person)
    row = {"id": new_id(), "agent_id": admin.id, "at": at, "counts": counts}
    db.execute(insert(erasures).values(row))
    told = [
        FeedEvent("contact.erased", None if owner else feed.MEMBERS, {"contact_id": id}, owner) for id, owner in owners
    ]
    feed.append(db, told, at)
    return ErasureView(str(row["id"]), admin.id, at, counts)


def _person(db: Connection, contact_id: str) -> Person:
    person = person_queries.find(db, contact_id)
    if person_queries.named_in_waiting(db, person):
        raise StillKept
    return person


def delete_files(rooms: Rooms) -> None:
    """The bytes of what was erased. If this does not come to its end, the worker does it within the hour."""
    while uploads.forget_uploads(rooms, person_queries.LONG_AGO.replace(year=1972)):
        pass


def list_erasures(db: Connection, limit: int) -> Sequence[ErasureView]:
    """The newest first."""
    rows = db.execute(select(erasures).order_by(erasures.c.id.desc()).limit(limit)).all()
    return [ErasureView(row.id, row.agent_id, row.at, row.counts) for row in rows]


def require_whole(db: Connection, admin: Member, contact_id: str) -> None:
    """Raises NotFound for who is not there, is private, or was merged into another, who is to be named then."""
    contacts.require_contact(db, admin, contact_id)
    query = select(people.c.id).where(
        people.c.id == contact_id, people.c.owner_id.is_(None), people.c.gone_to.is_(None)
    )
    if db.execute(query).first() is None:
        raise NotFound("There is no such contact, or it is not yours to see.")
