"""Chats as one of their people sees them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Connection

from casella.errors import NotFound
from casella.inbox.reading import Member
from casella.inbox.views import Named
from casella.store.queries.people import chat_queries
from casella.store.rows import TableRow

Kind = Literal["direct", "team"]


@dataclass(frozen=True, slots=True)
class ChatView:
    """`people`: everybody who is in it now. `unread`: messages of others behind the viewer's mark."""

    id: str
    kind: Kind
    team: Named | None
    people: Sequence[Named]
    message_count: int
    last_message_text: str | None
    turned_at: datetime
    version: int
    unread: int


@dataclass(frozen=True, slots=True)
class ChatMessageView:
    id: str
    chat_id: str
    sequence: int
    sender: Named
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ChatPage:
    """`behind`: where the next page begins; None on the last one."""

    items: Sequence[ChatView]
    behind: tuple[datetime, str] | None


def list_chats(
    db: Connection, member: Member, kinds: Sequence[Kind], behind: tuple[datetime, str] | None, limit: int
) -> ChatPage:
    """The member's own, the newest message first (S-23, S-24)."""
    rows = chat_queries.page(db, member.id, kinds, behind, limit + 1)
    shown = rows[:limit]
    last = (shown[-1].turned_at, shown[-1].id) if len(rows) > limit else None
    return ChatPage(_views(db, member, shown), last)


def read_chat(db: Connection, member: Member, chat_id: str) -> ChatView:
    """Raises NotFound for whoever is not in it."""
    row = chat_queries.one(db, member.id, chat_id)
    if row is None:
        raise NotFound("There is no such chat, or it is not yours to see.")
    return _views(db, member, [row])[0]


def messages_of(
    db: Connection, member: Member, chat_id: str, before: int | None, limit: int
) -> tuple[Sequence[ChatMessageView], int | None]:
    """The newest, oldest first, and before which place the older ones are. Raises NotFound."""
    read_chat(db, member, chat_id)
    rows = chat_queries.messages(db, chat_id, before, limit + 1)
    shown = rows[-limit:]
    return [message_view(row) for row in shown], int(shown[0].sequence) if len(rows) > limit else None


def message_view(row: TableRow) -> ChatMessageView:
    sender = Named(row.sender_id, row.sender_key, row.sender_name)
    return ChatMessageView(row.id, row.chat_id, row.sequence, sender, row.text, row.at)


def _views(db: Connection, member: Member, rows: Sequence[TableRow]) -> list[ChatView]:
    people: dict[str, list[Named]] = {}
    for one in chat_queries.people(db, [row.id for row in rows]) if rows else ():
        people.setdefault(one.chat_id, []).append(Named(one.id, one.key, one.name))
    return [
        ChatView(
            row.id, "team" if row.team_id else "direct",
            Named(row.team_id, row.team_key, row.team_name) if row.team_id else None, people.get(row.id, []),
            row.message_count, row.last_message_text, row.turned_at, row.version, max(0, row.message_count - row.read),
        )
        for row in rows
    ]  # fmt: skip
