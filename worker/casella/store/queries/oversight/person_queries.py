"""Everything that is kept of one person, wherever it is: found by his contacts, addresses and conversations, and in
what is kept word by word, by the addresses as they are written."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar
from urllib.parse import unquote_plus

import orjson
from sqlalchemy import ColumnElement, Connection, Table, delete, func, or_, select, text, update

from casella.store.queries.people.scopes import shared_scope
from casella.store.rows import TableRow
from casella.store.tables import (
    agents,
    assistant_answers,
    assistant_proposals,
    attachments,
    contact_addresses,
    contact_paces,
    contact_profiles,
    contacts,
    conversations,
    feed,
    idempotency_keys,
    journal,
    kept_webhooks,
    message_parts,
    messages,
    metadata,
    revisions,
    revocations,
    search_pending,
)

T = TypeVar("T")
_PIECE = 500
LONG_AGO = datetime(1971, 1, 1, tzinfo=UTC)
_ID = re.compile(r"[0-9A-HJKMNP-TV-Z]{26}")


@dataclass(frozen=True, slots=True)
class Person:
    """Ids, but for `written`: his addresses as channels write them."""

    contacts: Sequence[str]
    addresses: Sequence[str]
    written: Sequence[str]
    conversations: Sequence[str]

    @property
    def ids(self) -> frozenset[str]:
        return frozenset((*self.contacts, *self.addresses, *self.conversations))


def find(db: Connection, contact_id: str) -> Person:
    """The contact, whoever was merged into him, and whoever has one of his addresses in an agent's private world. All
    of it is held until the transaction ends, where there is one that writes."""
    ids = _with_merged(db, [contact_id])
    of = contact_addresses.c
    own = db.execute(select(contact_addresses).where(of.contact_id.in_(ids))).all()
    places = {(row.kind, shared_scope(row.scope), row.address) for row in own}
    same = db.execute(select(contact_addresses).where(of.address.in_(sorted({row.address for row in own})))).all()
    twins = {row.contact_id for row in same if (row.kind, shared_scope(row.scope), row.address) in places}
    ids = _with_merged(db, sorted({*ids, *twins}))
    every = db.execute(select(contact_addresses).where(of.contact_id.in_(ids))).all()
    address_ids = sorted(row.id for row in every)
    his = or_(conversations.c.contact_id.in_(ids), conversations.c.address_id.in_(address_ids))
    found = sorted(db.execute(select(conversations.c.id).where(his)).scalars())
    return Person(ids, address_ids, sorted({row.address for row in every}), found)


def _with_merged(db: Connection, ids: Sequence[str]) -> list[str]:
    known = set(ids)
    while new := set(db.execute(select(contacts.c.id).where(contacts.c.gone_to.in_(sorted(known)))).scalars()) - known:
        known |= new
    return sorted(known)


def hold(db: Connection, person: Person) -> None:
    """Nobody changes him meanwhile: conversations first, then addresses, then contacts, like everybody does."""
    for table, ids in (
        (conversations, person.conversations), (contact_addresses, person.addresses), (contacts, person.contacts)
    ):  # fmt: skip
        for piece in _pieces(ids):
            db.execute(select(table.c.id).where(table.c.id.in_(piece)).order_by(table.c.id).with_for_update()).all()


def counts(db: Connection, person: Person, world: ColumnElement[bool]) -> dict[str, int]:
    """How many conversations, messages and files he has where `world` holds."""
    found = {"conversations": 0, "messages": 0, "attachments": 0}
    for piece in _pieces(person.conversations):
        here = conversations.c.id.in_(piece) & world
        of = messages.join(conversations, conversations.c.id == messages.c.conversation_id)
        files = attachments.join(messages, messages.c.id == attachments.c.message_id)
        files = files.join(conversations, conversations.c.id == messages.c.conversation_id)
        for name, source in (("conversations", conversations), ("messages", of), ("attachments", files)):
            found[name] += db.execute(select(func.count()).select_from(source).where(here)).scalar_one()
    return found


def conversations_of(db: Connection, person: Person, world: ColumnElement[bool]) -> Iterator[TableRow]:
    for piece in _pieces(person.conversations):
        yield from db.execute(select(conversations).where(conversations.c.id.in_(piece), world)).all()


def forget(db: Connection, person: Person) -> None:
    """All of it, but for the bytes of files, whose rows are left as uploads that nobody has used, and consent."""
    _count_down(db, person)
    message_ids = _message_ids(db, person)
    _forget_word_by_word(db, person, frozenset(message_ids))
    _forget_search(db, message_ids)
    _leave_files(db, person, message_ids)
    proposals = select(assistant_proposals.c.id).where(_among(assistant_proposals.c.conversation_id, person))
    for piece in _pieces(db.execute(proposals).scalars().all()):
        db.execute(delete(assistant_answers).where(assistant_answers.c.proposal_id.in_(piece)))
    for table in reversed(metadata.sorted_tables):
        for condition in _of_person(table, person, message_ids):
            db.execute(delete(table).where(condition))


def _of_person(table: Table, person: Person, message_ids: Sequence[str]) -> Iterator[ColumnElement[bool]]:
    """Conditions on the rows of a table that are his, by its columns: a new table is in it by itself."""
    if table in (attachments, journal, feed):  # these rows stay, without what they said
        return
    columns = table.c
    for name, ids in (
        ("message_id", message_ids), ("conversation_id", person.conversations), ("contact_id", person.contacts),
        ("address_id", person.addresses), ("kept_id", person.contacts), ("gone_id", person.contacts),
        ("subject_id", person.conversations),
    ):  # fmt: skip
        if name in columns:
            yield from (columns[name].in_(piece) for piece in _pieces(ids))
    own = {"conversations": person.conversations, "contacts": person.contacts, "contact_addresses": person.addresses}
    yield from (columns.id.in_(piece) for piece in _pieces(own.get(table.name, ())))


def _count_down(db: Connection, person: Person) -> None:
    """Of who has his open conversations."""
    has = conversations.c.assignee_id.is_not(None) & (conversations.c.status != "closed")
    query = select(conversations.c.assignee_id, func.count().label("number")).where(
        _among(conversations.c.id, person), has
    )
    for row in db.execute(query.group_by(conversations.c.assignee_id).order_by(conversations.c.assignee_id)).all():
        fewer = agents.c.open_conversations - row.number
        db.execute(update(agents).where(agents.c.id == row.assignee_id).values(open_conversations=fewer))


def _among(column: ColumnElement[str], person: Person) -> ColumnElement[bool]:
    return column.in_(person.conversations)


def _message_ids(db: Connection, person: Person) -> list[str]:
    query = select(messages.c.id)
    return [
        id
        for piece in _pieces(person.conversations)
        for id in db.execute(query.where(messages.c.conversation_id.in_(piece))).scalars()
    ]


def named_in_waiting(db: Connection, person: Person) -> bool:
    """Whether a raw webhook that is yet to be read names him. It may be another's message, or have one in it."""
    mine = kept_webhooks.c
    rows = db.execute(select(mine.body, mine.query).where(mine.replayed_at.is_(None)))
    return any(_names(bytes(row.body), row.query, address) for row in rows for address in person.written)


