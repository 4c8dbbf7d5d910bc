"""The database: one engine, `read()` and `write()`.

On SQLite there is one writer at a time in this process, by a first-come-first-served lock: waiting on SQLite's own
lock means polling, which was measured at p99 up to 0.9 s against 18 ms. `write()` begins IMMEDIATE, so that a
transaction never fails in the middle for having read first.
Functions of the store take the Connection and never commit.
"""

from __future__ import annotations

import sqlite3
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Literal, Protocol, TypeVar

import orjson
from sqlalchemy import URL, Connection, Engine, create_engine, event, exc
from sqlalchemy.engine import make_url
from sqlalchemy.engine.interfaces import DBAPIConnection

from casella.errors import ConfigurationError, DiskFull, StoreUnavailable
from casella.extras import require
from casella.private_files import private_file
from casella.store import sessions
from casella.store.outage import Outage

Dialect = Literal["sqlite", "postgresql"]
_STATEMENTS = 48
"""Kept prepared by SQLite in each connection. 256 were filled by lists of ids of every length: 19 MB in an hour."""
_ENDINGS = "casella_endings"  # in Connection.info
_UNAVAILABLE = (exc.OperationalError, exc.InterfaceError, exc.TimeoutError)
_OURS = ("54", "42")  # PostgreSQL: a value too big for an index, a statement it does not understand

_FULL = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR_SHMSIZE)
_FULL_SECONDS = 60.0
_BUSY = ("40", "55", "57014")  # PostgreSQL: rolled back for others' sake, a lock not given, a statement cancelled


class Store:
    """Give every part of Casella this one object."""

    def __init__(self, database: str | Engine, *, pool_size: int = 24) -> None:
        """`database`: its URL, or an engine that was prepared for it."""
        self._engine = _engine(database, pool_size) if isinstance(database, str) else database
        self._writes = self._engine.execution_options(casella_writes=True)
        self.dialect: Dialect = "sqlite" if self._engine.dialect.name == "sqlite" else "postgresql"
        self._turn: FairLock | None = FairLock() if self.dialect == "sqlite" else None
        self._closed = False
        self._full_at: float | None = None
        self._outage = Outage()
        event.listen(self._engine, "checkin", self._end_late_connection)

    @property
    def engine(self) -> Engine:
        """For migrations and tests; everything else reads and writes."""
        return self._engine

    @property
    def is_full(self) -> bool:
        """Whether the database had no room for what was last written, within the last minute: the next will tell."""
        return self._full_at is not None and time.monotonic() - self._full_at < _FULL_SECONDS

    @property
    def folder(self) -> Path | None:
        """Where the database's file lies; None where a server keeps it, or only memory."""
        name = self._engine.url.database
        is_file = self.dialect == "sqlite" and name and not name.startswith((":", "file:"))
        return Path(str(name)).parent if is_file else None

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A consistent view. Raises StoreUnavailable when the database does not answer."""
        with self._available(), self._engine.connect() as connection:
            yield connection

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """One unchanging view however long it is looked at, in which the database itself refuses every write. Raises
        StoreUnavailable."""
        with self._available(), self._engine.connect() as connection:
            if self.dialect == "postgresql":
                connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
                sessions.unbound(connection)
                yield connection
                return
            connection.exec_driver_sql("PRAGMA query_only = ON")
            try:
                yield connection
            finally:
                connection.exec_driver_sql("PRAGMA query_only = OFF")

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction: committed at the end, after its `ending`s, rolled back on any exception. Raises
        StoreUnavailable, also as DiskFull."""
        with self._turn or nullcontext(), self._available():
            with self._writes.begin() as connection:
                before = _changes(connection) if self._full_at is not None else None
                with to_the_end(connection):
                    yield connection
                fits = before is not None and _changes(connection) != before
            if fits:
                self._full_at = None

    def wait_for_turn(self) -> None:
        """Return when nobody here is writing. Whoever gathers a batch gathers it after that, or it is small, and what
        comes while it waits for its turn has to wait for another one. Where many may write at once: no wait."""
        with self._turn or nullcontext():
            pass

    @contextmanager
    def _available(self) -> Iterator[None]:
        try:
            yield
        except _UNAVAILABLE as error:
            cause = getattr(error, "orig", None)
            if _is_ours(cause):
                raise
            if _is_full(cause):
                self._full_at = time.monotonic()
                self._outage.met(error)
                raise DiskFull from error
            if not _is_busy(cause):
                self._outage.met(error)
            raise StoreUnavailable from error
        except exc.DBAPIError as error:
            if error.connection_invalidated:
                raise StoreUnavailable from error
            raise
        else:
            if self._full_at is None:  # reading goes on while nothing can be written
                self._outage.over()

    def close(self) -> None:
        """The end: not to be used again. What a thread is still reading with ends when that thread is done."""
        self._closed = True
        self._engine.dispose()

    def _end_late_connection(self, connection: DBAPIConnection | None, _record: object) -> None:
        if self._closed and connection is not None:
            connection.close()


