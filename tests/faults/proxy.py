"""Cables that can be bad: every connection of a house goes through one, on the loopback.

A cable can be delayed, silent (nothing gets through, nothing is refused: a host that was unplugged), cut, drip what
the other end answers, or lead elsewhere.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import threading
from collections.abc import Callable, Coroutine
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

ResultT = TypeVar("ResultT")
Target = Path | int
"""A Unix socket, or a port of the loopback."""
DRIP_SECONDS = 0.5
"""Between two bytes. Shorter than any time-out for one read, so that only a bound on the whole exchange ends it."""


class Cable:
    """One listening port and where it leads. Its attributes are set while it carries, from any thread."""

    def __init__(self, network: Network, *targets: Target) -> None:
        self.targets = targets
        self.delay = 0.0
        """Seconds that every piece takes longer, each way."""
        self.drips = False
        self.refuses = False
        self.port = 0
        self._network = network
        self._passes = asyncio.Event()
        self._passes.set()
        self._open: set[asyncio.Task[None]] = set()
        self._turn = itertools.count()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def silence(self, silent: bool) -> None:
        """Nothing gets through while it lasts; what was sent meanwhile arrives afterwards, if nobody gave up."""
        self._network.do(self._passes.clear if silent else self._passes.set)

    def cut(self) -> None:
        """Every connection that is open now is gone."""
        self._network.do(lambda: [task.cancel() for task in self._open])

    async def listen(self) -> asyncio.Server:
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0, backlog=512)
        self.port = server.sockets[0].getsockname()[1]
        return server

    async def end(self) -> None:
        tasks = list(self._open)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        try:
            if not self.refuses:
                await self._carry(reader, writer)
        except asyncio.CancelledError:
            pass  # `cut`: this connection has ended, and nothing else
        finally:
            self._open.discard(task)
            writer.transport.abort()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._passes.wait()
        for target in self._in_turn():
            with contextlib.suppress(OSError):
                from_target, to_target = await _connect(target)
                try:
                    await _either(self._pump(reader, to_target), self._pump(from_target, writer, answers=True))
                finally:
                    to_target.transport.abort()
                return

    def _in_turn(self) -> list[Target]:
        first = next(self._turn) % len(self.targets)
        return [*self.targets[first:], *self.targets[:first]]

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answers: bool = False) -> None:
        with contextlib.suppress(OSError):
            while chunk := await reader.read(65_536):
                if self.delay:
                    await asyncio.sleep(self.delay)
                await self._passes.wait()
                while answers and self.drips and chunk:
                    writer.write(chunk[:1])
                    chunk = chunk[1:]
                    await asyncio.sleep(DRIP_SECONDS)
                writer.write(chunk)
                await writer.drain()


class Network:
    """All cables of a house, carried by one thread, from entering to leaving."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._cables: list[tuple[Cable, asyncio.Server]] = []
        self._thread = threading.Thread(target=self._loop.run_forever, name="network")

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._await(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def cable(self, *targets: Target) -> Cable:
        """A new one. Several targets are taken in turn, and one that does not answer is passed over."""

        async def lay() -> Cable:
            cable = Cable(self, *targets)
            self._cables.append((cable, await cable.listen()))
            return cable

        return self._await(lay())

    def do(self, act: Callable[[], object]) -> None:
        async def done() -> None:
            act()

        self._await(done())

    def _await(self, work: Coroutine[None, None, ResultT]) -> ResultT:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    async def _end(self) -> None:
        for cable, server in self._cables:
            server.close()
            await cable.end()
        await asyncio.sleep(0.05)  # so that the transports notice that they are closed


async def _connect(target: Target) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    if isinstance(target, Path):
        return await asyncio.open_unix_connection(str(target))
    return await asyncio.open_connection("127.0.0.1", target)


async def _either(*ways: Coroutine[None, None, None]) -> None:
    """Until one side has enough."""
    tasks = [asyncio.create_task(way) for way in ways]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
