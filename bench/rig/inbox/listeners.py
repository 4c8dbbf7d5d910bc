"""Hundreds of agents who watch the event stream while messages come in, in a process of its own.

    python -m bench.rig.inbox.listeners SPEC.json      prints one line of JSON

It sends the webhooks itself, by the clock, so that one clock says when each should have left and when each stream
showed it. A stream is ready when it was greeted; the server's memory is read when some are open and when all are.
"""

from __future__ import annotations

import asyncio
import re
import sys
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import orjson
import uvloop
from pydantic import BaseModel

from bench.rig import webhooks
from bench.rig.job import quantile

_NUMBER = re.compile(rb"event: message\.created\n[^\n]*?\"text\":\"#(\d{7})")
_SENDERS = 16
_FIRST = 50  # streams that are opened before the memory is read: what they load and warm up is no client's


class Spec(BaseModel):
    """`pid`: the server's. `rate`: messages per second."""

    port: int
    pid: int
    tokens: list[str]
    streams: int
    requests: Path
    rate: float
    patience: float = 30.0


class Stream(asyncio.Protocol):
    """One open event stream. `seen`: numbers of messages with the moment they were shown."""

    def __init__(self, token: str, seen: list[tuple[int, float]]) -> None:
        self.ready = asyncio.Event()
        self._seen = seen
        self._rest = b""
        self._request = (
            f"GET /api/v1/events HTTP/1.1\r\nHost: casella.bench.example\r\nAuthorization: Bearer {token}\r\n"
            "Accept: text/event-stream\r\n\r\n"
        ).encode()
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]  # uvloop's are transports in all but name
        self.transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        now = time.perf_counter()
        blocks, _, self._rest = (self._rest + data).rpartition(b"\n\n")
        if not self.ready.is_set() and b"data: " in blocks:
            self.ready.set()
        self._seen.extend((int(number), now) for number in _NUMBER.findall(blocks))


class Sender(asyncio.Protocol):
    """One connection that hands webhooks in, the next when the last was answered."""

    def __init__(self, idle: list[Sender], answers: list[bytes]) -> None:
        self._idle, self._answers = idle, answers
        self._received = b""
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]  # uvloop's are transports in all but name
        self._idle.append(self)

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, end, body = self._received.partition(b"\r\n\r\n")
        if end and len(body) >= int(head.lower().partition(b"content-length: ")[2].partition(b"\r")[0] or 0):
            self._answers.append(head[9:12])
            self._received = b""
            self._idle.append(self)


async def run(spec: Spec) -> dict[str, object]:
    items = webhooks.read(spec.requests)
    seen: list[tuple[int, float]] = []
    first_ones = await _open(spec, seen, min(_FIRST, spec.streams // 2))
    before = _resident(spec.pid)
    streams = await _open(spec, seen, spec.streams - len(first_ones))
    connected = _resident(spec.pid)
    due, answers = await _send(spec, items)
    await _quiet(seen, spec.patience)
    for stream in (*first_ones, *streams):
        stream.transport.close()
    waits = sorted(at - due[number] for number, at in seen)
    return {
        "streams": spec.streams,
        "messages": len(items),
        "refused": sum(not status.startswith(b"2") for status in answers),
        "shown": len(waits),
        "unseen": len(due) - len({number for number, _ in seen}),
        "stream_p50_ms": round(quantile(waits, 0.5) * 1000, 1),
        "stream_p95_ms": round(quantile(waits, 0.95) * 1000, 1),
        "stream_p99_ms": round(quantile(waits, 0.99) * 1000, 1),
        "rss_per_client_kb": round((connected - before) / len(streams), 1),
        "rss_per_client_loaded_kb": round((_resident(spec.pid) - before) / len(streams), 1),
    }


async def _open(spec: Spec, seen: list[tuple[int, float]], count: int) -> list[Stream]:
    loop, streams = asyncio.get_running_loop(), []
    for number in range(count):
        token = spec.tokens[number % len(spec.tokens)]
        _, stream = await loop.create_connection(partial(Stream, token, seen), "127.0.0.1", spec.port)
        await asyncio.wait_for(stream.ready.wait(), 60)
        streams.append(stream)
    return streams


async def _send(spec: Spec, items: Sequence[bytes]) -> tuple[list[float], list[bytes]]:
    """When each was due, and the answers. What the server cannot keep up with waits, and its waiting counts."""
    loop, idle, answers = asyncio.get_running_loop(), list[Sender](), list[bytes]()
    for _ in range(_SENDERS):
        await loop.create_connection(lambda: Sender(idle, answers), "127.0.0.1", spec.port)
    began, due = time.perf_counter() + 0.1, list[float]()
    while len(due) < len(items):
        now = time.perf_counter()
        while idle and len(due) < len(items) and began + len(due) / spec.rate <= now:
            idle.pop(0).transport.write(items[len(due)])
            due.append(began + len(due) / spec.rate)
        await asyncio.sleep(0.001)
    return due, answers


async def _quiet(seen: Sequence[tuple[int, float]], patience: float) -> None:
    """Until nothing has been shown for two seconds."""
    deadline = time.perf_counter() + patience
    count = -1
    while count != len(seen) and time.perf_counter() < deadline:
        count = len(seen)
        await asyncio.sleep(2)


def _resident(pid: int) -> float:
    """In kB."""
    status = Path(f"/proc/{pid}/status").read_text()
    return float(status.partition("VmRSS:")[2].split()[0])


def main() -> None:
    spec = Spec.model_validate_json(Path(sys.argv[1]).read_bytes())
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        sys.stdout.write(orjson.dumps(runner.run(run(spec))).decode() + "\n")


if __name__ == "__main__":
    main()