class Ending(Protocol):
    """What is done last in a transaction, just before the commit, when everything else is written."""

    def finish(self) -> None: ...  # pragma: no cover - a protocol


@contextmanager
def to_the_end(connection: Connection) -> Iterator[None]:
    """A transaction, as far as its `ending`s go: they are done where everything before them went well."""
    info = connection.info  # a connection that was lost half way does not give it any more
    endings = info[_ENDINGS] = dict[type[Ending], Ending]()
    try:
        yield
        for last in endings.values():
            last.finish()
    finally:
        info.pop(_ENDINGS, None)


E = TypeVar("E", bound=Ending)


def ending(connection: Connection, kind: type[E], make: Callable[[], E]) -> E:
    """The transaction's one ending of this kind, made by whoever needs it first. Only within `Store.write`."""
    endings: dict[type[Ending], Ending] = connection.info[_ENDINGS]
    found = endings.get(kind)
    if not isinstance(found, kind):
        found = endings[kind] = make()
    return found


def _changes(connection: Connection) -> object:
    """Something else once this transaction has changed a row."""
    is_lite = connection.dialect.name == "sqlite"
    question = "SELECT total_changes()" if is_lite else "SELECT pg_current_xact_id_if_assigned()::text"
    return connection.exec_driver_sql(question).scalar_one()


def _is_ours(error: object) -> bool:
    """Drivers call some mistakes of ours operational, too; waiting does not help with those."""
    if isinstance(error, sqlite3.OperationalError):
        return getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_ERROR
    return str(getattr(error, "sqlstate", "")).startswith(_OURS)


def _is_full(error: object) -> bool:
    """Its disk has no room, or a quota is used up. The map of SQLite's log cannot grow then, either."""
    if isinstance(error, sqlite3.OperationalError):
        return getattr(error, "sqlite_errorcode", None) in _FULL
    return getattr(error, "sqlstate", None) == "53100"


def _is_busy(error: object) -> bool:
    """It answers: another transaction is in the way (a lock, a deadlock, a statement that took too long)."""
    if isinstance(error, sqlite3.OperationalError):
        return getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY
    return str(getattr(error, "sqlstate", "")).startswith(_BUSY)


class FairLock:
    """A lock that is given in the order it was asked for, so that a busy thread cannot starve the others."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._held = False
        self._waiting: deque[threading.Lock] = deque()

    def __enter__(self) -> None:
        with self._guard:
            if not self._held:
                self._held = True
                return
            turn = threading.Lock()
            turn.acquire()
            self._waiting.append(turn)
        turn.acquire()

    def __exit__(self, *exception: object) -> None:
        with self._guard:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._held = False


_DRIVERS = frozenset({"sqlite", "sqlite+pysqlite", "postgresql", "postgresql+psycopg"})


def _engine(url: str, pool_size: int) -> Engine:
    try:
        parsed = make_url(url)
    except (exc.ArgumentError, ValueError):  # a port that is no number is told by int()
        parsed = URL.create("unreadable")
    backend = parsed.get_backend_name()
    if parsed.drivername not in _DRIVERS or not 0 < (parsed.port or 1) < 65_536:
        raise ConfigurationError("CASELLA_DATABASE_URL must begin with sqlite: or postgresql+psycopg:")
    if backend == "postgresql":
        require("postgres")
    if backend == "sqlite" and (parsed.host or not parsed.database):
        raise ConfigurationError("CASELLA_DATABASE_URL names no file; write sqlite:///folder/casella.db")
    if backend == "sqlite" and not str(parsed.database).startswith((":", "file:")):
        with suppress(OSError):  # what cannot be opened the database itself will say
            private_file(Path(str(parsed.database)))
    engine = create_engine(
        parsed,
        pool_size=pool_size,
        max_overflow=pool_size,
        pool_timeout=10,
        pool_use_lifo=True,  # few connections, whose caches are warm, instead of many with one each
        connect_args=_connect_args(parsed),
        hide_parameters=True,
        json_serializer=to_json,
        json_deserializer=orjson.loads,
    )
    if backend == "sqlite":
        event.listen(engine, "connect", prepare_sqlite)
        event.listen(engine, "begin", begin_sqlite)
    else:
        event.listen(engine, "connect", sessions.prepare)
    return engine


def _connect_args(url: URL) -> dict[str, object]:
    """What the operator has written into the URL counts."""
    if url.get_backend_name() == "sqlite":
        return {"cached_statements": _STATEMENTS}
    from casella.store.single_statements import SingleStatements  # loads the driver, which SQLite does without

    args: dict[str, object] = {name: value for name, value in sessions.CONNECT.items() if name not in url.query}
    return args | {"cursor_factory": SingleStatements}


def to_json(value: object) -> str:
    return orjson.dumps(value).decode()


def prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # BEGIN is ours, see begin_sqlite
    for pragma in (
        "busy_timeout=10000",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "wal_autocheckpoint=4000",
        "cache_size=-4096",
        "temp_store=MEMORY",
    ):
        connection.execute(f"PRAGMA {pragma}")


def begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("casella_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
