"""What one batch of a lane touches, read in a few statements, changed in memory, written back in a few statements.

The transaction holds the lane and the rows it will change (conversations, then agents: everybody who locks several
takes them in this order, each sorted by id), so what is in memory is what is in the database. Locks are FOR NO KEY
UPDATE everywhere: a row that merely refers to a locked one (a message to its channel) must neither wait nor deadlock.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from sqlalchemy import BindParameter, Connection, Table, bindparam, insert, select, update

from casella.errors import ClaimLost
from casella.ids import new_id
from casella.inbox.house import ChannelEntry, InboxEntry
from casella.inbox.state import entities
from casella.inbox.state.contact_rows import write_people
from casella.inbox.state.entities import AddressKey, AddressState, ContactState, ConversationState, Values
from casella.inbox.state.referrals import awaited_referral
from casella.store import feed
from casella.store.feed import FeedEvent, JsonValue
from casella.store.keys import ByKeys
from casella.store.tables import (
    attachments,
    contact_addresses,
    contact_tags,
    contacts,
    conversation_tags,
    conversations,
    decisions,
    effects,
    messages,
    outbox,
    search_pending,
)

_CHANGING = (
    "status", "priority", "assignee_id", "team_id", "assigned_at", "queued_at", "waiting_since", "last_inbound_at",
    "last_message_at", "last_message_text", "message_count", "closed_at", "turned_at", "replyable", "version",
    "address_id", "contact_id", "inbox_id", "returned_by", "snoozed_until", "wanted", "referral",
)  # fmt: skip

# Built once: building these for every batch took longer than asking them.
_IDS: BindParameter[list[str]] = bindparam("ids", expanding=True)
_ADDRESSES = ByKeys(
    (contact_addresses.c.kind, contact_addresses.c.scope, contact_addresses.c.address),
    lambda wanted: select(
        contact_addresses.c.id, contact_addresses.c.kind, contact_addresses.c.scope, contact_addresses.c.address,
        contact_addresses.c.referral, contacts.c.id.label("contact_id"), contacts.c.name, contacts.c.locale,
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
    select(contact_addresses.c.id)
    .where(contact_addresses.c.id.in_(_IDS))
    .order_by(contact_addresses.c.id)
    .with_for_update(key_share=True)
)
_SIBLINGS = select(contact_addresses).where(contact_addresses.c.contact_id.in_(_IDS)).order_by(contact_addresses.c.id)
_CONTACT_TAGS = select(contact_tags).where(contact_tags.c.contact_id.in_(_IDS))
_CONVERSATION_TAGS = select(conversation_tags).where(conversation_tags.c.conversation_id.in_(_IDS))
_UPDATE_CONVERSATION = update(conversations).where(
    conversations.c.id == bindparam("row_id"),
    conversations.c.assignee_id.is_not_distinct_from(bindparam("held_by")),
    conversations.c.status == bindparam("held_status"),
)
_INSERTS = {
    table: insert(table)
    for table in (
        contacts, contact_addresses, conversations, conversation_tags, messages, attachments, outbox, decisions,
        effects, search_pending,
    )
}  # fmt: skip


class Workspace:
    """Load, change, write."""

    def __init__(self, db: Connection, now: datetime, inboxes: Mapping[str, InboxEntry] = {}) -> None:
        self.db, self.now, self._inboxes = db, now, inboxes
        self.addresses: dict[AddressKey, AddressState] = {}
        self.conversations: dict[tuple[str, str], ConversationState] = {}
        self.closed: list[ConversationState] = []
        self.events: list[FeedEvent] = []
        self._has_siblings = False
        self.united: list[tuple[str, str]] = []
        self.messages: list[Values] = []
        self.attachments, self.outbox = list[Values](), list[Values]()
        self.decisions, self.effects = list[Values](), list[Values]()
        self.more: dict[Table, list[Values]] = {}

    def load(self, wanted: Mapping[AddressKey, Iterable[ChannelEntry]], aliased: Collection[AddressKey] = ()) -> None:
        """Read every contact address and its open conversations on the channels it wrote to. `aliased`: those whose
        contact may have further addresses of the same kind, which are read as well."""
        if not wanted:
            return
        self._load_addresses(list(wanted))
        self._has_siblings = self._has_siblings or bool(aliased)
        if contact_ids := {state.contact.id for key in aliased if (state := self.addresses.get(key))}:
            self._load_siblings(contact_ids)
        channels = {channel.id: channel for entries in wanted.values() for channel in entries}
        known = {state.id: state for state in self.addresses.values()}
        if known:
            self._load_conversations(known, channels)
            self._hold_quiet(wanted, channels)

    def _load_addresses(self, keys: list[AddressKey]) -> None:
        rows = self.db.execute(*_ADDRESSES(keys)).all()
        people = {row.contact_id: ContactState(row.contact_id, row.name, row.locale) for row in rows}
        for row in rows:
            key = (row.kind, row.scope, row.address)
            self.addresses[key] = AddressState(row.id, key, people[row.contact_id], referral=row.referral)
        if people:
            for row in self.db.execute(_CONTACT_TAGS, {"ids": list(people)}):
                people[row.contact_id].tags.add(row.tag)

    def _load_siblings(self, contact_ids: Collection[str]) -> None:
        people = {state.contact.id: state.contact for state in self.addresses.values()}
        for row in self.db.execute(_SIBLINGS, {"ids": sorted(contact_ids)}):
            key = (row.kind, row.scope, row.address)
            if key not in self.addresses:
                self.addresses[key] = AddressState(row.id, key, people[row.contact_id], referral=row.referral)

    def _load_conversations(self, known: Mapping[str, AddressState], channels: Mapping[str, ChannelEntry]) -> None:
        loaded = {}
        for row in self.db.execute(_OPEN_CONVERSATIONS, {"ids": list(known), "channel_ids": list(channels)}):
            state = ConversationState(row.id, channels[row.channel_id], known[row.address_id], dict(row._mapping))
            state.moved_to = None if row.inbox_id == state.channel.inbox.id else self._inboxes.get(row.inbox_id)
            self.conversations[(row.channel_id, row.address_id)] = loaded[row.id] = state
        if loaded:
            for row in self.db.execute(_CONVERSATION_TAGS, {"ids": list(loaded)}):
                loaded[row.conversation_id].tags.add(row.tag)

    def _hold_quiet(
        self, wanted: Mapping[AddressKey, Iterable[ChannelEntry]], channels: Mapping[str, ChannelEntry]
    ) -> None:
        """Who has no open conversation may get a new one from this batch: his address is held, so that nobody opens an
        old one meanwhile. Waiting for the unique key later, with agents locked, would be waiting out of turn."""
        quiet = {
            state.id: state
            for key, entries in wanted.items()
            if (state := self.addresses.get(key))
            and any((channel.id, state.id) not in self.conversations for channel in entries)
        }
        if quiet:
            self.db.execute(HOLD_ADDRESSES, {"ids": list(quiet)})
            self._load_conversations(quiet, channels)

    def address(self, key: AddressKey, name: str | None, contact: ContactState | None = None) -> AddressState:
        """The contact address, made if it is new: of this contact, or of a new one."""
        state = self.addresses.get(key)
        if state is None:
            person = contact or ContactState(new_id(), name, None, is_new=True)
            self.addresses[key] = state = AddressState(new_id(), key, person, is_new=True)
        if name and not state.contact.name:
            state.contact.name, state.contact.renamed = name, True
        return state

    def conversation(
        self, channel: ChannelEntry, address: AddressState, at: datetime, started_by: str = "contact"
    ) -> ConversationState:
        """The open conversation of this contact on this channel, begun if there is none."""
        key = (channel.id, address.id)
        state = self.conversations.get(key) or self._of_sibling(channel, address)
        if state is None:
            state = entities.new_conversation(channel, address, at, started_by, awaited_referral(channel, address, at))
            self.conversations[key] = state
        return state

    def _of_sibling(self, channel: ChannelEntry, address: AddressState) -> ConversationState | None:
        """The open conversation of the same contact under another address of his; it goes on under this one."""
        if not self._has_siblings:
            return None
        for state in list(self.conversations.values()):
            if state.channel is channel and state.address.contact is address.contact:
                self.readdress(channel, state.address, address)
                return state
        return None

    def readdress(self, channel: ChannelEntry, old: AddressState, new: AddressState) -> None:
        """The open conversation under one address goes on under another, if there is none there."""
        state = self.conversations.get((channel.id, old.id))
        if state is not None and (channel.id, new.id) not in self.conversations:
            self.conversations[(channel.id, new.id)] = self.conversations.pop((channel.id, old.id))
            state.address = new
            state.set(address_id=new.id, contact_id=new.contact.id)

    def rename(self, state: AddressState, key: AddressKey) -> None:
        """The address itself changes; everything that refers to it follows."""
        self.addresses[key] = self.addresses.pop(state.key)
        state.key, state.moved = key, True

    def unite(self, contact: ContactState, other: AddressState) -> None:
        """The other address is this contact's. What belonged to its own contact follows; whoever was there first
        stays."""
        gone = other.contact
        if gone is contact:
            return
        for state in self.addresses.values():
            if state.contact is gone:
                state.contact = contact
        contact.tags |= gone.tags
        if not contact.name and gone.name:
            contact.name, contact.renamed = gone.name, True
        for conversation in self.conversations.values():
            if conversation.row["contact_id"] == gone.id:
                conversation.set(contact_id=contact.id)
        if not gone.is_new:
            self.united.append((gone.id, contact.id))

    def close(self, conversation: ConversationState, at: datetime) -> None:
        """The next message of this contact begins another conversation."""
        over = dict.fromkeys(("waiting_since", "queued_at", "snoozed_until"))
        conversation.set(status="closed", closed_at=at, turned_at=at, **over)
        self.conversations.pop((conversation.channel.id, conversation.address.id), None)
        self.closed.append(conversation)

    def add_message(self, conversation: ConversationState, row: Values) -> None:
        """Append a message to a conversation and tell the feed."""
        row["sequence"] = conversation.next_sequence()
        row["conversation_id"] = conversation.id
        self.messages.append(row)
        text = str(row["text"])
        conversation.set(last_message_at=row["shown_at"], last_message_text=text[:200])
        self.tell(
            "message.created",
            conversation,
            {
                "message": {
                    "id": str(row["id"]),
                    "direction": str(row["direction"]),
                    "kind": str(row["kind"]),
                    "text": text[:2000],
                    "state": str(row["state"]),
                }
            },
        )

    def renew_preview(self, conversation_id: str, before: str, after: str) -> None:
        """A message's words have changed: the list must not go on showing the old ones."""
        states = [*self.conversations.values(), *self.closed]
        if state := next((state for state in states if state.id == conversation_id), None):
            if state.row["last_message_text"] == before[:200]:
                state.set(last_message_text=after[:200])
            return
        shows_it = (conversations.c.id == conversation_id) & (conversations.c.last_message_text == before[:200])
        self.db.execute(update(conversations).where(shows_it).values(last_message_text=after[:200]))

    def tell(self, kind: str, conversation: ConversationState, more: Mapping[str, JsonValue] = {}) -> None:
        payload = {"conversation": conversation.summary(), **more}
        self.events.append(FeedEvent(kind, conversation.inbox.id, conversation.id, payload))

    def write(self) -> None:
        """Everything, in an order that keeps every reference whole. Raises ClaimLost where a conversation is no longer
        whose it was when it was read: then nothing of this transaction may stay."""
        write_people(self.db, self.addresses.values(), self.united, self.now)
        self._write_conversations()
        for table, rows in (
            (messages, self.messages),
            (attachments, self.attachments),
            (outbox, self.outbox),
            (decisions, self.decisions),
            (effects, self.effects),
        ):
            if rows:
                self.db.execute(_INSERTS[table], rows)
        for table, rows in self.more.items():
            self.db.execute(insert(table), rows)
        if texts := [{"message_id": row["id"]} for row in self.messages if row["text"]]:
            self.db.execute(_INSERTS[search_pending], texts)
        feed.append(self.db, self.events, self.now)

    def _write_conversations(self) -> None:
        every = [*self.conversations.values(), *self.closed]
        states = sorted(every, key=lambda s: (s.row["status"] != "closed", s.id))  # one that closed makes room
        if changed := [state for state in states if state.changed and not state.is_new]:
            claims = [
                {"row_id": s.id, "held_by": s.held_by, "held_status": s.held_status, **{n: s.row[n] for n in _CHANGING}}
                for s in changed
            ]
            if self.db.execute(_UPDATE_CONVERSATION, claims).rowcount != len(claims):
                raise ClaimLost
        if fresh := [state.row for state in states if state.is_new]:
            self.db.execute(_INSERTS[conversations], fresh)  # after the updates: one that closed makes room for these
        if tags := [{"conversation_id": s.id, "tag": tag} for s in states for tag in sorted(s.new_tags)]:
            self.db.execute(_INSERTS[conversation_tags], tags)
        for state in (each for each in states if each.lost_tags):
            mine = conversation_tags.c.conversation_id == state.id
            self.db.execute(conversation_tags.delete().where(mine, conversation_tags.c.tag.in_(state.lost_tags)))
