"""Reading what one batch of a lane touches, in a few statements."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, select

from casella.inbox.house import AddressKey, ChannelEntry
from casella.inbox.state.entities import AddressState, ContactState, ConversationState
from casella.inbox.state.workspace import Workspace
from casella.store.keys import ByKeys
from casella.store.prepared import Mappings, Query, among
from casella.store.tables import contact_addresses, contact_tags, contacts, conversation_tags, conversations


class _Address(NamedTuple):
    id: str
    kind: str
    scope: str
    address: str
    referral: Any
    contact_id: str
    name: str | None
    locale: str | None
    linked: bool


class _Sibling(NamedTuple):
    id: str
    contact_id: str
    kind: str
    scope: str
    address: str
    referral: Any


class _Person(NamedTuple):
    id: str
    name: str | None
    locale: str | None
    linked: bool


class _HeldAddress(NamedTuple):
    id: str
    contact_id: str


class _ContactTag(NamedTuple):
    contact_id: str
    tag: str


class _ConversationTag(NamedTuple):
    conversation_id: str
    tag: str


_ADDRESSES = ByKeys(
    (contact_addresses.c.kind, contact_addresses.c.scope, contact_addresses.c.address),
    _Address,
    lambda wanted: select(
        contact_addresses.c.id, contact_addresses.c.kind, contact_addresses.c.scope, contact_addresses.c.address,
        contact_addresses.c.referral, contacts.c.id.label("contact_id"), contacts.c.name, contacts.c.locale,
        contacts.c.linked,
    ).join(contacts, contacts.c.id == contact_addresses.c.contact_id).where(wanted),
)  # fmt: skip
_OPEN_CONVERSATIONS = Mappings(
    select(conversations)
    .where(
        among(conversations.c.address_id, "ids"),
        among(conversations.c.channel_id, "channel_ids"),
        conversations.c.status != "closed",
    )
    .order_by(conversations.c.id)
    .with_for_update(key_share=True)
)
_HOLD_ADDRESSES = Query(
    _HeldAddress,
    select(contact_addresses.c.id, contact_addresses.c.contact_id)
    .where(among(contact_addresses.c.id, "ids"))
    .order_by(contact_addresses.c.id)
    .with_for_update(key_share=True),
)
_SIBLINGS = Query(
    _Sibling,
    select(*(contact_addresses.c[name] for name in _Sibling._fields))
    .where(among(contact_addresses.c.contact_id, "ids"))
    .order_by(contact_addresses.c.id),
)
_PERSON = Query(
    _Person, select(*(contacts.c[name] for name in _Person._fields)).where(contacts.c.id == bindparam("id"))
)
_CONTACT_TAGS = Query(
    _ContactTag,
    select(contact_tags.c.contact_id, contact_tags.c.tag).where(among(contact_tags.c.contact_id, "ids")),
)
_CONVERSATION_TAGS = Query(
    _ConversationTag,
    select(conversation_tags.c.conversation_id, conversation_tags.c.tag).where(
        among(conversation_tags.c.conversation_id, "ids")
    ),
)


def hold_addresses(db: Connection, ids: Iterable[str]) -> Mapping[str, str]:
    """Nobody else begins or opens a conversation under these addresses until the transaction ends. Returns whose they
    are now."""
    return {row.id: row.contact_id for row in _HOLD_ADDRESSES(db, ids=sorted(ids))}


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
    rows = _ADDRESSES(work.db, keys)
    people = {row.contact_id: ContactState(row.contact_id, row.name, row.locale, linked=row.linked) for row in rows}
    for row in rows:
        key = (row.kind, row.scope, row.address)
        work.addresses[key] = AddressState(row.id, key, people[row.contact_id], referral=row.referral)
    if people:
        for tag in _CONTACT_TAGS(work.db, ids=list(people)):
            people[tag.contact_id].tags.add(tag.tag)


def _load_siblings(work: Workspace, contact_ids: Collection[str]) -> None:
    people = {state.contact.id: state.contact for state in work.addresses.values()}
    for row in _SIBLINGS(work.db, ids=sorted(contact_ids)):
        key = (row.kind, row.scope, row.address)
        if key not in work.addresses:
            work.addresses[key] = AddressState(row.id, key, people[row.contact_id], referral=row.referral)


def _load_conversations(
    work: Workspace, known: Mapping[str, AddressState], channels: Mapping[str, ChannelEntry]
) -> None:
    loaded, inboxes = {}, work.rooms.directory.current.inboxes
    for row in _OPEN_CONVERSATIONS(work.db, ids=list(known), channel_ids=list(channels)):
        id, address, channel = row["id"], known[row["address_id"]], channels[row["channel_id"]]
        _follow(work, address, row["contact_id"])
        state = ConversationState(id, channel, address, row)
        state.moved_to = None if row["inbox_id"] == channel.inbox.id else inboxes.get(row["inbox_id"])
        work.conversations[(channel.id, address.id)] = loaded[id] = state
    if loaded:
        for tag in _CONVERSATION_TAGS(work.db, ids=list(loaded)):
            loaded[tag.conversation_id].tags.add(tag.tag)


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
        for id, contact_id in hold_addresses(work.db, quiet).items():
            _follow(work, quiet[id], contact_id)
        _load_conversations(work, quiet, channels)


def _follow(work: Workspace, address: AddressState, contact_id: str) -> None:
    """Somebody has linked the address to another contact after it was read, and before its rows were held."""
    if address.contact.id == contact_id:
        return
    known = (state.contact for state in work.addresses.values() if state.contact.id == contact_id)
    person = next(known, None)
    if person is None:
        [row] = _PERSON(work.db, id=contact_id)
        person = ContactState(row.id, row.name, row.locale, linked=row.linked)
        person.tags.update(one.tag for one in _CONTACT_TAGS(work.db, ids=[contact_id]))
    address.contact = person
