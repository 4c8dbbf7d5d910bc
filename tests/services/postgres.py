"""A real PostgreSQL for tests, faults and benchmarks, on a Unix socket in a scratch folder."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

from tests.services.binaries import PostgresPrograms, find_postgres, reachable_postgres
from tests.services.server_process import (
    NotOurServer,
    RestartKind,
    ServerFailed,
    ServerProcess,
    scratch_folder,
    unprivileged,
    wait_until,
)

# A killed postgres PROCESS loses nothing with these, because each commit is still written to the operating
# system before it is answered; only a crash of the whole machine would lose it, and no test does that.
# So synchronous_commit stays on: the kill -9 tests depend on it.
QUICK = ("fsync=off", "full_page_writes=off")
PATIENT = "casella.brief_timeout=8s"
"""A test run may share its machine with several others, on which a process is not given a turn for seconds."""
MAX_CONNECTIONS = 200


@dataclass
class PostgresServer:
    """A running server. ``url`` names its maintenance database; tests make their own with `create_database`."""

    url: str
    _process: ServerProcess | None = None

    @property
    def socket(self) -> Path:
        """The Unix socket it listens on, for who connects without libpq."""
        return Path(str(sqlalchemy.make_url(self.url).query["host"]), ".s.PGSQL.5432")

    @property
    def pid(self) -> int:
        """Process id of the postmaster; raises `NotOurServer` for a server given by URL."""
        return self._ours().pid

    def restart(self, kind: RestartKind = "fast") -> None:
        """Stop it and start it again on the same data and socket; ``kill`` is kill -9 of the postmaster."""
        process = self._ours()
        process.end(signal.SIGKILL if kind == "kill" else signal.SIGINT)
        self.start()

    def start(self) -> None:
        """Start it after `stop`, on the same data and socket, and return when it answers."""
        _start(self._ours(), self._answers)

    def stop(self) -> None:
        """End it. `start` brings it back with its data; those are removed when the context is left."""
        self._ours().end()

    def kill(self) -> None:
        """kill -9 of the postmaster; `start` brings it back with its data."""
        self._ours().end(signal.SIGKILL)

    def promote(self) -> None:
        """Of a `replica`: make it a server of its own that takes writes, and return when it does."""
        self.ask("SELECT pg_promote(true, 60)::text")
        if not wait_until(lambda: self.ask("SELECT pg_is_in_recovery()") is False):
            raise ServerFailed("the replica was not promoted")

    def ask(self, statement: str) -> object:
        """The first value of what this statement answers; None when it answers no rows."""
        engine = sqlalchemy.create_engine(self.url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
        with engine.connect() as connection:
            answer = connection.exec_driver_sql(statement)
            return answer.scalar() if answer.returns_rows else None

    def create_database(self, name: str, template: str | None = None) -> str:
        """Make an empty database, or a copy of ``template`` (nobody may be connected to that one); return its URL."""
        copy = f' TEMPLATE "{template}"' if template else ""
        self._administer(f'CREATE DATABASE "{name}"{copy}')
        return self.database_url(name)

    def drop_database(self, name: str) -> None:
        """Remove a database, and throw out whoever is still connected."""
        self._administer(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def database_url(self, name: str) -> str:
        return sqlalchemy.make_url(self.url).set(database=name).render_as_string(hide_password=False)

    def _ours(self) -> ServerProcess:
        if self._process is None:
            raise NotOurServer(NotOurServer.__doc__)
        return self._process

    def _administer(self, statement: str) -> None:
        engine = sqlalchemy.create_engine(self.url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
        with engine.connect() as connection:
            connection.exec_driver_sql(statement)

    def _answers(self) -> bool:
        try:
            self._administer("SELECT 1")
        except OperationalError:
            return False
        return True


@contextlib.contextmanager
def postgres(*, durable: bool = False, private: bool = False) -> Iterator[PostgresServer]:
    """Yield a real PostgreSQL. ``durable``: fsync on, as in production. ``private``: never one given by URL.

    Raises `LookupError` when this machine has none.
    """
    given = os.environ.get("CASELLA_TEST_PG_URL")
    if given and not private:
        yield PostgresServer(given)
        return
    found = find_postgres()
    with scratch_folder("pg") as scratch:
        programs = reachable_postgres(found, scratch)
        _initialise(programs, scratch)
        with _serving(programs, scratch, durable) as server:
            yield server


@contextlib.contextmanager
def replica(primary: PostgresServer, *, durable: bool = False) -> Iterator[PostgresServer]:
    """A second server with everything the first has and will commit, which no client may write to until `promote`.

    From then on the first answers a commit only when the second has it too, as a setting that is to lose nothing does.
    """
    found = find_postgres()
    with scratch_folder("pg") as scratch:
        programs = reachable_postgres(found, scratch)
        _copy(programs, scratch, primary)
        with _serving(programs, scratch, durable) as server:
            primary.ask("ALTER SYSTEM SET synchronous_standby_names = '*'")
            primary.ask("SELECT pg_reload_conf()::text")
            in_step = "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'"
            if not wait_until(lambda: bool(primary.ask(in_step))):
                raise ServerFailed("the replica did not come into step with its primary")
            yield server


@contextlib.contextmanager
def _serving(programs: PostgresPrograms, scratch: Path, durable: bool) -> Iterator[PostgresServer]:
    process = ServerProcess(_command(programs, scratch, durable), scratch, signal.SIGQUIT, _environment(scratch))
    server = PostgresServer(f"postgresql+psycopg://postgres@/postgres?host={scratch}", process)
    try:
        server.start()
        yield server
    finally:
        process.end()


def _environment(scratch: Path) -> dict[str, str]:
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC", "HOME": str(scratch)}


def _initialise(programs: PostgresPrograms, scratch: Path) -> None:
    command = [programs.program("initdb"), "--pgdata", str(scratch / "data"), "--username", "postgres"]
    command += ["--auth", "trust", "--encoding", "UTF8", "--no-sync", "--no-instructions"]
    made = subprocess.run(command, cwd=scratch, env=_environment(scratch), capture_output=True, **unprivileged())
    if made.returncode:
        raise ServerFailed(f"initdb failed: {made.stderr.decode(errors='replace')[-800:]}")


def _copy(programs: PostgresPrograms, scratch: Path, primary: PostgresServer) -> None:
    """The primary's data as they are now, set up to follow it."""
    command = [programs.program("pg_basebackup"), "--pgdata", str(scratch / "data"), "--write-recovery-conf"]
    command += ["--host", str(primary.socket.parent), "--username", "postgres", "--checkpoint", "fast", "--no-sync"]
    made = subprocess.run(command, cwd=scratch, env=_environment(scratch), capture_output=True, **unprivileged())
    if made.returncode:
        raise ServerFailed(f"pg_basebackup failed: {made.stderr.decode(errors='replace')[-800:]}")
    settings = scratch / "data" / "postgresql.auto.conf"
    kept = [line for line in settings.read_text().splitlines() if not line.startswith("synchronous_standby_names")]
    settings.write_text("\n".join([*kept, "wal_retrieve_retry_interval = '200ms'", ""]))


def _command(programs: PostgresPrograms, scratch: Path, durable: bool) -> list[str]:
    command = [programs.program("postgres"), "-D", str(scratch / "data"), "-k", str(scratch), "-h", ""]
    settings = ("fsync=on",) if durable else (*QUICK, PATIENT)
    for setting in (*settings, "synchronous_commit=on", f"max_connections={MAX_CONNECTIONS}"):
        command += ["-c", setting]
    return command


def _start(process: ServerProcess, answers: Callable[[], bool]) -> None:
    """Start it and wait until it answers; after kill -9 the old backends may hold the shared memory a moment longer."""

    def came_up() -> bool:
        process.start()
        try:
            process.wait_ready(answers)
        except ServerFailed:
            process.end()
            if "still in use" not in process.complaints():
                raise
            return False
        return True

    if not wait_until(came_up):
        raise ServerFailed(f"postgres did not come back: {process.complaints()}")
