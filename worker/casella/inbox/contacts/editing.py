"""Making contacts and changing them by hand (S-65, S-70, S-103)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import IntegrityError

from casella.errors import Conflict, Invalid, NotAllowed
from casella.ids import new_id
from casella.inbox.contacts import noting
from casella.inbox.contacts.telling import tell_contacts
from casella.inbox.house import Rooms
from casella.inbox.reading import Member
from casella.inbox.reading import contacts as reading
from casella.inbox.sending import Way, judge_writer
from casella.origins import language_tag, new_number_of
from casella.plugin.values import clean_name
from casella.store import bulk
from casella.store.queries.people import contact_index, contact_queries
from casella.store.queries.people.scopes import scope_of
from casella.store.rows import TableRow
from casella.store.tables import contact_addresses, contact_tags, contacts
from casella_rules.language.attributes import AttributeValue, value_problem

MOST_NUMBERS = 20


class NumberKnown(Conflict):
    """Another contact has this number; link or merge them instead."""

    code = "number_known"


@dataclass(frozen=True, slots=True)
class Details:
    """What is said of a contact. `changed`: which of it; the rest stays as it is. `numbers` are added to his own, in
    any spelling; `attributes` are the desk's: null forgets one. `private`: nobody else will find
    him."""

    name: str | None = None
    locale: str | None = None
    numbers: Sequence[str] = ()
    attributes: Mapping[str, AttributeValue] = field(default_factory=dict)
    tags: Sequence[str] = ()
    changed: Collection[str] = ("name", "locale")
    private: bool = False


def create(db: Connection, rooms: Rooms, member: Member, details: Details, at: datetime) -> str:
    """A contact of the organisation, or a private one. Raises NotAllowed, Invalid (no_name_or_number, not_a_number,
    unknown_attribute, bad_attribute, bad_language, unknown_tag) and NumberKnown with the `contact_id` who has it."""
    if not details.private:
        require_editor(rooms, member)
    id = add(db, rooms, details, at, member.id if details.private else None)
    tell_contacts(rooms, db, [id], member.id, at, rows_too=False)
    return id


def add(db: Connection, rooms: Rooms, details: Details, at: datetime, owner_id: str | None = None) -> str:
    """Without asking who does it, and without telling anybody."""
    name, numbers = clean_name(details.name), numbers_of(rooms, details.numbers)
    if not name and not numbers:
        raise Invalid("Give a contact a name or a number.", code="no_name_or_number")
    require_free(db, numbers, None, scope_of(owner_id))
    attributes = checked(rooms, details.attributes)
    tags = noting.desk_tags(rooms, details.tags)
    id = new_id()
    row = {"id": id, "name": name, "linked": bool(name), "locale": language(details.locale), "created_at": at}
    db.execute(insert(contacts).values(**row, owner_id=owner_id, custom=without_nulls({}, attributes)))
    _add_numbers(db, id, numbers, scope_of(owner_id))
    bulk.insert(db, contact_tags, [{"contact_id": id, "tag": tag} for tag in tags])
    contact_index.renew(db, [id])
    return id


def edit(db: Connection, rooms: Rooms, member: Member, contact_id: str, details: Details, at: datetime) -> None:
    """Whether he may be seen was asked before. Raises what `create` raises, but for `no_name_or_number`."""
    if not is_private(db, [contact_id]):
        require_editor(rooms, member)
    if change(db, rooms, contact_id, details):
        tell_contacts(rooms, db, [contact_id], member.id, at)


def change(db: Connection, rooms: Rooms, contact_id: str, details: Details) -> bool:
    """Whether anything is different then."""
    row = held(db, [contact_id])[contact_id]
    numbers = numbers_of(rooms, details.numbers)
    his = {one.address for one in contact_queries.addresses(db, [contact_id]) if one.kind == "phone"}
    new = [number for number in numbers if number not in his]
    require_free(db, new, contact_id, scope_of(row.owner_id))
    values: dict[str, object] = {"custom": without_nulls(row.custom, checked(rooms, details.attributes))}
    if "name" in details.changed:
        name = clean_name(details.name)
        values |= {"name": name, "linked": bool(name)}
    if "locale" in details.changed:
        values["locale"] = language(details.locale)
    if not new and all(getattr(row, column) == value for column, value in values.items()):
        return False
    if len(his) + len(new) > MOST_NUMBERS:
        raise Invalid(f"A contact has at most {MOST_NUMBERS} numbers.", code="too_many_numbers")
    db.execute(update(contacts).where(contacts.c.id == contact_id).values(values))
    _add_numbers(db, contact_id, new, scope_of(row.owner_id))
    contact_index.renew(db, [contact_id])
    return True


def require_editor(rooms: Rooms, member: Member) -> None:
    """Raises NotAllowed for who belongs to no inbox, and for who may only read."""
    if not member.inbox_ids:
        raise NotAllowed("You belong to no inbox; ask a manager.", code="no_inbox")
    judge_writer(rooms, Way(True, False, member.id)).require()


def held(db: Connection, contact_ids: Collection[str]) -> dict[str, TableRow]:
    """Their rows, locked in order of id."""
    query = select(contacts).where(contacts.c.id.in_(contact_ids)).order_by(contacts.c.id)
    return {row.id: row for row in db.execute(query.with_for_update(key_share=True))}


def numbers_of(rooms: Rooms, written: Sequence[str]) -> list[str]:
    """As they are kept. Raises Invalid (not_a_number) with what was written."""
    countries, found = reading.countries_of(rooms), list[str]()
    for one in written:
        number = new_number_of(one, countries)
        if number is None:
            raise Invalid("This is no whole telephone number.", code="not_a_number", number=one[:100])
        found.append(number)
    return list(dict.fromkeys(found))


def is_private(db: Connection, contact_ids: Collection[str]) -> bool:
    """Whether any of these is somebody's own."""
    query = select(contacts.c.id).where(contacts.c.id.in_(contact_ids), contacts.c.owner_id.is_not(None))
    return db.execute(query.limit(1)).first() is not None


