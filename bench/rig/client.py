"""The load generator: a process of its own that only writes prepared bytes and reads answers.

    python -m bench.rig.client JOB.json        prints one line of JSON

A connection sends, waits for the whole answer, sends again; nothing is pipelined. With a rate, requests leave by the
clock over whichever connection is free, and their time counts from when they should have left.
"""

from __future__ import annotations

import asyncio
import gc
import resource
import sys
import time
from collections import Counter, deque
from pathlib import Path

import orjson
import uvloop

from bench.rig import webhooks
from bench.rig.job import Job, quantile
from bench.rig.watcher import Watcher


class Load:
    """Shared by all connections."""

    def __init__(self, job: Job, items: list[bytes]) -> None:
        self.job = job
        self.items = items
        self.next = 0
        self.sent_at: list[float] = [0.0] * len(items)
        self.times: list[float] = []
        self.statuses: Counter[bytes] = Counter()
        self.began = self.ended = 0.0
        self.answered = 0
        self.accepted: list[int] = []
        self.open = 0
        self.idle: deque[Connection] = deque()
        self.stop_at = float("inf")
        self.done = asyncio.Event()

    def take(self) -> int | None:
        if self.next >= len(self.items) or time.perf_counter() >= self.stop_at:
            return None
        self.next += 1
        return self.next - 1

    def answer(self, index: int, status: bytes) -> None:
        now = time.perf_counter()
        self.answered += 1
        if self.job.rate is not None:
            self._by_its_turn(index, status, now)
        elif self.answered == self.job.warm_up:
            self.began = now
            self.stop_at = now + self.job.seconds
        elif self.answered > self.job.warm_up:
            self.times.append(now - self.sent_at[index])
            self.statuses[status] += 1
            self.ended = now
        if status.startswith(b"2"):
            self.accepted.append(index)

    def _by_its_turn(self, index: int, status: bytes, now: float) -> None:
        """By the clock, when it should have left says whether it counts; a server that is behind shall not decide."""
        if index >= self.job.warm_up:
            self.times.append(now - self.sent_at[index])
            self.statuses[status] += 1
            self.ended = now


class Connection(asyncio.Protocol):
    """One keep-alive connection."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self._received = b""
        self._index = -1
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]  # uvloop's are transports in all but name

    def connection_lost(self, exc: Exception | None) -> None:
        self._load.open -= 1
        if not self._load.open:
            self._load.done.set()

    def send(self, index: int, at: float) -> None:
        self._index = index
        self._load.sent_at[index] = at
        self._transport.write(self._load.items[index])

    def go_on(self) -> None:
        """The next request, or none: then the connection ends."""
        load = self._load
        if load.job.rate is not None:
            load.idle.append(self)
            return
        index = load.take()
        if index is None:
            self._transport.close()
        else:
            self.send(index, time.perf_counter())

    def close(self) -> None:
        self._transport.close()

    def data_received(self, data: bytes) -> None:
        received = self._received = self._received + data
        head = received.find(b"\r\n\r\n")
        if head < 0:
            return
        place = received.find(b"content-length: ")
        size = int(received[place + 16 : received.find(b"\r", place)])
        if len(received) < head + 4 + size:
            return
        self._received = b""
        self._load.answer(self._index, received[9:12])
        self.go_on()


async def run(job: Job) -> dict[str, object]:
    load = Load(job, webhooks.read(job.requests))
    loop = asyncio.get_running_loop()
    watcher = await _watch(job)
    connections = []
    for _ in range(job.connections):
        _, connection = await loop.create_connection(lambda: Connection(load), "127.0.0.1", job.port)
        connections.append(connection)
    load.open = len(connections)
    gc.collect()
    gc.disable()
    cpu, wall = _cpu(), time.perf_counter()
    load.began = wall
    if not job.warm_up:
        load.stop_at = wall + job.seconds
    for connection in connections:
        connection.go_on()
    if job.rate is not None:
        await _by_the_clock(load, job.rate)
        for connection in connections:
            connection.close()
    await load.done.wait()
    took = time.perf_counter() - wall
    share = (_cpu() - cpu) / took
    result = _result(load, share)
    if watcher is not None:
        result |= await watcher.finish(load.accepted, load.sent_at, load.began, job)
        watcher.close()
    return result


async def _watch(job: Job) -> Watcher | None:
    if job.token is None:
        return None
    _, watcher = await asyncio.get_running_loop().create_connection(
        lambda: Watcher(str(job.token)), "127.0.0.1", job.port
    )
    await asyncio.wait_for(watcher.ready.wait(), 20)
    return watcher


async def _by_the_clock(load: Load, rate: float) -> None:
    """Open loop: what the server cannot keep up with waits, and its waiting is counted."""
    began = time.perf_counter()
    load.began, load.stop_at = began + load.job.warm_up / rate, began + load.job.warm_up / rate + load.job.seconds
    due = 0
    while True:
        now = time.perf_counter()
        while load.idle and began + due / rate <= now:
            index = load.take()
            if index is None:
                break
            load.idle.popleft().send(index, began + due / rate)
            due += 1
        if load.next >= len(load.items) or now >= load.stop_at:
            break
        await asyncio.sleep(max(0.0002, min(0.002, began + due / rate - now)))
    while len(load.idle) < load.job.connections and load.open:
        await asyncio.sleep(0.001)


def _result(load: Load, share: float) -> dict[str, object]:
    times = sorted(load.times)
    elapsed = max(1e-9, load.ended - load.began)
    return {
        "requests_per_second": round(len(times) / elapsed, 1),
        "answered": len(times),
        "statuses": {status.decode(): count for status, count in load.statuses.items()},
        "p50_ms": round(quantile(times, 0.5) * 1000, 2),
        "p99_ms": round(quantile(times, 0.99) * 1000, 2),
        "client_cpu": round(share, 3),
    }


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def main() -> None:
    job = Job.model_validate_json(Path(sys.argv[1]).read_bytes())
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        sys.stdout.write(orjson.dumps(runner.run(run(job))).decode() + "\n")


if __name__ == "__main__":
    main()
