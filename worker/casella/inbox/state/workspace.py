"""What one batch of a lane touches, read in a few statements, changed in memory, written back in a few statements.

The transaction holds the lane and the rows it will change (conversations, then agents: everybody who locks several
takes them in this order, each sorted by id), so what is in memory is what is in the database. Locks are FOR NO KEY
UPDATE everywhere: a row that merely refers to a locked one (a message to its channel) must neither wait nor deadlock.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from sqlalchemy import Connection, Table, select, update

from casella.ids import new_id
from casella.inbox.activity import record
from casella.inbox.consent import recall_stops
from casella.inbox.house import AddressKey, ChannelEntry, Rooms
from casella.inbox.notices import Notice, write_notices
from casella.inbox.state import entities
from casella.inbox.state.agent_marks import AgentMarks
from casella.inbox.state.contact_rows import write_people
from casella.inbox.state.conversation_rows import write_conversations
from casella.inbox.state.entities import AddressState, ContactState, ConversationState, Values
from casella.inbox.state.message_rows import outbox_row, outgoing_row
from casella.inbox.state.referrals import awaited_referral
from casella.inbox.state.shown_rows import conversation_row, message_row
from casella.inbox.views import ShownRow, gone, tell
from casella.store import bulk
from casella.store.feed import ConversationEvent, JsonValue
from casella.store.queries import search_index
from casella.store.tables import (
    attachments,
    conversations,
    decisions,
    effects,
    messages,
    outbox,
)


class Workspace:
    """Load, change, write."""

    def __init__(self, rooms: Rooms, db: Connection, now: datetime) -> None:
        self.rooms, self.db, self.now = rooms, db, now
        self.addresses: dict[AddressKey, AddressState] = {}
        self.conversations: dict[tuple[str, str], ConversationState] = {}
        self.closed: list[ConversationState] = []
        self.events: list[ConversationEvent] = []
        self.has_siblings = False
        self.united: list[tuple[str, str]] = []
        self.messages: list[Values] = []
        self.attachments, self.outbox = list[Values](), list[Values]()
        self.decisions, self.effects = list[Values](), list[Values]()
        self.marks = AgentMarks()
        self._notices: list[Notice] = []
        self.more: dict[Table, list[Values]] = {}
        self._written: dict[str, ConversationState] = {}
        self._added: dict[str, Values] = {}

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
        if not self.has_siblings:
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

    def reopen(self, conversation: ConversationState, keeps: str | None, at: datetime) -> None:
        """Open a closed one again. `keeps`: the agent to whom it returns; None: it waits for one."""
        self.closed.remove(conversation)
        self.conversations[conversation.channel.id, conversation.address.id] = conversation
        queued_at = at if keeps is None and conversation.is_shared else None
        conversation.set(
            status="open",
            closed_at=None,
            archived_at=None,
            snoozed_until=None,
            assignee_id=keeps,
            queued_at=queued_at,
            returned_by=None,
        )

    def begin(self, conversation: ConversationState, at: datetime) -> None:
        """One that a campaign has written in, and nobody else: the contact answers, and it is as if it were new."""
        self.closed.remove(conversation)
        self.conversations[conversation.channel.id, conversation.address.id] = conversation
        conversation.begin(at)

    def has_open(self, channel_id: str, address_id: str, *, besides: str, hold: bool = False) -> bool:
        """Whether the contact has another open conversation on the channel. `hold` it: only before agents are held."""
        if (channel_id, address_id) in self.conversations:
            return True
        same = (conversations.c.channel_id == channel_id) & (conversations.c.address_id == address_id)
        others = (conversations.c.status != "closed") & (conversations.c.id != besides)
        query = select(conversations.c.id).where(same, others)
        return self.db.execute(query.with_for_update(key_share=True) if hold else query).first() is not None

    def note(self, conversation: ConversationState, text: str, sender_kind: str, sender_id: str | None) -> Values:
        """An internal note at the end of the conversation: of an agent, or of a rule by its name."""
        note = outgoing_row(
            new_id(), conversation.channel.id, text, self.now, sender_kind=sender_kind, sender_id=sender_id,
            direction="note", state="received",
        )  # fmt: skip
        self.add_message(conversation, note)
        return note

    def queue_message(
        self, conversation: ConversationState, row: Values, *, rank: int = 0, purpose: str | None = None,
        until: datetime | None = None,
    ) -> None:  # fmt: skip
        """Append a message of ours, and put it into the outbox: behind others of a lower `rank`, of this `purpose` for
        who has agreed to it, leaving before `until` or not by itself."""
        self.add_message(conversation, row)
        more = {"rank": rank, "purpose": purpose, "until": until}
        self.outbox.append(outbox_row(row, conversation.id, self.now) | more)

    def add_message(self, conversation: ConversationState, row: Values) -> None:
        """Append a message to a conversation and tell the feed."""
        row["sequence"] = conversation.next_sequence()
        row["conversation_id"] = conversation.id
        self.messages.append(row)
        last, shown_at = conversation.row["last_message_at"], _in_utc(row, "shown_at")
        assert shown_at is not None, "every message is shown somewhere"
        _in_utc(row, "provider_time")
        if not isinstance(last, datetime) or shown_at >= last:  # one that was long on its way stands further up
            shown = {"kind": row["kind"], "direction": row["direction"], "text": str(row["text"])[:200], "at": shown_at}
            conversation.set(**{f"last_message_{name}": value for name, value in shown.items()})
        self._mark(conversation, row)
        self.tell("message.created", conversation, message_id=str(row["id"]))

    def _mark(self, conversation: ConversationState, row: Values) -> None:
        """Unread for everybody, if the contact has written; read by who answers, up to his answer (A-14)."""
        if row["direction"] == "in":
            count = int(str(conversation.row["inbound_count"])) + 1
            conversation.set(inbound_count=count, inbound_received_at=row["received_at"])
        elif row["sender_kind"] == "agent" and row["sender_id"]:
            self.marks.takes_part(conversation.id, str(row["sender_id"]))
            if row["direction"] == "out":
                inbound = int(str(conversation.row["inbound_count"]))
                self.marks.reads(conversation.id, str(row["sender_id"]), int(str(row["sequence"])), inbound)

    def renew_preview(self, conversation_id: str, before: str, after: str) -> None:
        """A message's words have changed: the list must not go on showing the old ones."""
        states = [*self.conversations.values(), *self.closed]
        if state := next((state for state in states if state.id == conversation_id), None):
            if state.row["last_message_text"] == before[:200]:
                state.set(last_message_text=after[:200])
            return
        shows_it = (conversations.c.id == conversation_id) & (conversations.c.last_message_text == before[:200])
        self.db.execute(update(conversations).where(shows_it).values(last_message_text=after[:200]))

    def tell(
        self,
        kind: str,
        conversation: ConversationState,
        more: Mapping[str, JsonValue] = {},
        *,
        message_id: str | None = None,
        agent_id: str | None = None,
    ) -> None:
        """Everybody who sees the conversation, or of them `agent_id` only, hears of it when the transaction ends."""
        self.events.append(ConversationEvent(kind, conversation.id, dict(more), agent_id, message_id))

    def notify(self, notice: Notice) -> None:
        """One agent is told, now and until he has seen it; nothing if he may not see the conversation then."""
        self._notices.append(notice)
        self.events.append(
            ConversationEvent("notice", notice.conversation_id, notice.payload(), notice.agent_id, notice.message_id)
        )

    def conversation_row(self, conversation_id: str) -> tuple[ShownRow, list[str]] | None:
        """What is shown of a conversation of this workspace, and its tags."""
        state = self._written.get(conversation_id)
        row = conversation_row(self.rooms.directory.current, state) if state else None
        return (row, sorted(state.tags)) if state and row else None

    def message_row(self, message_id: str) -> ShownRow | None:
        """What is shown of a message that this workspace has added."""
        row = self._added.get(message_id)
        state = self._written.get(str(row["conversation_id"])) if row else None
        return message_row(self.rooms.directory.current, state, row) if row and state else None

    def write(self) -> None:
        """Everything, in an order that keeps every reference whole. Raises ClaimLost where a conversation is no longer
        whose it was when it was read: then nothing of this transaction may stay."""
        write_people(self.db, self.addresses.values(), self.united, self.now)
        new = [state.address for state in self.addresses.values() if state.is_new]
        recall_stops(self.rooms, self.db, new, self.now)
        states = write_conversations(self.db, [*self.conversations.values(), *self.closed])
        self._written = {state.id: state for state in states}
        self._added = {str(row["id"]): row for row in self.messages}
        for table, rows in (
            (messages, self.messages), (attachments, self.attachments), (outbox, self.outbox),
            (decisions, self.decisions), (effects, self.effects),
        ):  # fmt: skip
            bulk.insert(self.db, table, rows)
        for table, rows in self.more.items():
            bulk.insert(self.db, table, rows)
        texts = [str(row["id"]) for row in self.messages if row["text"]]
        search_index.append(self.db, texts, moved=[state.id for state in states if _has_left(state)])
        self._write_deeds(states)
        tell(self.rooms, self.db, [*self.events, *map(_gone, filter(_has_left, states))], self.now, self)

    def _write_deeds(self, states: Sequence[ConversationState]) -> None:
        for state in states:
            for deed in state.deeds:
                if deed.what == "assigned" and deed.after is not None:
                    self.marks.takes_part(state.id, deed.after)
        self.marks.write(self.db)
        record(self.db, [(state.id, deed) for state in states for deed in state.deeds], self.now)
        for state in states:
            state.deeds.clear()
        write_notices(self.db, self._notices, self.now)
        self._notices.clear()


def _in_utc(row: Values, name: str) -> datetime | None:
    """As the database gives it back: providers tell times in zones of their own."""
    value = row[name]
    if not isinstance(value, datetime):
        return None
    row[name] = value = value.astimezone(UTC)
    return value


def _has_left(state: ConversationState) -> bool:
    return not state.is_new and state.row["inbox_id"] != state.held_inbox


def _gone(state: ConversationState) -> ConversationEvent:
    return gone(state.id, str(state.held_inbox))
