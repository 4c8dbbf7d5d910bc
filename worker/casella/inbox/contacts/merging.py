"""Two contacts who are one: joined, and told apart again while nothing further was joined to either."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, or_, select, update

from casella.errors import Conflict, Invalid, NotFound
from casella.ids import new_id
from casella.inbox.contacts.editing import held, require_editor
from casella.inbox.contacts.linking import give_addresses, require_shared, take_notes
from casella.inbox.contacts.telling import tell_contacts
from casella.inbox.house import Rooms
from casella.inbox.reading import Member
from casella.inbox.views import Named
from casella.store.queries.people import contact_index, contact_queries
from casella.store.rows import TableRow
from casella.store.tables import agents, contact_favourites, contact_merges, contact_tags, contacts

UNDONE_WITHIN = timedelta(days=30)
_FILLED = ("name", "locale")


@dataclass(frozen=True, slots=True)
class MergeView:
    """`may_undo`: it can be taken back now."""

    id: str
    kept_id: str
    gone_id: str
    gone_name: str | None
    by: Named
    at: datetime
    undone_at: datetime | None
    may_undo: bool


def merge(db: Connection, rooms: Rooms, member: Member, kept_id: str, gone_id: str, at: datetime) -> str:
    """Addresses, conversations, tags, favourites and attributes of the one are the other's; where both say something,
    `kept` is right. Consent stays with each address. Returns the merge's id. Whether both may be seen was asked before.
    Raises NotAllowed, and Invalid (same_contact)."""
    require_editor(rooms, member)
    if kept_id == gone_id:
        raise Invalid("A contact cannot be merged with himself.", code="same_contact")
    require_shared(db, [kept_id, gone_id])
    address_ids = [row.id for row in contact_queries.addresses(db, [gone_id])]
    give_addresses(db, rooms, address_ids, kept_id, member.id, at)
    people = held(db, [kept_id, gone_id])
    if len(people) < 2 or any(row.gone_to is not None for row in people.values()):
        raise NotFound("There is no such contact, or it is not yours to see.")
    kept, gone = people[kept_id], people[gone_id]
    tags, favourites = take_notes(db, gone_id, kept_id)
    before = {name: getattr(kept, name) for name in ("name", "locale", "linked", "custom")}
    after = {
        **{name: before[name] or getattr(gone, name) for name in _FILLED},
        "linked": bool(kept.linked or gone.linked),
        "custom": {**gone.custom, **kept.custom},
    }
    if gone.linked and not kept.linked and gone.name:  # what somebody has said counts more than what a provider tells
        after["name"] = gone.name
    db.execute(update(contacts).where(contacts.c.id == kept_id).values(after))
    db.execute(update(contacts).where(contacts.c.id == gone_id).values(gone_to=kept_id))
    moved = {"addresses": address_ids, "tags": tags, "favourites": favourites, "before": before, "after": after}
    id = new_id()
    row = {"id": id, "kept_id": kept_id, "gone_id": gone_id, "agent_id": member.id, "moved": moved, "at": at}
    db.execute(insert(contact_merges).values(row))
    contact_index.renew(db, [kept_id, gone_id])
    tell_contacts(rooms, db, [kept_id, gone_id], member.id, at)
    return id


def is_done(db: Connection, kept_id: str, gone_id: str) -> bool:
    """Whether the one was merged into the other before."""
    query = select(contacts.c.gone_to).where(contacts.c.id == gone_id)
    return db.execute(query).scalar_one_or_none() == kept_id


def undo(db: Connection, rooms: Rooms, member: Member, contact_id: str, merge_id: str, at: datetime) -> str:
    """Two again, as they were; what has come since under an address stays with it. Returns who is there again. Whether
    the contact may be seen was asked before. Raises NotFound, and Conflict (merge_final) for one that is older than
    UNDONE_WITHIN, was undone, or after which either was merged again."""
    require_editor(rooms, member)
    query = select(contact_merges).where(contact_merges.c.id == merge_id, contact_merges.c.kept_id == contact_id)
    row = db.execute(query.with_for_update()).one_or_none()
    if row is None:
        raise NotFound("There is no such merge of this contact.")
    if not _may_undo(db, row, at):
        raise Conflict("This merge cannot be undone any more.", code="merge_final")
    kept_id, gone_id, moved = row.kept_id, row.gone_id, row.moved
    db.execute(update(contacts).where(contacts.c.id == gone_id).values(gone_to=None))
    theirs = {one.id for one in contact_queries.addresses(db, [kept_id])} & set(moved["addresses"])
    give_addresses(db, rooms, sorted(theirs), gone_id, member.id, at)
    _take_back(db, held(db, [kept_id, gone_id])[kept_id], moved)
    db.execute(update(contact_merges).where(contact_merges.c.id == merge_id).values(undone_at=at))
    contact_index.renew(db, [kept_id, gone_id])
    tell_contacts(rooms, db, [kept_id, gone_id], member.id, at)
    return str(gone_id)


def _take_back(db: Connection, kept: TableRow, moved: dict[str, object]) -> None:
    """What the merge has brought, unless somebody has changed it since."""
    before, after = dict(_mapping(moved["before"])), dict(_mapping(moved["after"]))
    values = {name: before[name] for name in before if name != "custom" and getattr(kept, name) == after[name]}
    was, became = dict(_mapping(before["custom"])), dict(_mapping(after["custom"]))
    values["custom"] = {key: value for key, value in kept.custom.items() if key in was or became.get(key) != value}
    db.execute(update(contacts).where(contacts.c.id == kept.id).values(values))
    tags, favourites = contact_tags.c, contact_favourites.c
    db.execute(delete(contact_tags).where(tags.contact_id == kept.id, tags.tag.in_(_texts(moved["tags"]))))
    his = favourites.contact_id == kept.id
    db.execute(delete(contact_favourites).where(his, favourites.agent_id.in_(_texts(moved["favourites"]))))


def list_merges(db: Connection, contact_id: str, at: datetime) -> list[MergeView]:
    """Of those whom this contact has taken in, the newest first. Whether he may be seen was asked before."""
    query = (
        select(contact_merges, contacts.c.name.label("gone_name"), agents.c.key, agents.c.name)
        .join(contacts, contacts.c.id == contact_merges.c.gone_id)
        .join(agents, agents.c.id == contact_merges.c.agent_id)
        .where(contact_merges.c.kept_id == contact_id)
        .order_by(contact_merges.c.id.desc())
        .limit(50)
    )
    return [
        MergeView(
            row.id, row.kept_id, row.gone_id, row.gone_name, Named(row.agent_id, row.key, row.name), row.at,
            row.undone_at, _may_undo(db, row, at),
        )
        for row in db.execute(query).all()
    ]  # fmt: skip


def _may_undo(db: Connection, row: TableRow, at: datetime) -> bool:
    if row.undone_at is not None or row.at < at - UNDONE_WITHIN:
        return False
    of, both = contact_merges.c, [row.kept_id, row.gone_id]
    later = select(of.id).where(
        or_(of.kept_id.in_(both), of.gone_id.in_(both)), of.id != row.id, of.at >= row.at, of.undone_at.is_(None)
    )
    return db.execute(later.limit(1)).first() is None


def _mapping(value: object) -> dict[str, object]:
    assert isinstance(value, dict), "as it was written"
    return value


def _texts(value: object) -> Sequence[str]:
    assert isinstance(value, list), "as it was written"
    return [str(one) for one in value]
