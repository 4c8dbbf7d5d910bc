"""A real Redis for tests and faults, on a Unix socket in a scratch folder; it keeps nothing on disk."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import redis

from tests.services.binaries import find_redis, reachable_redis
from tests.services.server_process import NotOurServer, RestartKind, ServerProcess, scratch_folder


@dataclass
class RedisServer:
    """A running server; ``url`` is what redis-py's ``from_url`` and dramatiq's broker take."""

    url: str
    _process: ServerProcess | None = None

    @property
    def pid(self) -> int:
        """Process id of the server; raises `NotOurServer` for a server given by URL."""
        return self._ours().pid

    def restart(self, kind: RestartKind = "fast") -> None:
        """Stop it and start it again on the same socket; it comes back empty. ``kill`` is kill -9."""
        process = self._ours()
        process.end(signal.SIGKILL if kind == "kill" else signal.SIGTERM)
        self.start()

    def start(self) -> None:
        """Start it after `stop`, empty, and return when it answers."""
        process = self._ours()
        process.start()
        process.wait_ready(self._answers)

    def stop(self) -> None:
        """End it. `start` brings it back on the same socket."""
        self._ours().end()

    def _ours(self) -> ServerProcess:
        if self._process is None:
            raise NotOurServer(NotOurServer.__doc__)
        return self._process

    def _answers(self) -> bool:
        with redis.Redis.from_url(self.url) as client:
            try:
                return bool(client.ping())
            except redis.ConnectionError:
                return False


@contextlib.contextmanager
def redis_server(*, private: bool = False) -> Iterator[RedisServer]:
    """Yield a real Redis. ``private``: never one given by URL. Raises `LookupError` when this machine has none."""
    given = os.environ.get("CASELLA_TEST_REDIS_URL")
    if given and not private:
        yield RedisServer(given)
        return
    found = find_redis()
    with scratch_folder("redis") as scratch:
        socket = scratch / "socket"
        process = ServerProcess(_command(reachable_redis(found, scratch), socket), scratch, signal.SIGTERM)
        server = RedisServer(f"unix://{socket}", process)
        try:
            server.start()
            yield server
        finally:
            process.end()


def _command(program: Path, socket: Path) -> list[str]:
    command = [str(program), "--port", "0", "--unixsocket", str(socket), "--unixsocketperm", "700"]
    return [*command, "--save", "", "--appendonly", "no", "--dir", str(socket.parent), "--daemonize", "no"]
