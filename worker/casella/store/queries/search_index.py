"""Making messages searchable, in batches behind them: FTS5 on SQLite, a GIN index of tsvectors on PostgreSQL.

Beside its words every message has one more, the inbox it is in, so that a search among few inboxes finds what is theirs
without looking at what is not. Whoever moves a conversation has its messages indexed again. Until they are, they are
not found where they have come from, because every hit is held against its conversation, nor yet where they are.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import Connection, column, delete, insert, select, table, text

from casella.store import bulk
from casella.store.tables import conversations, messages, search_pending

_rows = table("message_search_rows", column("message_id"), column("row"))
_TEXTS = select(messages.c.id, messages.c.text, conversations.c.inbox_id).join(
    conversations, conversations.c.id == messages.c.conversation_id
)
_APPEND = insert(search_pending)
_APPEND_MANY = bulk.Insert(search_pending)
_POSTGRESQL = text(
    "INSERT INTO message_search (message_id, words)"
    " SELECT messages.id, to_tsvector('simple', coalesce(messages.text, ''))"
    " || array_to_tsvector(ARRAY[:before || conversations.inbox_id])"
    " FROM messages JOIN conversations ON conversations.id = messages.conversation_id"
    " WHERE messages.id = ANY(:ids) ORDER BY messages.id"
    " ON CONFLICT (message_id) DO UPDATE SET words = excluded.words"
)
_BEFORE = "#"
_SQLITE = text("INSERT INTO message_search (rowid, text, inbox, message_id) VALUES (:row, :text, :inbox, :message_id)")
_LAST = text("SELECT rowid FROM message_search ORDER BY rowid DESC LIMIT 1")


def scope(inbox_id: str) -> str:
    """The word that stands for an inbox on PostgreSQL. No text has it: the words of texts hold no such character."""
    return f"{_BEFORE}{inbox_id}"


def append(db: Connection, message_ids: Sequence[str], *, moved: Collection[str] = ()) -> None:
    """These messages wait to be searchable, and all messages of the conversations that have `moved` to another inbox to
    be found there."""
    if message_ids:
        _APPEND_MANY(db, [{"message_id": message_id} for message_id in message_ids])
    if moved:
        theirs = select(messages.c.id).where(messages.c.conversation_id.in_(moved), messages.c.text != "")
        db.execute(_APPEND.from_select(["message_id"], theirs.order_by(messages.c.id)))


def index_pending(db: Connection, limit: int) -> int:
    """Make the next waiting messages searchable. Returns how many it took; 0: nothing waits."""
    taken = select(search_pending).order_by(search_pending.c.id).limit(limit).with_for_update(skip_locked=True)
    rows = db.execute(taken).all()
    if not rows:
        return 0
    wanted = list(dict.fromkeys(row.message_id for row in rows))
    if db.dialect.name == "postgresql":
        db.execute(_POSTGRESQL, {"before": _BEFORE, "ids": wanted})
    elif found := db.execute(_TEXTS.where(messages.c.id.in_(wanted))).all():
        texts = [{"message_id": row.id, "text": row.text or "", "inbox": row.inbox_id} for row in found]
        _index_sqlite(db, texts)
    db.execute(delete(search_pending).where(search_pending.c.id.in_([row.id for row in rows])))
    return len(rows)


def _index_sqlite(db: Connection, texts: Sequence[dict[str, str]]) -> None:
    """FTS5 has no key but its rowid: which row is a message's is written down beside it, so that what the message said
    before it was edited, moved or taken back can be taken out. It keeps its row, because rows are the order of hits."""
    ids = [row["message_id"] for row in texts]
    found = db.execute(select(_rows.c.message_id, _rows.c.row).where(_rows.c.message_id.in_(ids)))
    known = {row.message_id: row.row for row in found}
    if known:
        db.execute(text("DELETE FROM message_search WHERE rowid = :row"), [{"row": row} for row in known.values()])
        db.execute(delete(_rows).where(_rows.c.message_id.in_(list(known))))
    last = max(db.execute(_LAST).scalar_one_or_none() or 0, *known.values(), 0)
    fresh = [row for row in texts if row["text"]]
    new = (message_id for message_id in ids if message_id not in known)
    places = known | {message_id: last + place for place, message_id in enumerate(new, 1)}
    if fresh:
        db.execute(_SQLITE, [{**row, "row": places[row["message_id"]]} for row in fresh])
        db.execute(
            insert(_rows), [{"message_id": row["message_id"], "row": places[row["message_id"]]} for row in fresh]
        )
