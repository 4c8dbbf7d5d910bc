"""Writing what a batch found out about people: new ones, names, changed addresses, two who turned out to be one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from casella.inbox.state.entities import AddressState, ContactState
from casella.store import bulk
from casella.store.keys import one_of
from casella.store.queries.people import contact_index
from casella.store.queries.people.scopes import owner_of
from casella.store.tables import contact_addresses, contact_tags, contacts, conversations, messages

_RENAME = update(contacts).where(contacts.c.id == bindparam("row_id"), contacts.c.name.is_(None))
_SPEAK = update(contacts).where(contacts.c.id == bindparam("row_id"))
_MOVE = update(contact_addresses).where(contact_addresses.c.id == bindparam("row_id"))
_MOVE = _MOVE.values(address=bindparam("new_address"))
_REFER = update(contact_addresses).where(contact_addresses.c.id == bindparam("row_id"))
_CUSTOM = select(contacts.c.id, contacts.c.custom).order_by(contacts.c.id).with_for_update(key_share=True)
_SET_CUSTOM = update(contacts).where(contacts.c.id == bindparam("row_id"))


def write_people(
    db: Connection, addresses: Collection[AddressState], united: Sequence[tuple[str, str]], now: datetime
) -> None:
    """`united`: pairs of contact ids, who is gone and who is kept."""
    # Moved first: the address that somebody has left may come back as another name of his.
    if moved := sorted((s for s in addresses if s.moved and not s.is_new), key=lambda s: s.id):
        db.execute(_MOVE, [{"row_id": state.id, "new_address": state.address} for state in moved])
    # Sorted: two lanes that make the same people wait for each other in one direction only.
    fresh = sorted((state for state in addresses if state.is_new), key=lambda state: state.key)
    if fresh:
        _add(db, fresh, now)
    if referred := sorted((s for s in addresses if s.referred and not s.is_new), key=lambda s: s.id):
        db.execute(_REFER, [{"row_id": state.id, "referral": state.referral} for state in referred])
    for gone, kept in united:
        _unite(db, gone, kept)
    renamed = {s.contact.id: s.contact for s in addresses if s.contact.renamed and not s.contact.is_new}
    if renamed:
        db.execute(_RENAME, [{"row_id": person.id, "name": person.name} for _, person in sorted(renamed.items())])
    spoke = {s.contact.id: s.contact for s in addresses if s.contact.spoke and not s.contact.is_new}
    if spoke:
        db.execute(_SPEAK, [{"row_id": person.id, "locale": person.locale} for _, person in sorted(spoke.items())])
    contact_index.renew(db, _found_otherwise(addresses, united))
    _write_attributes(db, (state.contact for state in addresses))
    _write_tags(db, {state.contact.id: state.contact for state in addresses if state.contact.changed_tags})


def _found_otherwise(addresses: Iterable[AddressState], united: Sequence[tuple[str, str]]) -> set[str]:
    """Contacts that other words or numbers lead to from now on; who is new has been written already."""
    changed = {s.contact.id for s in addresses if s.contact.renamed or s.moved or s.is_new}
    new = {s.contact.id for s in addresses if s.contact.is_new}
    return (changed - new) | {id for pair in united for id in pair}


def _add(db: Connection, fresh: Iterable[AddressState], now: datetime) -> None:
    people = {state.contact.id: state.contact for state in fresh if state.contact.is_new}
    if people:
        columns = {"created_at": now}
        owners = {state.contact.id: owner_of(state.key[1]) for state in fresh}
        rows = [
            {
                "id": person.id,
                "name": person.name,
                "locale": person.locale,
                "custom": _merged({}, person.custom),
                "owner_id": owners[person.id],
                **columns,
            }
            for person in people.values()
        ]
        bulk.insert(db, contacts, rows)
    keys = [(state.id, state.contact.id, *state.key, state.referral) for state in fresh]
    names = ("id", "contact_id", "kind", "scope", "address", "referral")
    bulk.insert(db, contact_addresses, [dict(zip(names, key, strict=True)) for key in keys])
    theirs: dict[str, list[tuple[str, str]]] = {id: [] for id in people}
    for state in (one for one in fresh if one.contact.is_new):
        theirs[state.contact.id].append((state.key[0], state.address))
    contact_index.add(db, [(id, person.name, theirs[id]) for id, person in people.items()])


def _unite(db: Connection, gone: str, kept: str) -> None:
    """Everything that referred to the one contact refers to the other; the empty one is left behind."""
    db.execute(update(contact_addresses).where(contact_addresses.c.contact_id == gone).values(contact_id=kept))
    db.execute(update(conversations).where(conversations.c.contact_id == gone).values(contact_id=kept))
    in_his = messages.c.conversation_id.in_(select(conversations.c.id).where(conversations.c.contact_id == kept))
    ours = in_his & (messages.c.sender_kind == "contact") & (messages.c.sender_id == gone)
    db.execute(update(messages).where(ours).values(sender_id=kept))
    db.execute(update(contacts).where(contacts.c.id == gone).values(gone_to=kept))
    had = select(contact_tags.c.tag).where(contact_tags.c.contact_id == kept)
    new = select(contact_tags.c.tag).where(contact_tags.c.contact_id == gone, contact_tags.c.tag.not_in(had))
    if rows := [{"contact_id": kept, "tag": tag} for tag in db.execute(new).scalars()]:
        db.execute(insert(contact_tags), rows)


def _write_attributes(db: Connection, people: Iterable[ContactState]) -> None:
    """The desk's own attributes (`contact.custom.plan`) that one batch has set. Contacts are locked in order of id,
    behind conversations."""
    changed = {person.id: person.custom for person in people if person.custom and not person.is_new}
    if changed:
        known = {row.id: row.custom for row in db.execute(_CUSTOM.where(contacts.c.id.in_(changed)))}
        rows = [{"row_id": id, "custom": _merged(known[id], wanted)} for id, wanted in changed.items() if id in known]
        db.execute(_SET_CUSTOM, rows)


def _write_tags(db: Connection, people: Mapping[str, ContactState]) -> None:
    """The tags that one batch has put on contacts or taken off, in order of the contacts' ids."""
    changed = [(id, tag, on) for id in sorted(people) for tag, on in sorted(people[id].changed_tags.items())]
    if off := [(id, tag) for id, tag, on in changed if not on]:
        db.execute(delete(contact_tags).where(one_of((contact_tags.c.contact_id, contact_tags.c.tag), off)))
    if new := [{"contact_id": id, "tag": tag} for id, tag, on in changed if on]:
        dialect = postgresql if db.dialect.name == "postgresql" else sqlite
        db.execute(dialect.insert(contact_tags).on_conflict_do_nothing(), new)


def _merged(known: Mapping[str, object], wanted: Mapping[str, object]) -> dict[str, object]:
    """The attributes after a change; None forgets one."""
    return {key: value for key, value in {**known, **wanted}.items() if value is not None}
