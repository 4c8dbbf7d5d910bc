"""Finding contacts by their terms (`contact_index`), page by page, and all that is shown of them in a fixed number of
statements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Column, ColumnElement, Connection, Select, and_, func, or_, select, tuple_, union_all

from casella.store.queries.people.contact_index import FROM_BACK, FROM_FRONT
from casella.store.rows import TableRow
from casella.store.tables import (
    contact_addresses,
    contact_favourites,
    contact_profiles,
    contact_tags,
    contact_terms,
    contacts,
)

_END = "\U0010ffff"
_of = contact_terms.c


@dataclass(frozen=True, slots=True)
class Place:
    """Behind which contact a page begins: by the term that found it, and its id."""

    term: str
    id: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """`beginnings`: one of these begins a term of his; `words`: and each of these does."""

    beginnings: Sequence[str]
    words: Sequence[str] = ()

    @classmethod
    def named(cls, words: Sequence[str]) -> Wanted:
        """Who has all these words in his name, or beginnings of words. The longest is looked for, as the rarest."""
        first, *others = sorted(dict.fromkeys(words), key=len, reverse=True)
        return cls([first], others)

    @classmethod
    def numbered(cls, fronts: Sequence[str], backs: Sequence[str]) -> Wanted:
        """Who has a number that begins or ends with one of these digits."""
        return cls([*(FROM_FRONT + one for one in fronts), *(FROM_BACK + one[::-1] for one in backs)])


def find(db: Connection, wanted: Wanted, seen: ColumnElement[bool], behind: Place | None, limit: int) -> list[Place]:
    """Contacts that `seen` allows, each once, in order of the term that finds them."""
    branches = [_branch(wanted, one, seen, behind, limit).subquery() for one in wanted.beginnings]
    every = union_all(*(select(branch) for branch in branches)).subquery()
    query = select(every.c.term, every.c.contact_id).order_by(every.c.term, every.c.contact_id).limit(limit)
    return [Place(row.term, row.contact_id) for row in db.execute(query)]


def _branch(
    wanted: Wanted, beginning: str, seen: ColumnElement[bool], behind: Place | None, limit: int
) -> Select[tuple[str, str]]:
    other = contact_terms.alias()
    earlier = and_(
        other.c.contact_id == _of.contact_id, other.c.term < _of.term,
        or_(*(_begins(other.c.term, one) for one in wanted.beginnings)),
    )  # fmt: skip
    query = (
        select(_of.term, _of.contact_id)
        .join(contacts, contacts.c.id == _of.contact_id)
        .where(_begins(_of.term, beginning), seen, ~select(other.c.term).where(earlier).exists())
    )
    for word in wanted.words:
        more = contact_terms.alias()
        has = and_(more.c.contact_id == _of.contact_id, _begins(more.c.term, word))
        query = query.where(select(more.c.term).where(has).exists())
    if behind is not None:
        query = query.where(tuple_(_of.term, _of.contact_id) > (behind.term, behind.id))
    return query.order_by(_of.term, _of.contact_id).limit(limit)


def _begins(term: Column[str], beginning: str) -> ColumnElement[bool]:
    return and_(term >= beginning, term < beginning + _END)


def newest(db: Connection, seen: ColumnElement[bool], behind: str | None, limit: int) -> list[str]:
    """Contacts, the newest first."""
    query = select(contacts.c.id).where(seen)
    if behind is not None:
        query = query.where(contacts.c.id < behind)
    return list(db.execute(query.order_by(contacts.c.id.desc()).limit(limit)).scalars())


def is_favourite_of(agent_id: str) -> ColumnElement[bool]:
    """The condition on `contacts`."""
    mine = and_(contact_favourites.c.contact_id == contacts.c.id, contact_favourites.c.agent_id == agent_id)
    return select(contact_favourites.c.agent_id).where(mine).correlate(contacts).exists()


def favourites(db: Connection, agent_id: str, seen: ColumnElement[bool], behind: str | None, limit: int) -> list[str]:
    """The agent's, the newest contacts first."""
    mine = contact_favourites.c
    query = (
        select(mine.contact_id).join(contacts, contacts.c.id == mine.contact_id).where(mine.agent_id == agent_id, seen)
    )
    if behind is not None:
        query = query.where(mine.contact_id < behind)
    return list(db.execute(query.order_by(mine.contact_id.desc()).limit(limit)).scalars())


def some(db: Connection, ids: Sequence[str], seen: ColumnElement[bool]) -> Sequence[TableRow]:
    return db.execute(select(contacts).where(contacts.c.id.in_(ids), seen)).all()


def addresses(db: Connection, ids: Sequence[str]) -> Sequence[TableRow]:
    of = contact_addresses.c
    return db.execute(select(contact_addresses).where(of.contact_id.in_(ids)).order_by(of.id)).all()


def tags(db: Connection, ids: Sequence[str]) -> Sequence[TableRow]:
    of = contact_tags.c
    return db.execute(select(contact_tags).where(of.contact_id.in_(ids)).order_by(of.tag)).all()


def favourites_among(db: Connection, agent_id: str, ids: Sequence[str]) -> set[str]:
    of = contact_favourites.c
    return set(db.execute(select(of.contact_id).where(of.agent_id == agent_id, of.contact_id.in_(ids))).scalars())


def with_pictures(db: Connection, ids: Sequence[str]) -> set[str]:
    """Those of whom a provider has told a picture."""
    of = contact_addresses.c
    query = select(of.contact_id).join(contact_profiles, contact_profiles.c.address_id == of.id)
    return set(db.execute(query.where(of.contact_id.in_(ids), contact_profiles.c.picture_key.is_not(None))).scalars())


def known_numbers(db: Connection, numbers: Sequence[str], scope: str) -> Sequence[TableRow]:
    """The addresses of this scope that are one of these numbers."""
    of = contact_addresses.c
    ours = (of.kind == "phone") & (of.scope == scope)
    return db.execute(select(contact_addresses).where(ours, of.address.in_(numbers))).all()


def count(db: Connection, seen: ColumnElement[bool]) -> int:
    return int(db.execute(select(func.count()).select_from(contacts).where(seen)).scalar_one())
