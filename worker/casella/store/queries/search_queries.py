"""Finding messages by their words, the newest first.

What is searched was indexed by `search_index`, which puts a message's inbox beside its words: both databases meet the
words and the inboxes within their index. SQLite's FTS5 then walks its rows backwards and stops with the page.
PostgreSQL's GIN gives all hits at once and unsorted, so a frequent word is looked for the other way round: message by
message from the newest one back, by their ids, which are in order of time (performance.md).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Row,
    Text,
    and_,
    cast,
    column,
    func,
    literal_column,
    select,
    table,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, TSQUERY

from casella.ids import is_id
from casella.store.queries.search_index import scope
from casella.store.tables import contact_addresses, conversations, messages

MOST_WORDS = 12
_WORD = re.compile(r"\w+", re.UNICODE)
_hits = table("message_search", column("message_id"), column("text"), column("words"))


@dataclass(frozen=True, slots=True)
class Pace:
    """How PostgreSQL is asked. Up to `few` hits its index gives all of them, sorted in some 20 ms. Who has more of them
    among five million messages finds a page of them within some ten thousand messages, which is as quick: so many are
    looked at, `walks` one after the other, before the index is asked after all (the words may never stand together)."""

    few: int = 10_000
    walks: Sequence[int] = (500, 4_000, 32_000)
    merged: int = 20  # hits of a beginning that the index merges in the time in which one message is looked at


def words_of(query: str) -> list[str]:
    """The words looked for; all of them must be there, the last one may be a beginning."""
    return [word.lower() for word in _WORD.findall(query)][:MOST_WORDS]


@dataclass(frozen=True, slots=True)
class Hit:
    """`place`: behind which the next page begins; what it is made of differs by database."""

    message_id: str
    conversation_id: str
    place: str


@dataclass(frozen=True, slots=True)
class Sight:
    """What whoever searches may see: `visible`, the condition on `conversations`, decides. `inbox_ids`: nothing outside
    of these is visible, which spares looking there; None: of all inboxes."""

    visible: ColumnElement[bool]
    inbox_ids: Sequence[str] | None


def find(
    db: Connection, words: Sequence[str], sight: Sight, behind: str | None, limit: int, pace: Pace = Pace()
) -> list[Hit]:
    """Visible messages that hold all the words, the newest first. Raises ValueError for a place of another database."""
    if sight.inbox_ids is not None and not sight.inbox_ids:
        return []
    if db.dialect.name == "postgresql":
        return _find_postgresql(_PostgresSearch(db, words, sight.inbox_ids, limit, pace), sight.visible, behind)
    return _find_sqlite(db, words, sight, behind, limit)


def find_numbers(db: Connection, numbers: Collection[str], visible: ColumnElement[bool], limit: int) -> list[Hit]:
    """The newest message of each visible conversation with whoever has one of these numbers, the newest first."""
    newest = func.max(messages.c.id)
    query = (
        select(newest.label("id"), conversations.c.id.label("conversation_id"))
        .select_from(messages.join(conversations, conversations.c.id == messages.c.conversation_id))
        .join(contact_addresses, contact_addresses.c.contact_id == conversations.c.contact_id)
        .where(contact_addresses.c.kind == "phone", contact_addresses.c.address.in_(numbers), visible)
        .group_by(conversations.c.id)
        .order_by(newest.desc())
        .limit(limit)
    )
    return [Hit(row.id, row.conversation_id, row.id) for row in db.execute(query)]


def _find_sqlite(db: Connection, words: Sequence[str], sight: Sight, behind: str | None, limit: int) -> list[Hit]:
    rowid = literal_column("message_search.rowid", Integer)
    match = "text : (" + " ".join(f'"{word}"' for word in words) + "*)"
    if sight.inbox_ids is not None:
        match += " AND inbox : (" + " OR ".join(f'"{inbox_id}"' for inbox_id in sight.inbox_ids) + ")"
    query = (
        select(messages.c.id, messages.c.conversation_id, rowid.label("place"))
        .select_from(_hits.join(messages, messages.c.id == _hits.c.message_id))
        .join(conversations, conversations.c.id == messages.c.conversation_id)
        .where(text("message_search MATCH :words").bindparams(words=match), sight.visible)
    )
    if behind is not None:
        query = query.where(rowid < int(behind))
    rows = db.execute(query.order_by(rowid.desc()).limit(limit)).all()
    return [Hit(row.id, row.conversation_id, str(row.place)) for row in rows]


def _find_postgresql(search: _PostgresSearch, visible: ColumnElement[bool], behind: str | None) -> list[Hit]:
    if behind is not None and not is_id(behind):
        raise ValueError(behind)
    found: list[Hit] = []
    for ids in search.newest_first(behind or _BEHIND_ALL):
        found += _seen(search.db, ids, visible)
        if len(found) >= search.limit:
            break
    return found[: search.limit]


def _seen(db: Connection, message_ids: Sequence[str], visible: ColumnElement[bool]) -> list[Hit]:
    """Those of these messages that may be seen at this moment, in the given order."""
    if not message_ids:
        return []
    query = (
        select(messages.c.id, messages.c.conversation_id)
        .join(conversations, conversations.c.id == messages.c.conversation_id)
        .where(messages.c.id.in_(message_ids), visible)
    )
    seen = {row.id: row.conversation_id for row in db.execute(query)}
    return [Hit(id, seen[id], id) for id in message_ids if id in seen]


_BEHIND_ALL = "Z" * 26  # in order behind every id, whatever the database's collation
_ESTIMATE = text("EXPLAIN (FORMAT JSON) SELECT 1 FROM message_search WHERE words @@ CAST(:query AS tsquery)")
_MANY = 100_000
_ROOM = text("SELECT set_config('work_mem', '64MB', true)")
_of = _hits.c


class _PostgresSearch:
    """One search. `newest_first` gives the ids of hits, some at a time, for as long as there are any."""

    def __init__(
        self, db: Connection, words: Sequence[str], inbox_ids: Sequence[str] | None, limit: int, pace: Pace
    ) -> None:
        self.db, self.limit, self._pace = db, limit, pace
        self._whole = " & ".join(f"'{word}'" for word in words[:-1])
        self._beginning = f"'{words[-1]}':*"
        self._scopes = "" if inbox_ids is None else " | ".join(f"'{scope(inbox_id)}'" for inbox_id in inbox_ids)
        self._exact = [_of.words.op("@@")(func.to_tsquery("simple", self._whole))] if self._whole else []
        if self._scopes:  # not one query with the words: where they are none, nothing is found
            self._exact.append(_of.words.op("@@")(cast(self._scopes, TSQUERY)))

    def newest_first(self, behind: str) -> Iterator[Sequence[str]]:
        if self._estimate(self._whole, self._beginning, self._scopes) > self._pace.few:
            for length in self._pace.walks:
                walked = self._walk(behind, length)
                yield walked.hits
                if len(walked.hits) < self.limit and walked.looked_at < length:
                    return
                behind = walked.hits[-1] if len(walked.hits) == self.limit else walked.last
        while ids := self._indexed(behind):
            yield ids
            behind = ids[-1]

    def _estimate(self, *queries: str) -> int:
        """How many messages the planner expects to match all of these; it knows in no time."""
        query = " & ".join(f"({query})" for query in queries if query)
        return int(self.db.execute(_ESTIMATE, {"query": query}).scalar_one()[0]["Plan"]["Plan Rows"])

    def _walk(self, behind: str, length: int) -> Row[tuple[int, str, list[str]]]:
        """The hits among so many messages, and the last one that was looked at."""
        begins = _of.words.op("@@")(func.to_tsquery("simple", self._beginning))
        messages_there = select(_of.message_id, and_(begins, *self._exact).label("hit")).where(_of.message_id < behind)
        newest = messages_there.order_by(_of.message_id.desc()).limit(length)
        looked = newest.cte("looked").prefix_with("MATERIALIZED", dialect="postgresql")
        hits = select(looked.c.message_id).where(looked.c.hit).order_by(looked.c.message_id.desc()).limit(self.limit)
        query = select(
            select(func.count()).select_from(looked).scalar_subquery().label("looked_at"),
            select(func.min(looked.c.message_id)).scalar_subquery().label("last"),
            func.array(hits.scalar_subquery(), type_=ARRAY(Text)).label("hits"),
        )
        return self.db.execute(query).one()

    def _indexed(self, behind: str) -> Sequence[str]:
        """The newest of all hits by the index; a planner left to itself might walk through all messages instead."""
        every = select(_of.message_id).where(self._begins(), *self._exact, _of.message_id < behind)
        hits = every.cte("hits").prefix_with("MATERIALIZED", dialect="postgresql")
        newest = select(hits.c.message_id).order_by(hits.c.message_id.desc()).limit(self.limit)
        return self.db.execute(newest).scalars().all()

    def _begins(self) -> ColumnElement[bool]:
        """Some word has this beginning. GIN merges the hits of all such words before it meets them with the others;
        where these are far fewer, their messages are looked at instead."""
        query = func.to_tsquery("simple", self._beginning)
        merged = self._estimate(self._beginning)
        if self._exact and self._estimate(self._whole, self._scopes) * self._pace.merged < merged:
            return func.ts_match_vq(_of.words, query)  # what @@ calls; the index does not know it by this name
        if merged > _MANY:
            self.db.execute(_ROOM)  # in less, the hits are forgotten page by page and every message is looked at again
        return _of.words.op("@@")(query)
