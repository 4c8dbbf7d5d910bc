"""Houses that are made once and kept: the rows take half an hour to make. What is kept is found again by the
generator's own version, and brought to the newest schema by its migrations; what an older generator made is removed."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from psycopg.conninfo import make_conninfo
from sqlalchemy import make_url, select, update
from tests.services.binaries import PostgresPrograms, find_postgres, reachable_postgres
from tests.services.postgres import PostgresServer
from tests.services.server_process import ServerProcess, scratch_folder, unprivileged

from bench.rig import desk as rig_desk
from bench.rig import report
from bench.rig.inbox import desk
from bench.rig.inbox.copying import PostgresWriter, SqliteWriter, copy_rows
from bench.rig.inbox.history import DAYS, History, Place, Size
from bench.rig.processes import Ground
from casella import app as house
from casella.inbox.house import Directory
from casella.inbox.reading.sessions import create_token
from casella.store import Store, migrate
from casella.store.tables import agents, inbox_members

GENERATOR = 3
Kind = Literal["postgres", "sqlite"]
_OF_MESSAGES = "FROM messages m JOIN conversations c ON c.id = m.conversation_id ORDER BY m.id"
_SEARCH_POSTGRES = (
    "INSERT INTO message_search (message_id, words) "
    f"SELECT m.id, to_tsvector('simple', m.text) || array_to_tsvector(ARRAY['#' || c.inbox_id]) {_OF_MESSAGES}",
)
_SEARCH_SQLITE = (
    "INSERT INTO message_search (rowid, text, inbox, message_id) "
    f"SELECT row_number() OVER (ORDER BY m.id), m.text, c.inbox_id, m.id {_OF_MESSAGES}",
    'INSERT INTO message_search_rows (message_id, "row") SELECT id, row_number() OVER (ORDER BY id) FROM messages',
)
"""What the house itself does batch by batch (`casella.store.queries.search_index`)."""


@dataclass(frozen=True)
class House:
    """A kept house. `tokens`: by the agent's key. `inboxes`: their ids, the largest first."""

    conversations: int
    database_url: str
    tokens: Mapping[str, str]
    inboxes: list[str]


def default_folder() -> Path:
    return Path(tempfile.gettempdir()) / "casella-bench-inbox"


@contextmanager
def kept(kind: Kind, folder: Path) -> Iterator[Keeper]:
    """What is kept of this kind of database in `folder`. Raises LookupError when there is no PostgreSQL."""
    place = folder / f"{kind}-{GENERATOR}"
    for older in range(GENERATOR):
        shutil.rmtree(folder / f"{kind}-{older}", ignore_errors=True)
    place.mkdir(parents=True, exist_ok=True)
    if kind == "sqlite":
        yield Keeper(kind, place, None)
        return
    with _server(place) as server:
        yield Keeper(kind, place, server)


@dataclass(frozen=True)
class Keeper:
    kind: Kind
    place: Path
    server: PostgresServer | None

    def house(self, conversations: int) -> House:
        """One of about so many conversations: found, or made now."""
        note = self.place / f"house-{conversations}.json"
        if not note.exists():
            began = time.monotonic()
            report.progress(f"{self.kind}: making a house of {conversations:,} conversations, kept in {self.place}")
            made = self._make(conversations)
            note.write_text(json.dumps(asdict(made) | {"database_url": ""}))
            report.progress(f"{self.kind}: made in {time.monotonic() - began:.0f} s")
        self._bring_up(self._url(f"house_{conversations}"))
        known = json.loads(note.read_text())
        return House(conversations, self._url(f"house_{conversations}"), known["tokens"], known["inboxes"])

    def _bring_up(self, url: str) -> None:
        """To the newest schema."""
        store = Store(url)
        try:
            migrate.upgrade(store)
        finally:
            store.close()

    def copy(self, of: House, name: str) -> House:
        """The same, to be written to."""
        self._remove(name)
        if self.server is not None:
            self.server.create_database(name, template=f"house_{of.conversations}")
        else:
            shutil.copyfile(self.place / f"house_{of.conversations}.db", self.place / f"{name}.db")
        return House(of.conversations, self._url(name), of.tokens, of.inboxes)

    def _make(self, conversations: int) -> House:
        name = f"house_{conversations}"
        self._remove(name)
        if self.server is not None:
            self.server.create_database(name)
        url = self._url(name)
        with tempfile.TemporaryDirectory(prefix="casella-bench-") as scratch:
            ground = Ground(Path(scratch), url)
            tokens, places = _furnish(ground)
        written = self._fill(url, History(Size(conversations), places, datetime.now(UTC)))
        report.progress(", ".join(f"{count:,} {table}" for table, count in written.items()))
        return House(conversations, url, tokens, [place.inbox_id for place in places])

    def _fill(self, url: str, history: History) -> Mapping[str, int]:
        if self.kind == "postgres":
            writer = PostgresWriter(dsn(url))
            written = copy_rows(writer, history.rows())
            writer.finish(_SEARCH_POSTGRES)
        else:
            file = SqliteWriter(make_url(url).database or "")
            written = copy_rows(file, history.rows())
            file.finish(_SEARCH_SQLITE)
        return written

    def _url(self, name: str) -> str:
        return self.server.database_url(name) if self.server else f"sqlite:///{self.place / name}.db"

    def _remove(self, name: str) -> None:
        if self.server is not None:
            self.server.drop_database(name)
        for ending in (".db", ".db-wal", ".db-shm"):
            (self.place / f"{name}{ending}").unlink(missing_ok=True)


