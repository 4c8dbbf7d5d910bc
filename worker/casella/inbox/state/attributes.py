"""The desk's own attributes of contacts (`contact.custom.plan`): what rules and people set, kept with the contact."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, bindparam, select, update

from casella.inbox.state.entities import ContactState
from casella.store.tables import contacts

_CUSTOM = select(contacts.c.id, contacts.c.custom).order_by(contacts.c.id).with_for_update(key_share=True)
_UPDATE = update(contacts).where(contacts.c.id == bindparam("row_id"))


def write_attributes(db: Connection, people: Iterable[ContactState]) -> None:
    """Write what one batch has set. Contacts are locked in order of id, behind conversations."""
    changed = {person.id: person.custom for person in people if person.custom and not person.is_new}
    if changed:
        known = {row.id: row.custom for row in db.execute(_CUSTOM.where(contacts.c.id.in_(changed)))}
        rows = [{"row_id": id, "custom": merged(known[id], wanted)} for id, wanted in changed.items() if id in known]
        db.execute(_UPDATE, rows)


def merged(known: Mapping[str, object], wanted: Mapping[str, object]) -> dict[str, object]:
    """The attributes after a change; None forgets one."""
    return {key: value for key, value in {**known, **wanted}.items() if value is not None}
