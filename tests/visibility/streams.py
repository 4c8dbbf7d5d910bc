"""Event streams of several agents at once, read from the ASGI application without a socket."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import anyio
import orjson
from starlette.types import Message

from tests.house import until
from tests.visibility.world import World


@dataclass
class Stream:
    """What one agent's stream has carried so far."""

    status: int = 0
    text: bytes = b""
    ended: anyio.Event | None = None

    @property
    def events(self) -> list[Mapping[str, object]]:
        """Without greetings and heartbeats."""
        blocks = (block.split(b"data: ")[-1] for block in self.text.split(b"\n\n")[:-1] if b"data: " in block)
        return [event for block in blocks if "kind" in (event := orjson.loads(block))]


@contextmanager
def listening(world: World, agents: Sequence[str], last_id: str | None = None) -> Iterator[dict[str, Stream]]:
    """A stream each, open and greeted when the block begins."""
    streams = {who: Stream() for who in agents}
    futures = [world.portal.start_task_soon(_listen, world, who, stream, last_id) for who, stream in streams.items()]
    until(lambda: all(b"\n\n" in stream.text for stream in streams.values()), "the streams to open")
    yield streams
    for stream in streams.values():
        if stream.ended is not None:
            world.portal.call(stream.ended.set)
    for future in futures:
        future.result(10)


async def _listen(world: World, who: str, stream: Stream, last_id: str | None) -> None:
    stream.ended = ended = anyio.Event()
    headers = [(b"authorization", world.client(who).headers["Authorization"].encode())]
    if last_id is not None:
        headers.append((b"last-event-id", last_id.encode()))
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http",
        "path": "/api/v1/events", "raw_path": b"/api/v1/events", "query_string": b"", "root_path": "",
        "headers": headers, "client": ("127.0.0.1", 50_000), "server": ("casella.test", 80),
    }  # fmt: skip
    asked = iter([{"type": "http.request", "body": b"", "more_body": False}])

    async def receive() -> Message:
        for message in asked:
            return message
        await ended.wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        stream.status = message.get("status", stream.status)
        stream.text += message.get("body", b"")

    await world.api(scope, receive, send)