def _furnish(ground: Ground) -> tuple[dict[str, str], list[Place]]:
    """Tables and desk; a token of every agent, and the inboxes in order of their size."""
    folder = desk.write_desk(ground.folder / "desk")
    built = house.build(ground.settings, serves=False, works=False)
    house.apply_folder(built.rooms, folder, dict(rig_desk.ENVIRONMENT))
    directory = built.rooms.directory.current
    now = built.rooms.clock.now()
    with built.rooms.store.write() as db:
        db.execute(update(agents).where(agents.c.role == "agent").values(available=True))
        rows = db.execute(select(agents.c.id, agents.c.key).order_by(agents.c.key)).all()
        for number, row in enumerate(rows):  # they came one after the other, in the two years
            came = now - timedelta(days=DAYS * number // len(rows))
            db.execute(update(inbox_members).where(inbox_members.c.agent_id == row.id).values(since=came))
        tokens = {row.key: create_token(db, row.id, "bench", now, None).text for row in rows}
    built.close()
    return tokens, [_place(directory, number) for number in range(desk.INBOXES)]


def _place(directory: Directory, number: int) -> Place:
    channel, team = directory.channel_named(f"number-{number}"), directory.team(f"team-{number}")
    assert channel is not None, "the desk has it"
    assert team is not None, "the desk has it"
    return Place(channel.inbox.id, channel.id, team.id, list(team.members))


def dsn(url: str) -> str:
    parsed = make_url(url)
    return make_conninfo(dbname=parsed.database, user=parsed.username, host=str(parsed.query.get("host", "")))


@contextmanager
def _server(place: Path) -> Iterator[PostgresServer]:
    """On data that stay when it ends, however that is: only its scratch folder goes with this process. It has a
    gigabyte of buffers, as a server of its own would have more."""
    with scratch_folder("pg") as scratch:
        programs = reachable_postgres(find_postgres(), scratch)
        data = place / "data"
        environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC", "HOME": str(scratch)}
        if not (data / "PG_VERSION").exists():
            _initialise(programs, place, environment)
        command = [programs.program("postgres"), "-D", str(data), "-k", str(scratch), "-h", ""]
        for setting in ("shared_buffers=1GB", "max_connections=200", "max_wal_size=4GB", "checkpoint_timeout=15min"):
            command += ["-c", setting]
        process = ServerProcess(command, scratch, signal.SIGINT, environment, patience=120)
        server = PostgresServer(f"postgresql+psycopg://postgres@/postgres?host={scratch}", process)
        try:
            server.start()
            yield server
        finally:
            process.end()


def _initialise(programs: PostgresPrograms, place: Path, environment: Mapping[str, str]) -> None:
    if identity := unprivileged():
        os.chown(place, identity["user"], identity["group"])
    command = [programs.program("initdb"), "--pgdata", str(place / "data"), "--username", "postgres"]
    command += ["--auth", "trust", "--encoding", "UTF8", "--no-instructions"]
    subprocess.run(command, cwd=place, env=environment, check=True, capture_output=True, **unprivileged())
