"""Contacts, addresses and conversations in memory, while one batch of a lane changes them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from casella.ids import new_id
from casella.inbox.activity import SYSTEM, Actor, Deed, deeds_of
from casella.inbox.house import AddressKey, ChannelEntry, InboxEntry
from casella.inbox.state.released import NOBODY, Released
from casella.inbox.views import AssignmentRequest
from casella.origins import language_tag
from casella.store.feed import JsonValue
from casella_rules import FactValue

Values = dict[str, object]


@dataclass(slots=True, eq=False)
class ContactState:
    id: str
    name: str | None
    locale: str | None
    tags: set[str] = field(default_factory=set)
    is_new: bool = False
    renamed: bool = False
    spoke: bool = False
    linked: bool = False
    #: What this batch sets of the desk's own attributes; None forgets one.
    custom: dict[str, FactValue] = field(default_factory=dict)

    #: Of the tags, what this batch has put on (True) and taken off.
    changed_tags: dict[str, bool] = field(default_factory=dict)

    def tag(self, tags: Iterable[str]) -> None:
        for tag in set(tags) - self.tags:
            self.tags.add(tag)
            self.changed_tags[tag] = True

    def untag(self, tags: Iterable[str]) -> None:
        for tag in set(tags) & self.tags:
            self.tags.discard(tag)
            self.changed_tags[tag] = False

    def speaks(self, language: str | None) -> None:
        """The channel tells his language, as `it` or `it-IT`; the latest counts."""
        if (tag := language_tag(language)) and tag != self.locale:
            self.locale, self.spoke = tag, True


@dataclass(slots=True, eq=False)
class AddressState:
    id: str
    key: AddressKey
    contact: ContactState
    is_new: bool = False
    moved: bool = False
    #: What led him here, until a conversation has it.
    referral: Values | None = None
    referred: bool = False

    @property
    def address(self) -> str:
        return self.key[2]


@dataclass(slots=True, eq=False)
class ConversationState:
    """A conversation; its columns as attributes where code reads them, all of them in `row`."""

    id: str
    channel: ChannelEntry
    address: AddressState
    row: Values
    tags: set[str] = field(default_factory=set)
    new_tags: set[str] = field(default_factory=set)
    lost_tags: set[str] = field(default_factory=set)
    is_new: bool = False
    #: Whether a campaign had begun it, and the contact answers in this very transaction.
    is_begun: bool = False
    changed: bool = False
    changes: set[str] = field(default_factory=set)
    #: Whether its agent has taken it by hand in this very transaction.
    by_hand: bool = False
    #: The inbox it was moved to; None: the channel's own.
    moved_to: InboxEntry | None = None
    #: Who had it, and its status, as read: what is written back counts only while that is so.
    held_by: object = None
    held_status: object = None
    #: Where it was, as read.
    held_inbox: object = None
    #: Who changes it now, and what was changed in this transaction.
    acted_by: Actor = SYSTEM
    deeds: list[Deed] = field(default_factory=list)

    def __post_init__(self) -> None:
        row = self.row
        self.held_by, self.held_status, self.held_inbox = row["assignee_id"], row["status"], row["inbox_id"]

    @property
    def inbox(self) -> InboxEntry:
        return self.moved_to or self.channel.inbox

    @property
    def is_shared(self) -> bool:
        """Only shared conversations meet rules, queues and surveys (law 8)."""
        return self.row["world"] == "shared"

    @property
    def assignee_id(self) -> str | None:
        value = self.row["assignee_id"]
        return value if isinstance(value, str) else None

    @property
    def team_id(self) -> str | None:
        value = self.row["team_id"]
        return value if isinstance(value, str) else None

    @property
    def let_go(self) -> Released:
        """Who has let it go because he had not answered in time."""
        return Released.from_text(self.row["returned_by"])

    @property
    def wanted(self) -> AssignmentRequest:
        """What the assignment that brought it to its team asked for."""
        return AssignmentRequest.from_text(self.row["wanted"])

    @property
    def is_queued(self) -> bool:
        """Whether it waits in its team's queue."""
        row = self.row
        return bool(row["status"] == "open" and row["queued_at"] and self.team_id) and self.assignee_id is None

    def set(self, **values: object) -> None:
        """Change columns. The first change of a batch raises the version, so that the feed tells the stored one."""
        if not self.changed and not self.is_new:
            self.row["version"] = int(str(self.row["version"])) + 1
        self.deeds += deeds_of(self.acted_by, self.row, values)
        self.row.update(values)
        self.changes |= {"version", *values}
        self.changed = True

    def tag(self, tags: Iterable[str]) -> bool:
        """Whether any of them is new to it."""
        added = set(tags) - self.tags
        self.tags |= added
        self.new_tags |= added - self.lost_tags
        self.lost_tags -= added
        if added:
            self.deeds += [Deed(self.acted_by, "tagged", None, tag) for tag in sorted(added)]
            self.set()
        return bool(added)

    def untag(self, tags: Iterable[str]) -> bool:
        """Whether it had any of them."""
        gone = set(tags) & self.tags
        self.tags -= gone
        self.lost_tags |= gone - self.new_tags
        self.new_tags -= gone
        if gone:
            self.deeds += [Deed(self.acted_by, "untagged", tag, None) for tag in sorted(gone)]
            self.set()
        return bool(gone)

    def prioritize(self, priority: str) -> str | None:
        """The priority it had; None if it has this one already."""
        before = str(self.row["priority"])
        if before == priority:
            return None
        self.set(priority=priority)
        return before

    def assign(self, agent_id: str, at: datetime, **more: object) -> None:
        """In this agent's hands, and in no queue. `more`: columns that change with it."""
        self.set(assignee_id=agent_id, assigned_at=at, queued_at=None, **more)

    def unassign(self, queued_at: datetime | None, let_go: Released = NOBODY) -> None:
        """In nobody's hands. `queued_at`: since when it waits. `let_go`: who has not answered it in time."""
        self.set(assignee_id=None, assigned_at=None, queued_at=queued_at, returned_by=let_go.as_text())

    def snooze(self, until: datetime) -> None:
        self.set(status="snoozed", snoozed_until=until)

    def wake(self) -> None:
        """Open again, in whose hands it was."""
        self.set(status="open", snoozed_until=None)

    def begin(self, at: datetime) -> None:
        """Open as if it were new: that it stood closed was nobody's deed, and neither is this."""
        over = {"status": "open", "closed_at": None, "archived_at": None, "opened_at": at, "turned_at": at}
        self.set()
        self.row.update(over)
        self.changes |= over.keys()
        self.is_begun = True

    @property
    def is_first_message(self) -> bool:
        """Whether the one that was just added is what the conversation begins with."""
        count = self.row["inbound_count"] if self.is_begun else self.row["message_count"]
        return (self.is_new or self.is_begun) and count == 1

    def archive(self, at: datetime) -> bool:
        """Put away (S-36). False if it was before, or is not closed."""
        if self.row["status"] != "closed" or self.row["archived_at"] is not None:
            return False
        self.set(archived_at=at)
        return True

    def unarchive(self) -> bool:
        """False if it was not put away."""
        was = self.row["archived_at"] is not None
        if was:
            self.set(archived_at=None)
        return was

    def move(self, inbox: InboxEntry) -> None:
        """Into another inbox. What an assignment asked for was asked for in the old one."""
        self.moved_to = None if inbox.id == self.channel.inbox.id else inbox
        self.set(inbox_id=inbox.id, wanted=None)

    def next_sequence(self) -> int:
        count = int(str(self.row["message_count"])) + 1
        self.set(message_count=count)
        return count

    def summary(self) -> dict[str, JsonValue]:
        """What other systems are told of it when a rule calls them."""
        row = self.row
        return {
            "id": self.id,
            "status": str(row["status"]),
            "priority": str(row["priority"]),
            "assignee_id": self.assignee_id,
            "team_id": self.team_id,
            "contact_id": self.address.contact.id,
            "message_count": int(str(row["message_count"])),
            "version": int(str(row["version"])),
        }


def new_conversation(
    channel: ChannelEntry,
    address: AddressState,
    at: datetime,
    started_by: str = "contact",
    referral: Values | None = None,
) -> ConversationState:
    """One that begins now, in nobody's hands."""
    row: Values = {
        "id": new_id(), "world": channel.inbox.world, "owner_id": channel.inbox.owner_id,
        "inbox_id": channel.inbox.id, "channel_id": channel.id,
        "contact_id": address.contact.id, "address_id": address.id, "status": "open", "priority": "normal",
        "subject": None, "started_by": started_by, "replyable": True, "assignee_id": None, "team_id": None,
        "assigned_at": None, "queued_at": None, "waiting_since": None, "last_inbound_at": None,
        "last_message_at": None, "last_message_text": None, "message_count": 0, "opened_at": at,
        "closed_at": None, "turned_at": at, "version": 1, "returned_by": None, "snoozed_until": None, "wanted": None,
        "referral": referral,
        "last_message_kind": None, "last_message_direction": None, "inbound_count": 0, "inbound_received_at": None,
        "archived_at": None, "campaign": None,
    }  # fmt: skip
    return ConversationState(str(row["id"]), channel, address, row, is_new=True)
