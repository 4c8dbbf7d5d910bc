"""In which order events are told on PostgreSQL, where many write at once. SQLite has one writer: nothing to do.

Ids of the feed are given before commits, so a reader may see 7 before 6 is committed. Whoever tells first locks,
shared and until the end of his transaction, the number of the last id given so far (an advisory lock, which anybody
can read in pg_locks): his own ids will be greater. A reader who misses an id below one that he has seen asks for the
smallest number locked. Up to that number everything is settled: a missing id of somebody who locks nothing any more
was committed before the next look, or never will be (a rollback, ids lost in a crash). So only transactions between
their first event and their commit hold readers up, not those that have been running for long.

An event carries rows that its transaction may not hold: a receipt tells of the conversation, too. So, before anything
is read to be told, each conversation's turn is taken: its row in `conversation_turns`, locked until the commit. It is
the last lock a transaction takes, in the order of ids, so that nobody waits in a circle.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, text

from casella.store.sessions import BRIEFLY

LAST = 2**48 - 1
"""Behind every id there will ever be: 2,800 years of a thousand events a second times three."""
_SPACE = 0x0CA5 << 48
"""The upper 16 bits of the advisory locks' keys, apart from those of others in the same database."""

_BEGIN = text(
    "SELECT pg_advisory_xact_lock_shared(CAST(:space AS bigint) | last_value - CASE WHEN is_called THEN 0 ELSE 1 END),"
    " set_config('idle_in_transaction_session_timeout',"
    " coalesce(nullif(current_setting('casella.brief_timeout', true), ''), :briefly), true) FROM feed_id_seq"
).bindparams(space=_SPACE, briefly=BRIEFLY)
_TAKE_TURNS = text(
    "INSERT INTO conversation_turns (conversation_id) SELECT unnest(CAST(:ids AS text[]))"
    " ON CONFLICT (conversation_id) DO UPDATE SET turns = conversation_turns.turns + 1"
)
_SMALLEST_LOCKED = text(
    "SELECT min(key & CAST(:last AS bigint)) FROM"
    " (SELECT classid::bigint << 32 | objid::bigint AS key FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())) AS advisory"
    " WHERE key & ~CAST(:last AS bigint) = CAST(:space AS bigint)"
).bindparams(last=LAST, space=_SPACE)
_FORGET_TURNS = text(
    "DELETE FROM conversation_turns WHERE conversation_id IN"
    " (SELECT conversation_id FROM conversation_turns LIMIT 10000 FOR UPDATE SKIP LOCKED)"
)


def begin(connection: Connection, conversation_ids: Collection[str] = ()) -> None:
    """Before the first event of a transaction, and before reading what is told of these conversations: from now until
    the commit, nobody else tells of them. Nothing else may be locked after that."""
    if connection.dialect.name != "postgresql":
        return
    connection.execute(_BEGIN)
    if conversation_ids:
        connection.execute(_TAKE_TURNS, {"ids": sorted(conversation_ids)})


def settled(connection: Connection, seen: int) -> int:
    """The greatest id up to which everything that will ever appear is visible to the next statement. `seen`: the
    greatest that the caller has seen."""
    locked = connection.execute(_SMALLEST_LOCKED).scalar_one()
    return seen if locked is None else min(seen, locked)


def prune(connection: Connection) -> None:
    """Forget turns that nobody holds; who needs one again makes it."""
    if connection.dialect.name == "postgresql":
        connection.execute(_FORGET_TURNS)