def _forget_word_by_word(db: Connection, person: Person, message_ids: frozenset[str]) -> None:
    """What is kept as it came or was answered. Of the journal the identity stays, so that a repeated delivery is still
    one; where the identity tells who he is, the row goes. What others have said of him is theirs, and may be yet to be
    shown."""
    written = frozenset(person.written)
    for address in person.written:
        for piece in _pieces(_said_by(db, journal, address, written)):
            his = journal.c.id.in_(piece)
            db.execute(delete(journal).where(his, journal.c.identity.like(_like(address), escape="\\")))
            db.execute(update(journal).where(his).values(event="{}", state="done", error=None))
        for piece in _pieces(_said_by(db, revisions, address, written)):
            db.execute(delete(revisions).where(revisions.c.id.in_(piece)))
        db.execute(delete(message_parts).where(message_parts.c.contact_address == address))
        db.execute(delete(contact_paces).where(contact_paces.c.address == address))
        db.execute(delete(revocations).where(revocations.c.address == address))
        db.execute(update(revisions).where(revisions.c.doer == address).values(doer="erased"))
        _forget_kept(db, address)
    ids = person.ids | message_ids
    _forget_answers(db, ids)
    _forget_told(db, person, ids)


def _said_by(db: Connection, table: Table, address: str, written: frozenset[str]) -> list[int]:
    """Numbers of the rows whose event is his, not only about him."""
    rows = db.execute(select(table.c.id, table.c.event).where(table.c.event.like(_like(address), escape="\\")))
    return [row.id for row in rows if not written.isdisjoint(_parties(orjson.loads(row.event)))]


