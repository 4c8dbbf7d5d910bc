"""Reading the inbox: lists, conversations, messages, as one member may see them.

The views are what people are shown; `casella.api` gives them out as they are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

from sqlalchemy import ColumnElement, Connection, select

from casella.errors import NotFound
from casella.inbox.reading.members import Member
from casella.inbox.reading.own import Mine, mine
from casella.inbox.reading.visibility import visible
from casella.inbox.views import ConversationView, MessageView, conversation_views, message_views
from casella.store.queries import conversation_queries, message_queries, personal_queries
from casella.store.queries.conversation_queries import Place, Sort
from casella.store.queries.message_queries import MessagePlace
from casella.store.rows import TableRow
from casella.store.tables import conversations

T = TypeVar("T")
Status = Literal["open", "snoozed", "closed", "all"]


@dataclass(frozen=True, slots=True)
class Filters:
    """All of them hold together (S-44). Inbox, channel and team: an id or a key. `assignee`: me, others, unassigned,
    with_me (whoever has it now, S-32), or an agent's id. `unread`: to this member (S-35)."""

    status: Status = "open"
    inbox: str | None = None
    channel: str | None = None
    assignee: str | None = None
    unread: bool = False
    team: str | None = None
    tag: str | None = None
    contact: str | None = None
    sort: Sort = "recent_messages"


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


def list_conversations(
    db: Connection, member: Member, filters: Filters, behind: Place | None, limit: int
) -> ConversationPage:
    """Raises NotFound for an inbox, channel or team that is not there, or not the member's to see."""
    conditions, inbox_ids = _conditions(db, member, filters)
    found = conversation_queries.page(db, conditions, inbox_ids, filters.sort, behind, limit + 1)
    shown = found[:limit]
    last = shown[-1] if len(found) > limit else None
    ids = [item.id for item in shown]
    return ConversationPage(
        conversation_views(db, ids), mine(db, member, ids), Place(last.key, last.id) if last else None
    )


def read_conversation(db: Connection, member: Member, conversation_id: str) -> ConversationView:
    """Raises NotFound."""
    require_conversation(db, member, conversation_id)
    return conversation_views(db, [conversation_id])[0]


def referral_of(db: Connection, conversation_id: str) -> Mapping[str, object] | None:
    """The advertisement or link that led here. Whether the conversation may be seen was asked before."""
    query = select(conversations.c.referral).where(conversations.c.id == conversation_id)
    found: Mapping[str, object] | None = db.execute(query).scalar_one()
    return found


def require_conversation(db: Connection, member: Member, conversation_id: str) -> None:
    """Raises NotFound unless the member sees this conversation."""
    if not conversation_queries.exists(db, conversation_id, visible(member)):
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
    require_conversation(db, member, conversation_id)
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


def read_message(db: Connection, member: Member, message_id: str) -> MessageView:
    """Raises NotFound."""
    row = message_queries.message(db, message_id, visible(member))
    if row is None:
        raise NotFound("There is no such message, or it is not yours to see.")
    return message_views(db, [row])[0]


def _place(row: TableRow) -> MessagePlace:
    return MessagePlace(row.shown_at, row.sequence)


def _conditions(db: Connection, member: Member, filters: Filters) -> tuple[list[ColumnElement[bool]], list[str]]:
    conditions = [visible(member)]
    inbox_ids = sorted(member.inbox_ids)
    columns = conversations.c
    if filters.status != "all":
        conditions.append(columns.status == filters.status)
    if filters.inbox is not None:
        inbox_ids = [_found(conversation_queries.inbox_named(db, filters.inbox, inbox_ids), "inbox")]
    if filters.channel is not None:
        channel_id = _found(conversation_queries.channel_named(db, filters.channel, inbox_ids), "channel")
        conditions.append(columns.channel_id == channel_id)
    if filters.team is not None:
        conditions.append(columns.team_id == _found(conversation_queries.team_named(db, filters.team), "team"))
    if filters.tag is not None:
        conditions.append(conversation_queries.tagged(filters.tag))
    if filters.contact is not None:
        conditions.append(columns.contact_id == filters.contact)
    if filters.assignee is not None:
        conditions.append(_assigned(member, filters.assignee))
    if filters.unread:
        conditions.append(personal_queries.unread(member.id))
    one_person = filters.contact is not None or filters.assignee not in (None, "others", "unassigned", "with_me")
    narrowed = filters.inbox is not None or filters.channel is not None
    return conditions, [] if one_person and not narrowed else inbox_ids


def _assigned(member: Member, assignee: str) -> ColumnElement[bool]:
    column = conversations.c.assignee_id
    match assignee:
        case "unassigned":
            return column.is_(None)
        case "others":
            return column != member.id
        case "me":
            return column == member.id
        case "with_me":
            return personal_queries.takes_part(member.id)
        case agent_id:
            return column == agent_id


def _found(value: T | None, what: str) -> T:
    if value is None:
        raise NotFound(f"There is no such {what}, or it is not yours to see.")
    return value
