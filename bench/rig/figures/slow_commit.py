"""A database whose commits take longer: a proxy on loopback that holds each COMMIT back before it is passed on.

    python -m bench.rig.figures.slow_commit SOCKET PORT MILLISECONDS

Everything else goes through as it comes. The locks of a transaction are held meanwhile, as they are while a database
in another room writes to its disks.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import uvloop
from sqlalchemy import make_url

from bench.rig import leash
from bench.rig.processes import DidNotStart, free_port

_COMMIT = b"COMMIT\x00"
_MOST = 1 << 16


class Proxy:
    """Between any number of clients and one server on a Unix socket."""

    def __init__(self, socket: Path, seconds: float) -> None:
        self._socket, self._seconds = socket, seconds

    async def serve(self, port: int) -> None:
        server = await asyncio.start_server(self.meet, "127.0.0.1", port)
        async with server:
            await server.serve_forever()

    async def meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One client, until either side ends."""
        theirs, ours = await asyncio.open_unix_connection(str(self._socket))
        await asyncio.gather(self._pass(reader, ours, self._seconds), self._pass(theirs, writer, 0))

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seconds: float) -> None:
        with suppress(ConnectionError):
            while chunk := await reader.read(_MOST):
                if seconds and _COMMIT in chunk:
                    await asyncio.sleep(seconds)
                writer.write(chunk)
                await writer.drain()
        with suppress(ConnectionError):
            writer.close()


@contextmanager
def slow_commit(url: str, milliseconds: float) -> Iterator[str]:
    """The URL of the same database, with commits that take so much longer. The proxy ends with the context."""
    parsed, port = make_url(url), free_port()
    socket = Path(str(parsed.query["host"]), ".s.PGSQL.5432")
    command = [sys.executable, "-m", "bench.rig.figures.slow_commit", str(socket), str(port), str(milliseconds)]
    child = subprocess.Popen(command, stdin=subprocess.PIPE)
    try:
        _until_it_listens(child, port)
        others = {name: value for name, value in parsed.query.items() if name != "host"}
        yield parsed.set(host="127.0.0.1", port=port, query=others).render_as_string(hide_password=False)
    finally:
        child.terminate()
        child.wait(20)
        if child.stdin is not None:
            child.stdin.close()


def _until_it_listens(child: subprocess.Popen[bytes], port: int) -> None:
    listening, deadline = f":{port:04X} 00000000:0000 0A", time.monotonic() + 60
    while listening not in Path("/proc/net/tcp").read_text():
        if child.poll() is not None or time.monotonic() > deadline:
            raise DidNotStart(DidNotStart.__doc__)
        time.sleep(0.02)


def main() -> None:
    leash.hold()
    socket, port, milliseconds = sys.argv[1:]
    with suppress(KeyboardInterrupt), asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(Proxy(Path(socket), float(milliseconds) / 1000).serve(int(port)))


if __name__ == "__main__":
    main()
