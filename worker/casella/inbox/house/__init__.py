"""What is built once in `casella.app` and passed on to every room."""

from casella.inbox.house.addresses import AddressKey, address_key, phone_of
from casella.inbox.house.assistant_library import ANSWER, CANNED, own_words
from casella.inbox.house.assistant_setup import Guest, Setup
from casella.inbox.house.bell import SilentBell
from casella.inbox.house.capabilities import able
from casella.inbox.house.clients import Clients, guest_client, tls_context
from casella.inbox.house.desk_tags import alike, desk_tag
from casella.inbox.house.desk_watch import DeskWatch, Tell, desk_files, desk_history, failures, forget, log_change
from casella.inbox.house.directory import (
    AgentEntry,
    ChannelEntry,
    ConnectionEntry,
    Directory,
    DirectoryHolder,
    InboxEntry,
    TeamEntry,
    newest_version,
)
from casella.inbox.house.duties import Duty, asking, by_itself
from casella.inbox.house.former import former_channel, former_inbox
from casella.inbox.house.held import HeldConnections
from casella.inbox.house.live_desk import Deskbook, DeskHolder
from casella.inbox.house.rooms import Rooms

__all__ = [
    "ANSWER",
    "CANNED",
    "AddressKey",
    "AgentEntry",
    "ChannelEntry",
    "Clients",
    "ConnectionEntry",
    "DeskHolder",
    "DeskWatch",
    "Deskbook",
    "Directory",
    "DirectoryHolder",
    "Duty",
    "Guest",
    "HeldConnections",
    "InboxEntry",
    "Rooms",
    "Setup",
    "SilentBell",
    "TeamEntry",
    "Tell",
    "able",
    "address_key",
    "alike",
    "asking",
    "by_itself",
    "desk_files",
    "desk_history",
    "desk_tag",
    "failures",
    "forget",
    "former_channel",
    "former_inbox",
    "guest_client",
    "log_change",
    "newest_version",
    "own_words",
    "phone_of",
    "tls_context",
]
