"""Contacts, addresses and conversations in memory, while one batch of a lane changes them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from casella.ids import new_id
from casella.inbox.house import ChannelEntry, InboxEntry
from casella.inbox.state.assignment_request import Wanted
from casella.inbox.state.released import LetGo
from casella.store.feed import JsonValue
from casella_rules import FactValue

AddressKey = tuple[str, str, str]
Values = dict[str, object]


@dataclass(slots=True, eq=False)
class ContactState:
    id: str
    name: str | None
    locale: str | None
    tags: set[str] = field(default_factory=set)
    is_new: bool = False
    renamed: bool = False
    #: What this batch sets of the desk's own attributes; None forgets one.
    custom: dict[str, FactValue] = field(default_factory=dict)


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
    changed: bool = False
    #: Whether its agent has taken it by hand in this very transaction.
    by_hand: bool = False
    #: The inbox it was moved to; None: the channel's own.
    moved_to: InboxEntry | None = None
    #: Who had it, and its status, as read: what is written back counts only while that is so.
    held_by: object = None
    held_status: object = None

    def __post_init__(self) -> None:
        self.held_by, self.held_status = self.row["assignee_id"], self.row["status"]

    @property
    def inbox(self) -> InboxEntry:
        return self.moved_to or self.channel.inbox

    @property
    def assignee_id(self) -> str | None:
        value = self.row["assignee_id"]
        return value if isinstance(value, str) else None

    @property
    def team_id(self) -> str | None:
        value = self.row["team_id"]
        return value if isinstance(value, str) else None

    @property
    def let_go(self) -> LetGo:
        """Who has let it go because he had not answered in time."""
        return LetGo.from_text(self.row["returned_by"])

    @property
    def wanted(self) -> Wanted:
        """What the assignment that brought it to its team asked for."""
        return Wanted.from_text(self.row["wanted"])

    @property
    def is_queued(self) -> bool:
        """Whether it waits in its team's queue."""
        row = self.row
        return bool(row["status"] == "open" and row["queued_at"] and self.team_id) and self.assignee_id is None

    def set(self, **values: object) -> None:
        """Change columns. The first change of a batch raises the version, so that the feed tells the stored one."""
        if not self.changed and not self.is_new:
            self.row["version"] = int(str(self.row["version"])) + 1
        self.row.update(values)
        self.changed = True

    def next_sequence(self) -> int:
        count = int(str(self.row["message_count"])) + 1
        self.set(message_count=count)
        return count

    def summary(self) -> dict[str, JsonValue]:
        """What the feed tells of it."""
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
        "id": new_id(), "world": "shared", "inbox_id": channel.inbox.id, "channel_id": channel.id,
        "contact_id": address.contact.id, "address_id": address.id, "status": "open", "priority": "normal",
        "subject": None, "started_by": started_by, "replyable": True, "assignee_id": None, "team_id": None,
        "assigned_at": None, "queued_at": None, "waiting_since": None, "last_inbound_at": None,
        "last_message_at": None, "last_message_text": None, "message_count": 0, "opened_at": at,
        "closed_at": None, "turned_at": at, "version": 1, "returned_by": None, "snoozed_until": None, "wanted": None,
        "referral": referral,
    }  # fmt: skip
    return ConversationState(str(row["id"]), channel, address, row, is_new=True)
