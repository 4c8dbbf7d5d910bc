"""By what contacts are found: the words of their names without accents, and their numbers read from either end, so that
the first digits find them as well as the last ones. Kept with every change of a name or an address."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, delete, select

from casella.store import bulk
from casella.store.tables import contact_addresses, contact_terms, contacts

MOST_WORDS = 12
LONGEST = 60
_WORD = re.compile(r"\w+", re.UNICODE)
FROM_FRONT, FROM_BACK = "#", "~"
"""Before the digits of a number, and before the same the other way round; no word begins like this."""


def words_of(text: str) -> list[str]:
    """As they are compared: without case and accents."""
    plain = "".join(one for one in unicodedata.normalize("NFKD", text) if not unicodedata.combining(one))
    return [word[:LONGEST] for word in _WORD.findall(plain.casefold())][:MOST_WORDS]


def terms_of(name: str | None, addresses: Iterable[tuple[str, str]]) -> set[str]:
    """Of a contact with these addresses, each with its kind."""
    terms = set(words_of(name or ""))
    for kind, address in addresses:
        digits = address.removeprefix("+")
        if kind == "phone" and digits.isdigit():
            terms |= {FROM_FRONT + digits[:LONGEST], FROM_BACK + digits[::-1][:LONGEST]}
        elif "@" in address:
            terms |= set(words_of(address))
    return terms


def renew(db: Connection, contact_ids: Iterable[str]) -> None:
    """After their names or addresses have changed, in the same transaction."""
    ids = sorted(set(contact_ids))
    if not ids:
        return
    db.execute(delete(contact_terms).where(contact_terms.c.contact_id.in_(ids)))
    write(db, ids)


def write(db: Connection, ids: Sequence[str]) -> None:
    """Of contacts that have none yet."""
    found = db.execute(select(contacts.c.id, contacts.c.name).where(contacts.c.id.in_(ids)))
    names = {row.id: row.name for row in found}
    columns = contact_addresses.c
    query = select(columns.contact_id, columns.kind, columns.address).where(columns.contact_id.in_(ids))
    theirs: dict[str, list[tuple[str, str]]] = {}
    for row in db.execute(query):
        theirs.setdefault(row.contact_id, []).append((row.kind, row.address))
    add(db, [(id, name, theirs.get(id, [])) for id, name in sorted(names.items())])


def add(db: Connection, people: Iterable[tuple[str, str | None, Sequence[tuple[str, str]]]]) -> None:
    """Of new contacts: id, name and addresses."""
    rows = [{"term": term, "contact_id": id} for id, name, its in people for term in sorted(terms_of(name, its))]
    if rows:
        bulk.insert(db, contact_terms, rows)
