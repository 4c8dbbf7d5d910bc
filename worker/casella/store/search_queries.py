"""Full text: what waits to be indexed, and finding it again. FTS5 on SQLite, a GIN index of tsvectors on PostgreSQL.

Hits are given newest first, by the message's id, which is in order of time. On PostgreSQL the planner must be told
which way to go (performance.md): for a rare word, all hits first; for a frequent one, the newest messages first.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, Select, bindparam, column, delete, insert, select, table, text

from casella.store.tables import conversations, messages, search_pending

MOST_WORDS = 12
FREQUENT = 20_000
_WORD = re.compile(r"\w+", re.UNICODE)
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
    texts = [{"message_id": row.id, "text": row.text} for row in found if row.text]
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
    if texts:
        db.execute(insert(table("message_search", column("text"), column("message_id"))), texts)


def find(
    db: Connection, words: Sequence[str], visible: ColumnElement[bool], before_id: str | None, limit: int
) -> list[tuple[str, str]]:
    """(message id, conversation id) of visible messages that hold all the words, the newest first."""
    query = _postgresql(db, words) if db.dialect.name == "postgresql" else _sqlite(words)
    if before_id is not None:
        query = query.where(messages.c.id < before_id)
    rows = db.execute(query.where(visible).order_by(messages.c.id.desc()).limit(limit)).all()
    return [(row.id, row.conversation_id) for row in rows]


def _joined() -> Select[tuple[str, str]]:
    return select(messages.c.id, messages.c.conversation_id).join(
        conversations, conversations.c.id == messages.c.conversation_id
    )


def _sqlite(words: Sequence[str]) -> Select[tuple[str, str]]:
    """DISTINCT by IN: a message that was edited is indexed more than once."""
    match = " ".join(f'"{word}"' for word in words) + "*"
    hits = select(_hits.c.message_id).where(text("message_search MATCH :words").bindparams(words=match))
    return _joined().where(messages.c.id.in_(hits))


def _postgresql(db: Connection, words: Sequence[str]) -> Select[tuple[str, str]]:
    wanted = bindparam("words", " & ".join(f"'{word}'" for word in words) + ":*")
    condition = text("message_search.words @@ to_tsquery('simple', :words)").bindparams(wanted)
    hits = select(_hits.c.message_id).where(condition)
    if _estimate(db, str(wanted.value)) > FREQUENT:
        walked = _hits.join(messages, messages.c.id == _hits.c.message_id)
        return (
            select(messages.c.id, messages.c.conversation_id)
            .select_from(walked.join(conversations, conversations.c.id == messages.c.conversation_id))
            .where(condition)
        )
    gathered = hits.cte("hits").prefix_with("MATERIALIZED", dialect="postgresql")
    return _joined().join(gathered, gathered.c.message_id == messages.c.id)


def _estimate(db: Connection, words: str) -> int:
    """How many hits the planner expects; it knows in no time."""
    explain = "EXPLAIN (FORMAT JSON) SELECT 1 FROM message_search WHERE words @@ to_tsquery('simple', :words)"
    plan = db.execute(text(explain), {"words": words}).scalar_one()
    return int(plan[0]["Plan"]["Plan Rows"])
