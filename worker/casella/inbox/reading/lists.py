"""Reading the inbox: lists, conversations, messages, as one member may see them.

The views are what people are shown; `casella.api` gives them out as they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, select

from casella.errors import Conflict, NotFound
from casella.inbox.reading.filters import Filters, narrow
from casella.inbox.reading.members import Member
from casella.inbox.reading.own import Mine, mine
from casella.inbox.reading.visibility import answerable, readable, visible
from casella.inbox.views import ConversationView, MessageView, conversation_views, message_views
from casella.store.queries import conversation_queries, message_queries
from casella.store.queries.conversation_queries import Place
from casella.store.queries.message_queries import MessagePlace
from casella.store.rows import PlainRow
from casella.store.tables import conversations


@dataclass(frozen=True, slots=True)
class ConversationPage:
    """`mine`: what each is to the member, by its id. `behind`: where the next page begins; None on the last one."""

    items: Sequence[ConversationView]
    mine: Mapping[str, Mine]
    behind: Place | None


@dataclass(frozen=True, slots=True)
class MessagePage:
    """In the order people see. `older` and `newer`: where to go on in each direction; None where it ends."""

    items: Sequence[MessageView]
    older: MessagePlace | None
    newer: MessagePlace | None


class NotHere(Conflict):
    """This is done in shared conversations only, not on a private number, nor with what was written on one before."""

    code = "not_in_this_world"


def list_conversations(
    db: Connection, member: Member, filters: Filters, behind: Place | None, limit: int
) -> ConversationPage:
    """Raises NotFound for an inbox, channel or team that is not there, or not the member's to see."""
    narrowed = narrow(db, member, filters)
    found = conversation_queries.page(
        db, narrowed.asked, narrowed.values, narrowed.inbox_ids, filters.sort, behind, limit + 1
    )
    shown = found[:limit]
    last = shown[-1] if len(found) > limit else None
    ids = [item.id for item in shown]
    return ConversationPage(
        conversation_views(db, ids), mine(db, member, ids), Place(last.key, last.id) if last else None
    )


def read_conversation(db: Connection, member: Member, conversation_id: str) -> ConversationView:
    """A shared one. Raises NotFound and NotHere, as `require_conversation`."""
    require_conversation(db, member, conversation_id)
    return conversation_views(db, [conversation_id])[0]


def look_at(db: Connection, member: Member, conversation_id: str) -> ConversationView:
    """In whatever world it is. Raises NotFound."""
    require_readable(db, member, conversation_id)
    return conversation_views(db, [conversation_id])[0]


def some_conversations(db: Connection, member: Member, conversation_ids: Sequence[str]) -> list[ConversationView]:
    """Those of these that the member sees, in the given order."""
    query = select(conversations.c.id).where(conversations.c.id.in_(conversation_ids), readable(member))
    seen = set(db.execute(query).scalars()) if conversation_ids else set[str]()
    return conversation_views(db, [id for id in conversation_ids if id in seen])


def referral_of(db: Connection, conversation_id: str) -> Mapping[str, object] | None:
    """The advertisement or link that led here. Whether the conversation may be seen was asked before."""
    query = select(conversations.c.referral).where(conversations.c.id == conversation_id)
    found: Mapping[str, object] | None = db.execute(query).scalar_one()
    return found


def require_conversation(db: Connection, member: Member, conversation_id: str) -> None:
    """Raises NotFound unless the member sees this conversation; NotHere where he does, and it is not shared."""
    _require(db, member, conversation_id, visible(member))


def require_answerable(db: Connection, member: Member, conversation_id: str) -> None:
    """The same for what is possible on one's own numbers as well."""
    _require(db, member, conversation_id, answerable(member))


def require_readable(db: Connection, member: Member, conversation_id: str) -> None:
    """Raises NotFound unless the member sees this conversation, in whatever world."""
    _require(db, member, conversation_id, readable(member))


def _require(db: Connection, member: Member, conversation_id: str, condition: ColumnElement[bool]) -> None:
    if conversation_queries.exists(db, conversation_id, condition):
        return
    if conversation_queries.exists(db, conversation_id, readable(member)):
        raise NotHere
    raise NotFound("There is no such conversation, or it is not yours to see.")


def list_messages(
    db: Connection,
    member: Member,
    conversation_id: str,
    limit: int,
    *,
    before: MessagePlace | None = None,
    after: MessagePlace | None = None,
) -> MessagePage:
    """The newest messages, or those just before or just behind a place. Raises NotFound."""
    require_readable(db, member, conversation_id)
    if after is not None:
        rows = message_queries.after(db, conversation_id, after, limit + 1)
        shown, more_older, more_newer = rows[:limit], True, len(rows) > limit
    else:
        rows = message_queries.before(db, conversation_id, before, limit + 1)
        shown, more_older, more_newer = rows[-limit:], len(rows) > limit, before is not None
    return MessagePage(
        message_views(db, shown),
        _place(shown[0]) if shown and more_older else None,
        _place(shown[-1]) if shown and more_newer else None,
    )


def messages_around(db: Connection, member: Member, conversation_id: str, message_id: str, limit: int) -> MessagePage:
    """A message of the conversation, and what stands before and behind it; a hit of a search opens there. Raises
    NotFound, also for a message of another conversation."""
    require_readable(db, member, conversation_id)
    place = message_queries.place_of(db, conversation_id, message_id)
    if place is None:
        raise NotFound("There is no such message, or it is not yours to see.")
    older = message_queries.before(db, conversation_id, place, limit // 2 + 1)
    newer = message_queries.after(db, conversation_id, place, limit - limit // 2)
    rows = [*older[-(limit // 2) :], *message_queries.some(db, [message_id]), *newer[: limit - limit // 2 - 1]]
    has_older, has_newer = len(older) > limit // 2, len(newer) >= limit - limit // 2
    return MessagePage(
        message_views(db, rows), _place(rows[0]) if has_older else None, _place(rows[-1]) if has_newer else None
    )


def read_message(db: Connection, member: Member, message_id: str) -> MessageView:
    """Raises NotFound."""
    row = message_queries.message(db, message_id, readable(member))
    if row is None:
        raise NotFound("There is no such message, or it is not yours to see.")
    return message_views(db, [row])[0]


def require_message(db: Connection, member: Member, message_id: str) -> None:
    """Raises NotFound unless the member sees this message; NotHere where its conversation cannot go on."""
    if message_queries.message(db, message_id, answerable(member)) is None:
        read_message(db, member, message_id)
        raise NotHere


def _place(row: PlainRow) -> MessagePlace:
    return MessagePlace(row.shown_at, row.sequence)
