"""The event feed: what everybody watching is told, in an order without gaps.

Events are appended in the transaction of what they tell, at its end, and told in the order of their ids. Of two
transactions that change the same row, the one that got its lock later gets the later ids, however early it began: so
what is told last of a row is the row. How a reader knows that no smaller id will appear any more: `feed_order`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

import orjson
from sqlalchemy import Connection, Row, bindparam, literal_column, select

from casella.store import bulk, feed_order
from casella.store.forgetting import forget
from casella.store.prepared import Query, among
from casella.store.tables import conversations, feed

JsonValue = str | int | float | bool | None | Sequence["JsonValue"] | dict[str, "JsonValue"]


MEMBERS = "*"
"""Instead of an inbox: for whoever is a member of any."""


@dataclass(frozen=True, slots=True)
class FeedEvent:
    """What is told of the organisation, of a channel or of a chat, never of a conversation. `inbox_id`: for the members
    of this inbox, or of this team; MEMBERS: of any inbox; None: for everybody. `agent_id`: for this agent only.
    `payload` is what clients receive."""

    kind: str
    inbox_id: str | None
    payload: dict[str, JsonValue] = field(default_factory=dict)
    agent_id: str | None = None


@dataclass(frozen=True, slots=True)
class ConversationEvent:
    """What is told of a conversation. Whom it is told is not said here: whoever sees the conversation as it stands in
    this transaction (law 15). `agent_id`: among those, this agent only. `message_id`: the message it is about.
    `payload`: what clients receive besides the conversation and the message. `left_inbox_id`: told to the members of
    this inbox who do not see the one where it is now."""

    kind: str
    conversation_id: str
    payload: dict[str, JsonValue] = field(default_factory=dict)
    agent_id: str | None = None
    message_id: str | None = None
    left_inbox_id: str | None = None


@dataclass(frozen=True, slots=True, order=True)
class Cursor:
    """A place in the feed; everything after it is new. Written "xact.id". `xact`: PostgreSQL's id of the transaction
    that wrote the row (0 on SQLite), by which a cursor is known that was given before a restore gave ids anew."""

    id: int = 0
    xact: int = field(default=0, compare=False)

    @classmethod
    def parse(cls, written: str) -> Cursor:
        """Raises ValueError for anything that is not a cursor."""
        xact, _, number = written.partition(".")
        if not (xact.isascii() and xact.isdigit() and number.isascii() and number.isdigit() and len(written) <= 40):
            raise ValueError("not a cursor")
        return cls(int(number), int(xact))

    def __str__(self) -> str:
        return f"{self.xact}.{self.id}"


class _Place(NamedTuple):
    id: str
    inbox_id: str


_PLACES = Query(_Place, select(conversations.c.id, conversations.c.inbox_id).where(among(conversations.c.id, "ids")))
_APPEND = bulk.Insert(feed, fixed={"postgresql": {"xact": literal_column("pg_current_xact_id()::text::bigint")}})


def append(connection: Connection, events: Sequence[FeedEvent], at: datetime) -> None:
    """Add events to the feed, in order, within the caller's transaction, which holds the rows they tell of."""
    feed_order.begin(connection)
    rows = [_row(event.kind, event.inbox_id, event.agent_id, orjson.dumps(event.payload), at) for event in events]
    _write(connection, rows)


def append_told(connection: Connection, told: Sequence[tuple[ConversationEvent, bytes]], at: datetime) -> None:
    """Add events about conversations, each with its payload as JSON, made since `feed_order.begin` for these. Their
    audience is read from the conversations' rows: of one on a private number, whose inbox is its owner's alone, nobody
    else is told (law 8)."""
    ids = {event.conversation_id for event, _ in told}
    places = {row.id: row.inbox_id for row in _PLACES(connection, ids=ids)} if ids else {}
    rows = []
    for event, payload in told:
        here = places.get(event.conversation_id)
        if here is None or here == event.left_inbox_id:
            continue
        inbox_id = event.left_inbox_id or here
        rows.append(_row(event.kind, inbox_id, event.agent_id, payload, at, event.conversation_id))
    _write(connection, rows)


def _row(
    kind: str,
    inbox_id: str | None,
    agent_id: str | None,
    payload: bytes,
    at: datetime,
    conversation_id: str | None = None,
) -> dict[str, object]:
    return {
        "kind": kind, "inbox_id": inbox_id, "conversation_id": conversation_id,
        "agent_id": agent_id, "payload": payload.decode(), "at": at,
    }  # fmt: skip


def _write(connection: Connection, rows: Sequence[dict[str, object]]) -> None:
    _APPEND(connection, rows)


_IS_IN_NOW = (
    select(conversations.c.inbox_id)
    .where(conversations.c.id == feed.c.conversation_id)
    .scalar_subquery()
    .label("is_in_now")
)


_AFTER = (
    select(feed, _IS_IN_NOW)
    .where(feed.c.id > bindparam("after"), feed.c.id <= bindparam("last"))
    .order_by(feed.c.id)
    .limit(bindparam("most"))
)
_NEWEST = select(feed.c.id, feed.c.xact).where(feed.c.id <= bindparam("last")).order_by(feed.c.id.desc()).limit(1)


def after(
    connection: Connection, cursor: Cursor, limit: int = 500, settled: int = 0
) -> Sequence[Row[tuple[object, ...]]]:
    """The next rows (xact, id, kind, inbox_id, conversation_id, agent_id, payload, at, is_in_now) behind the cursor, in
    order. `is_in_now`: the inbox its conversation is in at this moment, which may be another than the one it was told
    in. Whether a reader may see each is the caller's question: the cursor moves past all of them. `settled`: an id up
    to which the caller knows, from before this call, that everything is visible; the rows reach at least there."""
    wanted = {"after": cursor.id, "last": feed_order.LAST, "most": limit}
    rows = connection.execute(_AFTER, wanted).all()
    if connection.dialect.name != "postgresql" or not rows or rows[-1].id <= settled:
        return rows
    whole = next((place for place, row in enumerate(rows) if row.id != cursor.id + place + 1), len(rows))
    if whole == len(rows):
        return rows
    wanted["last"] = max(settled, cursor.id + whole, feed_order.settled(connection, rows[-1].id))
    return connection.execute(_AFTER, wanted).all()


def newest(connection: Connection) -> Cursor:
    """The cursor behind everything settled so far."""
    row = connection.execute(_NEWEST, {"last": feed_order.LAST}).one_or_none()
    if row is not None and connection.dialect.name == "postgresql":
        row = connection.execute(_NEWEST, {"last": feed_order.settled(connection, row.id)}).one_or_none()
    return Cursor(row.id, row.xact) if row else Cursor()


def prune(connection: Connection, before: datetime) -> int:
    """Forget a batch of events older than this; a cursor from before gets everything that is left, after a `reset`."""
    dropped = forget(connection, feed, feed.c.at < before)
    feed_order.prune(connection)
    return dropped
