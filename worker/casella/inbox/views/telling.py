"""Telling people what has happened to conversations: noted during the transaction, written into the feed at its end.

An event carries the rows it is about, as they are when everything else of the transaction is written, in the shape of
the lists' answers and made by the same code: once per transaction, however many events there are. Who is told, the
feed finds in the conversation's row (law 15).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

import orjson
from sqlalchemy import Connection

from casella.inbox.house import Rooms
from casella.inbox.views.building import conversation_views, labelled, message_views
from casella.inbox.views.shapes import ConversationView, MessageView, ShownRow, conversation_view, message_view
from casella.store import ending, feed, feed_order
from casella.store.feed import ConversationEvent
from casella.store.queries import message_queries


class Known(Protocol):
    """Whoever has written rows in this transaction and still has them in memory."""

    def conversation_row(self, conversation_id: str) -> tuple[ShownRow, list[str]] | None: ...  # pragma: no cover

    def message_row(self, message_id: str) -> ShownRow | None: ...  # pragma: no cover - a protocol


def tell(
    rooms: Rooms, db: Connection, events: Sequence[ConversationEvent], at: datetime, known: Known | None = None
) -> None:
    """Tell of these when the transaction ends. `known`: rows that need not be read; only of whoever changes
    conversations. After the commit, ring `feed`."""
    if events:
        telling = ending(db, _Telling, lambda: _Telling(rooms, db, at))
        telling.events += events
        telling.known += [known] if known else []


def message_updated(conversation_id: str, message_id: str) -> ConversationEvent:
    """Something about a message is new: its state, its words, its files."""
    return ConversationEvent("message.updated", conversation_id, message_id=message_id)


def gone(conversation_id: str, inbox_id: str) -> ConversationEvent:
    """The conversation has left this inbox. Who does not see where it is now is told that it is gone, and no more."""
    return ConversationEvent("conversation.gone", conversation_id, left_inbox_id=inbox_id)


class _Telling:
    """What one transaction tells."""

    def __init__(self, rooms: Rooms, db: Connection, at: datetime) -> None:
        self._rooms, self._db, self._at = rooms, db, at
        self.events: list[ConversationEvent] = []
        self.known: list[Known] = []

    def finish(self) -> None:
        feed_order.begin(self._db, {event.conversation_id for event in self.events})
        shown = [event for event in self.events if event.left_inbox_id is None]
        summaries = self._summaries({event.conversation_id for event in shown})
        messages = self._messages({event.message_id for event in shown if event.message_id})
        told: list[tuple[ConversationEvent, bytes]] = []
        for event in self.events:
            if event.left_inbox_id is not None:
                told.append((event, orjson.dumps({"conversation": {"id": event.conversation_id}})))
            elif (summary := summaries.get(event.conversation_id)) is not None:
                rows = {"conversation": summary}
                if event.message_id is not None:
                    rows["message"] = messages[event.message_id]
                told.append((event, orjson.dumps({**rows, **event.payload})))
        feed.append_told(self._db, told, self._at)

    def _summaries(self, ids: Iterable[str]) -> dict[str, orjson.Fragment]:
        views, unknown = list[ConversationView](), list[str]()
        for id in sorted(ids):
            found = next((found for one in reversed(self.known) if (found := one.conversation_row(id))), None)
            if found is None:
                unknown.append(id)
            else:
                views.append(conversation_view(*found))
        views = labelled(self._db, self._rooms, [*views, *conversation_views(self._db, unknown)])
        return {view.id: orjson.Fragment(_json(view)) for view in views}

    def _messages(self, ids: Iterable[str]) -> dict[str, orjson.Fragment]:
        views, unknown = list[MessageView](), list[str]()
        for id in sorted(ids):
            row = next((row for one in reversed(self.known) if (row := one.message_row(id))), None)
            if row is None:
                unknown.append(id)
            else:
                views.append(message_view(row, (), {}))
        rows = message_queries.some(self._db, unknown) if unknown else ()
        return {view.id: orjson.Fragment(_json(view)) for view in [*views, *message_views(self._db, rows)]}


def _json(view: object) -> bytes:
    return orjson.dumps(view, option=orjson.OPT_UTC_Z)