def require_free(db: Connection, numbers: Sequence[str], contact_id: str | None, scope: str = "") -> None:
    """Raises NumberKnown for a number that another contact has, of those in this scope."""
    for row in contact_queries.known_numbers(db, numbers, scope) if numbers else ():
        if row.contact_id != contact_id:
            raise NumberKnown(contact_id=row.contact_id, number=row.address)


def checked(rooms: Rooms, attributes: Mapping[str, AttributeValue]) -> Mapping[str, AttributeValue]:
    """Raises Invalid for an attribute that the desk does not have, and for a value that one cannot have."""
    known = rooms.desk.current.ruleset.vocabulary
    for key, value in attributes.items():
        spec = known.field_of(f"contact.custom.{key}")
        if spec is None or f"contact.custom.{key}" != spec.name:
            raise Invalid("The desk has no such attribute.", code="unknown_attribute", attribute=key[:100])
        if value is not None and value_problem(spec, value) is not None:
            raise Invalid("This attribute cannot have this value.", code="bad_attribute", attribute=key[:100])
    return attributes


def without_nulls(known: Mapping[str, object], wanted: Mapping[str, object]) -> dict[str, object]:
    return {key: value for key, value in {**known, **wanted}.items() if value is not None}


def language(locale: str | None) -> str | None:
    """Raises Invalid (bad_language)."""
    tag = language_tag(locale)
    if locale and tag is None:
        raise Invalid("This is no language, such as it or it-IT.", code="bad_language")
    return tag


def _add_numbers(db: Connection, contact_id: str, numbers: Sequence[str], scope: str) -> None:
    rows = [{"id": new_id(), "contact_id": contact_id, "kind": "phone", "scope": scope, "address": n} for n in numbers]
    try:
        with db.begin_nested():
            bulk.insert(db, contact_addresses, rows)
    except IntegrityError:  # somebody has written from it, or was given it, this very moment
        raise NumberKnown from None
