"""What every session with PostgreSQL is bounded by, so that no stopped process, cut cable or forgotten lock holds the
others for longer than is written here.

Who runs into a bound gets StoreUnavailable, its transaction is rolled back, and the sweep, the client or the provider
comes again. A process that was stopped for longer finds its session ended at its next statement, before it can act on
what it has read.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sqlalchemy import Connection, bindparam, text

if TYPE_CHECKING:  # the driver takes a tenth of a second to load, and SQLite needs none
    from psycopg import Connection as Session

_KEEPALIVE = {"idle": 5, "interval": 2, "count": 3}
"""A silent peer is asked after 5 s and given up 6 s later: within the 10 s in which the lanes of a machine that has
vanished are to be seen by others, and rarely enough to cost nothing."""
_UNANSWERED = 10_000
"""Milliseconds for which something that was sent may stay unacknowledged; keepalives are not sent meanwhile."""

BRIEFLY = "1500ms"
"""How long a transaction may stand still while it holds what everybody needs (`hold_briefly`): two seconds after a
process has stopped, the others go on. Between two statements such a transaction only puts together what it has read,
for some hundredths of a second; where it takes longer on a crowded machine, it comes again with less to do. The
operator of such a machine writes another bound, `casella.brief_timeout`, into the URL's `options`."""

CONNECT: Mapping[str, int | str] = {
    "application_name": "casella",
    "connect_timeout": 5,  # seconds; as long as the pool lets somebody wait, twice
    "keepalives": 1,
    "keepalives_idle": _KEEPALIVE["idle"],
    "keepalives_interval": _KEEPALIVE["interval"],
    "keepalives_count": _KEEPALIVE["count"],
    "tcp_user_timeout": _UNANSWERED,
}
"""For libpq: this side notices that the server has vanished."""

SESSION: Mapping[str, str] = {
    # A stopped process keeps its row locks until the server ends its session: those of its lanes and conversations,
    # which others are to show within 10 s, a round of the sweep included. A batch of a lane computes for some tenths of
    # a second between two statements, and ten times as long on a machine with ten times more to do than it can: with
    # 5 s, four of 89 houses of a test run lost a transaction (a load of 20 on 2 cores). One that is lost comes again
    # with half as much to do.
    "idle_in_transaction_session_timeout": "8s",
    # Longer than the bound before: whoever waits for a stopped process gets the lock when its session ends.
    "lock_timeout": "13s",
    # Longer than any wait for a lock, and than any statement on the way of a message by far.
    "statement_timeout": "20s",
    # The server notices that this side has vanished.
    "tcp_keepalives_idle": str(_KEEPALIVE["idle"]),
    "tcp_keepalives_interval": str(_KEEPALIVE["interval"]),
    "tcp_keepalives_count": str(_KEEPALIVE["count"]),
    "tcp_user_timeout": str(_UNANSWERED),
}
_BRIEFLY = text(
    "SELECT set_config('idle_in_transaction_session_timeout',"
    " coalesce(nullif(current_setting('casella.brief_timeout', true), ''), :briefly), true)"
).bindparams(briefly=BRIEFLY)
_BOUNDS = ("idle_in_transaction_session_timeout", "lock_timeout", "statement_timeout")


TRANSACTION = {"transaction_timeout": "20s"}
"""From PostgreSQL 17 on. A session that waits for the rest of a pipeline is not idle, and not in a statement, so that
neither bound above ever ends it. We send none (`single_statements`); a message that is cut off half way is the same."""
_KNOWS_TRANSACTIONS = 170000


_UNBOUND = text("SELECT set_config(name, '0', true) FROM pg_settings WHERE name IN :names").bindparams(
    bindparam("names", expanding=True)
)


def prepare(session: Session, _record: object) -> None:
    """A new session, in one round trip."""
    bounds = {**SESSION, **(TRANSACTION if session.info.server_version >= _KNOWS_TRANSACTIONS else {})}
    settings = ", ".join(f"set_config('{name}', '{value}', false)" for name, value in bounds.items())
    session.execute(f"SELECT {settings}".encode())
    session.commit()


def hold_briefly(connection: Connection) -> None:
    """From here to the end of the transaction it may stand still for `BRIEFLY` only. To be asked for before rows are
    locked for which everybody waits: agents, channels, messages of many conversations, turns to tell."""
    if connection.dialect.name == "postgresql":
        connection.execute(_BRIEFLY)


def unbound(connection: Connection) -> None:
    """For a transaction that may take its time: a migration, a look at all of history."""
    connection.execute(_UNBOUND, {"names": [*_BOUNDS, *TRANSACTION]})