def _parties(event: Mapping[str, object]) -> Iterator[object]:
    """The addresses that an event gives to the other party (`casella.plugin.events`)."""
    yield from (event.get("contact_address"), event.get("new_address"))
    aliases = event.get("aliases")
    yield from aliases if isinstance(aliases, list) else ()


def _forget_answers(db: Connection, ids: frozenset[str]) -> None:
    """That are kept to be given again."""
    of = idempotency_keys.c
    for row in db.execute(select(of.agent_id, of.key, of.response).where(of.response.is_not(None))).all():
        if not ids.isdisjoint(_ID.findall(row.response)):
            db.execute(delete(idempotency_keys).where(of.agent_id == row.agent_id, of.key == row.key))


def _forget_told(db: Connection, person: Person, ids: frozenset[str]) -> None:
    """The rows stay in their places, for nobody: where a client goes on from must be there."""
    nobodys = update(feed).values(kind="erased", payload="{}", agent_id="", inbox_id=None, conversation_id=None)
    for piece in _pieces(person.conversations):
        db.execute(nobodys.where(feed.c.conversation_id.in_(piece)))
    found = [row.id for row in db.execute(select(feed.c.id, feed.c.payload)) if ids & set(_ID.findall(row.payload))]
    for first in range(0, len(found), _PIECE):
        db.execute(nobodys.where(feed.c.id.in_(found[first : first + _PIECE])))


def _forget_kept(db: Connection, address: str) -> None:
    """Raw webhooks that name him, of those that were read."""
    mine = kept_webhooks.c
    for row in db.execute(select(mine.id, mine.body, mine.query).where(mine.replayed_at.is_not(None))).all():
        if _names(bytes(row.body), row.query, address):
            db.execute(delete(kept_webhooks).where(mine.id == row.id))


def _names(body: bytes, query: str, address: str) -> bool:
    text_of = body.decode("utf-8", "replace")
    return any(address in form for raw in (text_of, query) for form in (raw, unquote_plus(raw)))


def _forget_search(db: Connection, message_ids: Sequence[str]) -> None:
    for piece in _pieces(message_ids):
        db.execute(delete(search_pending).where(search_pending.c.message_id.in_(piece)))
        if db.dialect.name == "postgresql":
            db.execute(text("DELETE FROM message_search WHERE message_id = ANY(:ids)"), {"ids": list(piece)})
            continue
        for id in piece:
            row = {"id": id}
            found = 'SELECT "row" FROM message_search_rows WHERE message_id = :id'
            db.execute(text(f"DELETE FROM message_search WHERE rowid IN ({found})"), row)  # noqa: S608 - no value in it
            db.execute(text("DELETE FROM message_search_rows WHERE message_id = :id"), row)


def _leave_files(db: Connection, person: Person, message_ids: Sequence[str]) -> None:
    """As uploads of long ago that nobody has used: whoever forgets these deletes their bytes."""
    left = {
        "message_id": None, "uploaded_by": None, "name": None, "sha256": None, "source_sealed": None,
        "state": "stored", "created_at": LONG_AGO,
    }  # fmt: skip
    for piece in _pieces(message_ids):
        db.execute(update(attachments).where(attachments.c.message_id.in_(piece)).values(left))
    pictures = contact_profiles.c.picture_key
    for piece in _pieces(person.addresses):
        query = select(contact_profiles.c.address_id, pictures).where(contact_profiles.c.address_id.in_(piece))
        for row in db.execute(query.where(pictures.is_not(None))).all():
            file = {**left, "id": row.address_id, "kind": "image", "mime": "image/png", "storage_key": row.picture_key}
            db.execute(attachments.insert().values(file))


def _like(address: str) -> str:
    """A pattern for LIKE that finds it within JSON."""
    escaped = address.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def _pieces(ids: Sequence[T]) -> Iterator[Sequence[T]]:
    return (ids[first : first + _PIECE] for first in range(0, len(ids), _PIECE))
