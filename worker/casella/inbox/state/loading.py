"""Reading what one batch of a lane touches, in a few statements."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import BindParameter, bindparam, select

from casella.inbox.house import AddressKey, ChannelEntry
from casella.inbox.state.entities import AddressState, ContactState, ConversationState
from casella.inbox.state.workspace import Workspace
from casella.store.keys import ByKeys
from casella.store.tables import contact_addresses, contact_tags, contacts, conversation_tags, conversations

# Built once: building these for every batch took longer than asking them.
_IDS: BindParameter[list[str]] = bindparam("ids", expanding=True)
_ADDRESSES = ByKeys(
    (contact_addresses.c.kind, contact_addresses.c.scope, contact_addresses.c.address),
    lambda wanted: select(
        contact_addresses.c.id, contact_addresses.c.kind, contact_addresses.c.scope, contact_addresses.c.address,
        contact_addresses.c.referral, contacts.c.id.label("contact_id"), contacts.c.name, contacts.c.locale,
        contacts.c.linked,
    ).join(contacts, contacts.c.id == contact_addresses.c.contact_id).where(wanted),
)  # fmt: skip
_OPEN_CONVERSATIONS = (
    select(conversations)
    .where(
        conversations.c.address_id.in_(_IDS),
        conversations.c.channel_id.in_(bindparam("channel_ids", expanding=True)),
        conversations.c.status != "closed",
    )
    .order_by(conversations.c.id)
    .with_for_update(key_share=True)
)
HOLD_ADDRESSES = (
    select(contact_addresses.c.id, contact_addresses.c.contact_id)
    .where(contact_addresses.c.id.in_(_IDS))
    .order_by(contact_addresses.c.id)
    .with_for_update(key_share=True)
)
_SIBLINGS = select(contact_addresses).where(contact_addresses.c.contact_id.in_(_IDS)).order_by(contact_addresses.c.id)
_CONTACT_TAGS = select(contact_tags).where(contact_tags.c.contact_id.in_(_IDS))
_CONVERSATION_TAGS = select(conversation_tags).where(conversation_tags.c.conversation_id.in_(_IDS))


def load(
    work: Workspace, wanted: Mapping[AddressKey, Iterable[ChannelEntry]], aliased: Collection[AddressKey] = ()
) -> None:
    """Read every contact address and its open conversations on the channels it wrote to. `aliased`: those whose
    contact may have further addresses of the same kind, which are read as well."""
    if not wanted:
        return
    _load_addresses(work, list(wanted))
    work.has_siblings = work.has_siblings or bool(aliased)
    if contact_ids := {state.contact.id for key in aliased if (state := work.addresses.get(key))}:
        _load_siblings(work, contact_ids)
    channels = {channel.id: channel for entries in wanted.values() for channel in entries}
    known = {state.id: state for state in work.addresses.values()}
    if known:
        _load_conversations(work, known, channels)
        _hold_quiet(work, wanted, channels)


def _load_addresses(work: Workspace, keys: list[AddressKey]) -> None:
    rows = work.db.execute(*_ADDRESSES(keys)).all()
    people = {row.contact_id: ContactState(row.contact_id, row.name, row.locale, linked=row.linked) for row in rows}
    for row in rows:
        key = (row.kind, row.scope, row.address)
        work.addresses[key] = AddressState(row.id, key, people[row.contact_id], referral=row.referral)
    if people:
        for row in work.db.execute(_CONTACT_TAGS, {"ids": list(people)}):
            people[row.contact_id].tags.add(row.tag)


def _load_siblings(work: Workspace, contact_ids: Collection[str]) -> None:
    people = {state.contact.id: state.contact for state in work.addresses.values()}
    for row in work.db.execute(_SIBLINGS, {"ids": sorted(contact_ids)}):
        key = (row.kind, row.scope, row.address)
        if key not in work.addresses:
            work.addresses[key] = AddressState(row.id, key, people[row.contact_id], referral=row.referral)


def _load_conversations(
    work: Workspace, known: Mapping[str, AddressState], channels: Mapping[str, ChannelEntry]
) -> None:
    loaded, inboxes = {}, work.rooms.directory.current.inboxes
    for row in work.db.execute(_OPEN_CONVERSATIONS, {"ids": list(known), "channel_ids": list(channels)}).all():
        _follow(work, known[row.address_id], row.contact_id)
        state = ConversationState(row.id, channels[row.channel_id], known[row.address_id], dict(row._mapping))
        state.moved_to = None if row.inbox_id == state.channel.inbox.id else inboxes.get(row.inbox_id)
        work.conversations[(row.channel_id, row.address_id)] = loaded[row.id] = state
    if loaded:
        for row in work.db.execute(_CONVERSATION_TAGS, {"ids": list(loaded)}):
            loaded[row.conversation_id].tags.add(row.tag)


def _hold_quiet(
    work: Workspace, wanted: Mapping[AddressKey, Iterable[ChannelEntry]], channels: Mapping[str, ChannelEntry]
) -> None:
    """Who has no open conversation may get a new one from this batch: his address is held, so that nobody opens an
    old one meanwhile. Waiting for the unique key later, with agents locked, would be waiting out of turn."""
    quiet = {
        state.id: state
        for key, entries in wanted.items()
        if (state := work.addresses.get(key))
        and any((channel.id, state.id) not in work.conversations for channel in entries)
    }
    if quiet:
        for row in work.db.execute(HOLD_ADDRESSES, {"ids": list(quiet)}).all():
            _follow(work, quiet[row.id], row.contact_id)
        _load_conversations(work, quiet, channels)


def _follow(work: Workspace, address: AddressState, contact_id: str) -> None:
    """Somebody has linked the address to another contact after it was read, and before its rows were held."""
    if address.contact.id == contact_id:
        return
    known = (state.contact for state in work.addresses.values() if state.contact.id == contact_id)
    person = next(known, None)
    if person is None:
        row = work.db.execute(select(contacts).where(contacts.c.id == contact_id)).one()
        person = ContactState(row.id, row.name, row.locale, linked=row.linked)
        person.tags.update(one.tag for one in work.db.execute(_CONTACT_TAGS, {"ids": [contact_id]}))
    address.contact = person
