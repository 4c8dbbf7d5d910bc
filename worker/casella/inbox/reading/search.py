"""Searching messages, as one member may see them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from casella.errors import Invalid
from casella.inbox.house import Rooms
from casella.inbox.reading.members import Member
from casella.inbox.reading.visibility import readable
from casella.inbox.views import MessageView, message_views
from casella.origins import spellings_of
from casella.store.queries import message_queries, search_queries
from casella.store.queries.search_index import index_pending
from casella.store.queries.search_queries import Sight

__all__ = ["Hit", "HitPage", "index_pending", "index_some", "search_messages"]

_AT_ONCE = 500


def index_some(rooms: Rooms) -> int:
    """Make the oldest texts that wait for it searchable. Returns how many."""
    with rooms.store.write() as db:
        return int(index_pending(db, _AT_ONCE))


@dataclass(frozen=True, slots=True)
class Hit:
    conversation_id: str
    message: MessageView


@dataclass(frozen=True, slots=True)
class HitPage:
    """`behind`: where the next page begins; None on the last one."""

    items: Sequence[Hit]
    behind: str | None


def search_messages(
    db: Connection, member: Member, query: str, behind: str | None, limit: int, countries: Iterable[str] = ()
) -> HitPage:
    """Messages that hold all the words, the newest first; the last word may be a beginning. A number, in any spelling
    that is usual in these countries, finds those who have it as well: the newest message of each conversation stands
    first. Raises Invalid for a query without a word."""
    words = search_queries.words_of(query)
    if not words:
        raise Invalid("Search for at least one word.", code="no_words")
    numbers = spellings_of(query, countries) if behind is None else set()
    theirs = search_queries.find_numbers(db, numbers, readable(member), limit) if numbers else []
    left = limit - len(theirs)
    try:
        found = search_queries.find(db, words, _sight(member), behind, left + 1)
    except ValueError as error:
        raise Invalid("This is not a cursor of this list; begin without one.", code="bad_cursor") from error
    shown = found[:left]
    listed = {hit.message_id: hit for hit in (*theirs, *shown)}.values()
    views = _views(db, [hit.message_id for hit in listed])
    items = [Hit(hit.conversation_id, views[hit.message_id]) for hit in listed if hit.message_id in views]
    return HitPage(items, shown[-1].place if shown and len(found) > left else None)


def _sight(member: Member) -> Sight:
    return Sight(readable(member), None if member.is_admin else sorted(member.every_inbox_id))


def _views(db: Connection, message_ids: Sequence[str]) -> dict[str, MessageView]:
    if not message_ids:
        return {}
    return {view.id: view for view in message_views(db, message_queries.some(db, message_ids))}
