"""Saying who somebody is (S-66, S-102): the address of a conversation belongs to another contact from now on, with all
that was ever written under it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection, select, update

from casella.errors import Conflict, NotFound
from casella.inbox.activity import Actor
from casella.inbox.contacts.editing import held, is_private, require_editor
from casella.inbox.contacts.telling import tell_contacts
from casella.inbox.house import Rooms
from casella.inbox.reading import Member
from casella.inbox.state import ContactState, Workspace, hold_addresses, recall
from casella.store import bulk
from casella.store.queries.people import contact_index
from casella.store.rows import TableRow
from casella.store.tables import (
    contact_addresses,
    contact_favourites,
    contact_tags,
    contacts,
    conversations,
    messages,
)


def link(db: Connection, rooms: Rooms, member: Member, conversation_id: str, contact_id: str, at: datetime) -> None:
    """The conversation's address is this contact's. Whoever was only a number is nobody then: what was noted of him is
    noted of the contact. Whether both may be seen was asked before."""
    require_editor(rooms, member)
    require_shared(db, [contact_id])
    address_id = db.execute(
        select(conversations.c.address_id).where(conversations.c.id == conversation_id)
    ).scalar_one()
    before = give_addresses(db, rooms, [address_id], contact_id, member.id, at)
    db.execute(update(contacts).where(contacts.c.id == contact_id).values(linked=True))
    empty = [id for id in before if id != contact_id and _is_a_shell(db, id)]
    for id in empty:
        take_notes(db, id, contact_id)
        db.execute(update(contacts).where(contacts.c.id == id).values(gone_to=contact_id))
    contact_index.renew(db, {*before, contact_id})
    tell_contacts(rooms, db, {*before, contact_id}, member.id, at)


def give_addresses(
    db: Connection, rooms: Rooms, address_ids: Collection[str], contact_id: str, by: str, at: datetime
) -> set[str]:
    """All that is under these addresses is this contact's: conversations, open or not, and what was written in them.
    Conversations are locked first, then addresses, then contacts, like everybody does. Returns whose they were."""
    work = Workspace(rooms, db, at)
    query = select(conversations.c.id).where(conversations.c.address_id.in_(address_ids))
    found = recall(rooms, work, db.execute(query).scalars().all(), former=True)
    hold_addresses(db, address_ids)
    of = contact_addresses.c
    before = set(db.execute(select(of.contact_id).where(of.id.in_(address_ids))).scalars())
    people = held(db, {*before, contact_id})
    if contact_id not in people or people[contact_id].gone_to is not None:
        raise NotFound("There is no such contact, or it is not yours to see.")
    db.execute(update(contact_addresses).where(of.id.in_(address_ids)).values(contact_id=contact_id))
    person = _state(people[contact_id])
    for conversation in found.values():
        conversation.address.contact = person
        if conversation.row["contact_id"] != contact_id:
            conversation.acted_by = Actor("agent", by)
            conversation.set(contact_id=contact_id)
            work.tell("conversation.updated", conversation, {"by": {"agent_id": by}})
    work.write()
    theirs = messages.c.conversation_id.in_(list(found))
    wrote = (messages.c.sender_kind == "contact") & messages.c.sender_id.in_(before - {contact_id})
    if found:
        db.execute(update(messages).where(theirs, wrote).values(sender_id=contact_id))
    return before


def require_shared(db: Connection, contact_ids: Collection[str]) -> None:
    """Raises Conflict (private_contact): what is known of somebody's private contacts never joins the others."""
    if is_private(db, contact_ids):
        raise Conflict("This is a private contact; make a shared one first.", code="private_contact")


def take_notes(db: Connection, gone: str, kept: str) -> tuple[list[str], list[str]]:
    """Tags and favourites of the one are the other's as well. Returns those that are new to him: tags, and agents."""
    had = select(contact_tags.c.tag).where(contact_tags.c.contact_id == kept)
    new = select(contact_tags.c.tag).where(contact_tags.c.contact_id == gone, contact_tags.c.tag.not_in(had))
    tags = sorted(db.execute(new).scalars())
    bulk.insert(db, contact_tags, [{"contact_id": kept, "tag": tag} for tag in tags])
    of = contact_favourites.c
    known = select(of.agent_id).where(of.contact_id == kept)
    agents = sorted(db.execute(select(of.agent_id).where(of.contact_id == gone, of.agent_id.not_in(known))).scalars())
    bulk.insert(db, contact_favourites, [{"agent_id": agent, "contact_id": kept} for agent in agents])
    return tags, agents


def _is_a_shell(db: Connection, contact_id: str) -> bool:
    """Nobody has said who he is, and no address leads to him any more."""
    row = db.execute(select(contacts.c.linked).where(contacts.c.id == contact_id)).one()
    left = select(contact_addresses.c.id).where(contact_addresses.c.contact_id == contact_id)
    return not row.linked and db.execute(left.limit(1)).first() is None


def _state(row: TableRow) -> ContactState:
    return ContactState(row.id, row.name, row.locale, linked=True)
