"""A worker that stands still at the worst moments, or whose host was unplugged: it holds its own lane, and nobody else
for longer than two seconds."""

from __future__ import annotations

import itertools
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import orjson
import pytest
import sqlalchemy

from casella.store import Store, feed, journal
from casella.store.feed import Cursor
from casella.store.sessions import BRIEFLY
from casella.store.tables import channels, lanes
from casella_simulator import Simulator
from tests.integration.rig.desks import NUMBER, busy_desk
from tests.integration.rig.houses import House, distributed
from tests.integration.rig.programs import until
from tests.services import PostgresServer, RedisServer
from tests.variants import AGAIN

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
PHONES = [f"+1202558{number:04}" for number in range(8)]
OTHERS, ITS_OWN = 6.0, 25.0
"""Seconds. The bounds are 2 and 10, and are measured by `make faults`; the rest is patience with a busy machine. The
first is shorter than a session may stand still in any transaction: what is briefly held is let go sooner."""
_numbers = itertools.count(1)
_HOLDS = """
import sys
from sqlalchemy import select
from casella.inbox.assignment import lock_agents
from casella.store import Store, feed_order, journal
from casella.store.sessions import hold_briefly
from casella.store.tables import channels, conversations
url, lane, moment = sys.argv[1:]
with Store(url, pool_size=1).write() as db:
    assert journal.hold_lane(db, int(lane))
    if moment == "choosing":
        lock_agents(db)
    if moment == "claiming":
        hold_briefly(db)
        db.execute(select(channels).with_for_update(key_share=True))
    if moment == "telling":
        feed_order.begin(db, db.execute(select(conversations.c.id)).scalars().all())
    print("held", flush=True)
    sys.stdin.read()
"""


class Cable:
    """Between a process and PostgreSQL. Once `unplugged`, nothing gets through either way, and nothing is closed."""

    def __init__(self, server: Path) -> None:
        self._server, self._plugged = server, threading.Event()
        self._plugged.set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._ends: list[socket.socket] = [self._listener]
        self.port = int(self._listener.getsockname()[1])
        threading.Thread(target=self._accept, daemon=True).start()

    def unplug(self) -> None:
        self._plugged.clear()

    def close(self) -> None:
        for end in self._ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        self._plugged.set()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(str(self._server))
                self._ends += [client, server]
                for ends in ((client, server), (server, client)):
                    threading.Thread(target=self._carry, args=ends, daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while chunk := source.recv(65_536):
                self._plugged.wait()
                target.sendall(chunk)


@dataclass
class Scene:
    house: House
    provider: Simulator
    store: Store

    def lane(self, phone: str) -> int:
        with self.store.read() as db:
            count = db.execute(sqlalchemy.select(sqlalchemy.func.count()).select_from(lanes)).scalar_one()
            line = db.execute(sqlalchemy.select(channels.c.id)).scalar_one()
        return journal.lane_of(line, phone, count)

    def told(self, after: Cursor, text: str) -> set[str]:
        """The contacts of whose message with this text people have been told."""
        with self.store.read() as db:
            payloads = [orjson.loads(str(row.payload)) for row in feed.after(db, after)]
        return {
            one["conversation"]["contact"]["address"] for one in payloads if one.get("message", {}).get("text") == text
        }

    def answered(self) -> int:
        return len(self.provider.accepted())


@pytest.fixture(scope="module")
def scene(
    tmp_path_factory: pytest.TempPathFactory, pg_server: PostgresServer, redis_server: RedisServer
) -> Iterator[Scene]:
    folder = tmp_path_factory.mktemp("stopped")
    database_url = pg_server.create_database("stopped_worker")
    _be_impatient(database_url)
    with (
        Simulator() as provider,
        distributed(
            folder / "house", provider, busy_desk(folder / "desk"),
            database_url=database_url, redis_url=redis_server.url, serves=1, works=2,
        ) as house,
    ):  # fmt: skip
        scene = Scene(house, provider, house.store())
        provider.text_from(PHONES[0], "before", to=NUMBER)
        until(scene.answered, "the house works")
        yield scene
        scene.store.close()
    pg_server.drop_database("stopped_worker")


def _be_impatient(database_url: str) -> None:
    """As in production: the tests' server has more patience."""
    engine = sqlalchemy.create_engine(database_url, isolation_level="AUTOCOMMIT", poolclass=sqlalchemy.NullPool)
    with engine.connect() as db:
        db.execute(sqlalchemy.text(f"ALTER DATABASE stopped_worker SET casella.brief_timeout = '{BRIEFLY}'"))


@contextmanager
def holding(database_url: str, lane: int, moment: str) -> Iterator[subprocess.Popen[str]]:
    """A process of Casella's store that has locked this lane, and what is locked at this moment."""
    process = subprocess.Popen(
        [sys.executable, "-c", _HOLDS, database_url, str(lane), moment],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=dict(os.environ),
    )  # fmt: skip
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
    finally:
        process.send_signal(signal.SIGCONT)
        process.communicate()


@contextmanager
def stopped(database_url: str, lane: int, moment: str) -> Iterator[None]:
    with holding(database_url, lane, moment) as process:
        process.send_signal(signal.SIGSTOP)
        yield
    assert process.returncode != 0, "its session was ended: it found out before it could commit"


@contextmanager
def unplugged(database_url: str, lane: int, moment: str) -> Iterator[None]:
    url = sqlalchemy.make_url(database_url)
    cable = Cable(Path(str(url.query["host"]), ".s.PGSQL.5432"))
    through = url.set(query={}, host="127.0.0.1", port=cable.port)
    try:
        with holding(through.render_as_string(hide_password=False), lane, moment):
            cable.unplug()
            yield
            cable.close()
    finally:
        cable.close()


@pytest.mark.parametrize(
    ("gone", "moment"),
    [
        (stopped, "applying"),
        (stopped, "choosing"),
        (stopped, "claiming"),
        (stopped, "telling"),
        pytest.param(unplugged, "applying", marks=AGAIN),
        (unplugged, "choosing"),
    ],
)
def test_who_stands_still_holds_nothing_but_his_lane_for_long(
    scene: Scene, gone: Callable[[str, int, str], AbstractContextManager[None]], moment: str
) -> None:
    text, held = f"standing still {next(_numbers)}", scene.lane(PHONES[0])
    others = {phone for phone in PHONES if scene.lane(phone) != held}
    with scene.store.read() as db:
        before, answered = feed.newest(db), scene.answered()
    with gone(scene.house.database_url, held, moment):
        for phone in PHONES:
            scene.provider.text_from(phone, text, to=NUMBER)
        until(lambda: scene.told(before, text) >= others, "those of the other lanes are shown", OTHERS)
        until(lambda: scene.told(before, text) == set(PHONES), "those of its lane are shown", ITS_OWN)
        until(lambda: scene.answered() == answered + len(PHONES), "and everybody is answered", ITS_OWN)
