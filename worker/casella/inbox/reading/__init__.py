"""What one member may see: lists, views, search, presence; and how members sign in."""

from casella.inbox.house import Duty, by_itself
from casella.inbox.reading import contact_view, contacts, lists, overview, own, presence, second_factors, sessions
from casella.inbox.reading.counting import count_conversations
from casella.inbox.reading.filters import Filters, Narrowed, Status, narrow, near
from casella.inbox.reading.lists import read_conversation
from casella.inbox.reading.members import Member, find_member, require_manager
from casella.inbox.reading.own import Mine
from casella.inbox.reading.passwords import Passwords
from casella.inbox.reading.search import Hit, index_pending, index_some, search_messages
from casella.inbox.reading.sessions import SignedIn, create_token, still_signed_in
from casella.inbox.reading.start import Start, read_start
from casella.inbox.reading.visibility import World, answerable, readable, sees_event, visible

__all__ = [
    "DUTIES",
    "Filters",
    "Hit",
    "Member",
    "Mine",
    "Narrowed",
    "Passwords",
    "SignedIn",
    "Start",
    "Status",
    "World",
    "answerable",
    "contact_view",
    "contacts",
    "count_conversations",
    "create_token",
    "find_member",
    "index_pending",
    "lists",
    "narrow",
    "near",
    "overview",
    "own",
    "presence",
    "read_conversation",
    "read_start",
    "readable",
    "require_manager",
    "search_messages",
    "second_factors",
    "sees_event",
    "sessions",
    "still_signed_in",
    "visible",
]

DUTIES = (
    # Full text is written in batches, or it would double the commits: a message is found after so many seconds.
    Duty("search", 2.0, by_itself(index_some), threads=1, bell="search", pause=0.25),
)
