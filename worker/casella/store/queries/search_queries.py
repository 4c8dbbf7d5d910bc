"""Full text: what waits to be indexed, and finding it again. FTS5 on SQLite, a GIN index of tsvectors on PostgreSQL.

Hits are given newest first, by the message's id, which is in order of time. On PostgreSQL the planner must be told
which way to go (performance.md): for a rare word, all hits first; for a frequent one, the newest messages first.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    column,
    delete,
    func,
    insert,
    literal_column,
    select,
    table,
    text,
)

from casella.ids import is_id
from casella.store.tables import contact_addresses, conversations, messages, search_pending

MOST_WORDS = 12
FREQUENT = 20_000
_WORD = re.compile(r"\w+", re.UNICODE)
_rows = table("message_search_rows", column("message_id"), column("row"))
_hits = table("message_search", column("message_id"), column("text"), column("words"))


def words_of(query: str) -> list[str]:
    """The words looked for; all of them must be there, the last one may be a beginning."""
    return [word.lower() for word in _WORD.findall(query)][:MOST_WORDS]


def index_pending(db: Connection, limit: int) -> int:
    """Make the next waiting messages searchable. Returns how many it took; 0: nothing waits."""
    taken = select(search_pending).order_by(search_pending.c.id).limit(limit).with_for_update(skip_locked=True)
    rows = db.execute(taken).all()
    if not rows:
        return 0
    wanted = list(dict.fromkeys(row.message_id for row in rows))
    found = db.execute(select(messages.c.id, messages.c.text).where(messages.c.id.in_(wanted))).all()
    texts = [{"message_id": row.id, "text": row.text or ""} for row in found]
    if db.dialect.name == "postgresql":
        _index_postgresql(db, texts)
    else:
        _index_sqlite(db, texts)
    db.execute(delete(search_pending).where(search_pending.c.id.in_([row.id for row in rows])))
    return len(rows)


def _index_postgresql(db: Connection, texts: Sequence[dict[str, str]]) -> None:
    statement = text(
        "INSERT INTO message_search (message_id, words) VALUES (:message_id, to_tsvector('simple', :text)) "
        "ON CONFLICT (message_id) DO UPDATE SET words = excluded.words"
    )
    if texts:
        db.execute(statement, texts)


def _index_sqlite(db: Connection, texts: Sequence[dict[str, str]]) -> None:
    """FTS5 has no key but its rowid: which row is a message's is written down beside it, so that what the message said
    before it was edited or taken back can be taken out."""
    ids = [row["message_id"] for row in texts]
    found = db.execute(select(_rows.c.message_id, _rows.c.row).where(_rows.c.message_id.in_(ids)))
    known = {row.message_id: row.row for row in found}
    if known:
        db.execute(text("DELETE FROM message_search WHERE rowid = :row"), [{"row": row} for row in known.values()])
        db.execute(delete(_rows).where(_rows.c.message_id.in_(list(known))))
    last = db.execute(text("SELECT rowid FROM message_search ORDER BY rowid DESC LIMIT 1")).scalar_one_or_none() or 0
    fresh = [{**row, "row": last + place} for place, row in enumerate(texts, 1) if row["text"]]
    if fresh:
        db.execute(
            text("INSERT INTO message_search (rowid, text, message_id) VALUES (:row, :text, :message_id)"), fresh
        )
        db.execute(insert(_rows), [{"message_id": row["message_id"], "row": row["row"]} for row in fresh])


@dataclass(frozen=True, slots=True)
class Hit:
    """`place`: behind which the next page begins; what it is made of differs by database."""

    message_id: str
    conversation_id: str
    place: str


def find(
    db: Connection, words: Sequence[str], visible: ColumnElement[bool], behind: str | None, limit: int
) -> list[Hit]:
    """Visible messages that hold all the words, the newest first. Raises ValueError for a place of another database."""
    finder = _find_postgresql if db.dialect.name == "postgresql" else _find_sqlite
    return finder(db, words, visible, behind, limit)


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


def _find_sqlite(
    db: Connection, words: Sequence[str], visible: ColumnElement[bool], behind: str | None, limit: int
) -> list[Hit]:
    """FTS5 walks its rows backwards by itself, and stops with the page."""
    rowid = literal_column("message_search.rowid", Integer)
    match = " ".join(f'"{word}"' for word in words) + "*"
    query = (
        select(messages.c.id, messages.c.conversation_id, rowid.label("place"))
        .select_from(_hits.join(messages, messages.c.id == _hits.c.message_id))
        .join(conversations, conversations.c.id == messages.c.conversation_id)
        .where(text("message_search MATCH :words").bindparams(words=match), visible)
    )
    if behind is not None:
        query = query.where(rowid < int(behind))
    found = {row.id: row for row in reversed(db.execute(query.order_by(rowid.desc()).limit(limit)).all())}
    return [Hit(row.id, row.conversation_id, str(row.place)) for row in reversed(found.values())]


def _find_postgresql(
    db: Connection, words: Sequence[str], visible: ColumnElement[bool], behind: str | None, limit: int
) -> list[Hit]:
    wanted = " & ".join(f"'{word}'" for word in words) + ":*"
    condition = text("message_search.words @@ to_tsquery('simple', :words)").bindparams(words=wanted)
    hits = select(_hits.c.message_id).where(condition)
    if behind is not None:
        if not is_id(behind):
            raise ValueError(behind)
        hits = hits.where(_hits.c.message_id < behind)
    how = "NOT MATERIALIZED" if _estimate(db, wanted) > FREQUENT else "MATERIALIZED"
    gathered = hits.cte("hits").prefix_with(how, dialect="postgresql")
    query = (
        select(messages.c.id, messages.c.conversation_id)
        .select_from(gathered.join(messages, messages.c.id == gathered.c.message_id))
        .join(conversations, conversations.c.id == messages.c.conversation_id)
        .where(visible)
    )
    rows = db.execute(query.order_by(gathered.c.message_id.desc()).limit(limit)).all()
    return [Hit(row.id, row.conversation_id, row.id) for row in rows]


def _estimate(db: Connection, words: str) -> int:
    """How many hits the planner expects; it knows in no time."""
    explain = "EXPLAIN (FORMAT JSON) SELECT 1 FROM message_search WHERE words @@ to_tsquery('simple', :words)"
    plan = db.execute(text(explain), {"words": words}).scalar_one()
    return int(plan[0]["Plan"]["Plan Rows"])
