"""Starting what is measured, each part a process of its own, and making it ready."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import SecretStr
from sqlalchemy import update

from bench.rig import desk
from bench.rig.job import Job
from bench.rig.server import Spec
from bench.rig.webhooks import PUBLIC_URL
from casella import app as house
from casella.inbox.reading.sessions import create_token
from casella.settings import Settings
from casella.store.tables import agents

JsonObject = dict[str, object]
_SECRET = "bench-" + "0" * 40


class DidNotStart(RuntimeError):
    """A measured process was not ready in time, or ended before it was; its own words are above."""


@dataclass
class Ground:
    """Where one run happens: a folder, a database, a Redis or none, and a desk in use."""

    folder: Path
    database_url: str = ""
    redis_url: str = ""
    extra: dict[str, str] = field(default_factory=dict)
    token: str = ""
    port: int = 0
    public_url: str = PUBLIC_URL

    @property
    def settings(self) -> Settings:
        return Settings(
            data_dir=self.folder / "data",
            database_url=self.database_url,
            redis_url=self.redis_url,
            public_url=self.public_url,
            secret_key=SecretStr(_SECRET),
        )

    @property
    def environment(self) -> dict[str, str]:
        given = {name: value for name, value in os.environ.items() if not name.startswith("CASELLA_")}
        return given | {
            "CASELLA_DATA_DIR": str(self.folder / "data"),
            "CASELLA_DATABASE_URL": self.database_url,
            "CASELLA_REDIS_URL": self.redis_url,
            "CASELLA_PUBLIC_URL": self.public_url,
            "CASELLA_SECRET_KEY": _SECRET,
            "CASELLA_PORT": str(self.port),
            # One client asks here for what hundreds would.
            "CASELLA_QUOTAS": "agent_streams=0,token_streams=0,visitor_streams=0,address_streams=0,searches=0,"
            "suggestions=0,previews=0,feedback=0,free_disk_mb=0",
            **self.extra,
        }

    def furnish(self, *, rules: int, base_url: str = "", rate: float = 1000) -> None:
        """Tables, desk, agents at work, and a token for the manager."""
        folder = desk.write_desk(self.folder / "desk", rules=rules, base_url=base_url, rate=rate)
        within = self.settings.model_copy(update={"private_hosts": urlsplit(base_url).netloc})
        built = house.build(within, serves=False, works=False)
        house.apply_folder(built.rooms, folder, dict(desk.ENVIRONMENT))
        manager = next(agent for agent in built.rooms.directory.current.agents.values() if agent.role == "manager")
        with built.rooms.store.write() as db:
            db.execute(update(agents).where(agents.c.role == "agent").values(available=True))
            self.token = create_token(db, manager.id, "bench", built.rooms.clock.now(), None).text
        built.close()


@contextmanager
def ground(database_url: str = "", redis_url: str = "") -> Iterator[Ground]:
    with tempfile.TemporaryDirectory(prefix="casella-bench-") as folder:
        yield Ground(Path(folder), database_url, redis_url, port=free_port())


@contextmanager
def postgresql() -> Iterator[str]:
    """The URL of an empty, durable database. Raises LookupError when this machine has no PostgreSQL."""
    from tests.services import postgres

    with postgres(durable=True, private=True) as server:
        yield server.create_database("bench")


@contextmanager
def redis() -> Iterator[str]:
    """Raises LookupError when this machine has no Redis."""
    from tests.services import redis_server

    with redis_server(private=True) as server:
        yield server.url


class Process:
    """A part of the house under measurement; `stop` it and read its notes."""

    def __init__(
        self, place: Ground, name: str, role: str, *, stores: bool = True, stacks: bool = False, timed: bool = False,
        locks: bool = False,
    ) -> None:  # fmt: skip
        notes = place.folder / f"{name}.notes"
        self._spec = Spec.model_validate(
            {"role": role, "stores": stores, "stacks": stacks, "timed": timed, "locks": locks, "notes": notes}
        )
        file = place.folder / f"{name}.spec"
        file.write_text(self._spec.model_dump_json())
        self.name = name
        self._place = place
        command = [sys.executable, "-m", "bench.rig.server", str(file)]
        self._child = subprocess.Popen(command, env=place.environment, stdin=subprocess.PIPE)

    @property
    def pid(self) -> int:
        return self._child.pid

    @property
    def running(self) -> bool:
        return self._child.poll() is None

    def wait_ready(self, seconds: float = 240) -> None:
        """Until it listens, or its workers are there. Raises DidNotStart."""
        deadline = time.monotonic() + seconds
        while not self._is_ready():
            if self._child.poll() is not None or time.monotonic() > deadline:
                raise DidNotStart(DidNotStart.__doc__)
            time.sleep(0.02)

    def _is_ready(self) -> bool:
        if self._spec.role == "work":
            return self._spec.ready.exists()
        try:
            socket.create_connection(("127.0.0.1", self._place.port), 1).close()
        except OSError:
            return False
        return True

    def stop(self) -> JsonObject:
        if self._child.poll() is None:
            self._child.send_signal(signal.SIGTERM)
        try:
            self._child.wait(40)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
        if self._child.stdin is not None:
            self._child.stdin.close()
        return dict(json.loads(self._spec.notes.read_bytes())) if self._spec.notes.exists() else {}


@contextmanager
def running(place: Ground, *processes: Process) -> Iterator[None]:
    """Wait until all listen; end them whatever happens."""
    with ExitStack() as ends:
        for process in processes:
            ends.callback(process.stop)
        for process in processes:
            process.wait_ready()
        yield


def load(place: Ground, job: Job) -> JsonObject:
    """Run the load generator in its own process; what it measured."""
    file = place.folder / "job.json"
    file.write_text(job.model_dump_json())
    command = [sys.executable, "-m", "bench.rig.client", str(file)]
    seconds = 60 + job.seconds * 4 + job.patience
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, timeout=seconds)
    return dict(json.loads(done.stdout))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
