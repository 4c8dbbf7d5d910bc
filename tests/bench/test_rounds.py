"""What a benchmark says of several rounds, and of the machine they ran on."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from bench.rig import webhooks
from bench.rig.client import run
from bench.rig.figures.pace import Pace, pace
from bench.rig.figures.rounds import summary, with_spread
from bench.rig.figures.spent import cpu_of, cpu_of_tree
from bench.rig.job import Job


def test_the_figure_in_the_middle_and_how_far_the_rounds_lay_apart() -> None:
    rounds = [{"rate": 500.0, "ms": 3.0}, {"rate": 1_200.0, "ms": 1.0}, {"rate": 700.0, "ms": 2.5}]
    figures = summary(rounds, [Pace(4.0, 4.5), Pace(8.0, 20.0), Pace(4.1, 4.6)])
    assert figures["rate"] == 700
    assert figures["spread"] == {"rate": [500, 1_200], "ms": [1, 3]}
    assert figures["machine_cpu_ms"] == [4.0, 8.0, 4.1]
    assert figures["machine_wall_ms"] == [4.5, 20.0, 4.6]
    assert with_spread(figures, "rate") == "700 (500-1,200)"


def test_a_pace_is_cpu_within_wall_time() -> None:
    measured = pace()
    assert measured.cpu_ms > 0
    assert measured.wall_ms > 0


def test_cpu_of_processes_is_what_they_spend() -> None:
    before = cpu_of(os.getpid())
    until = time.process_time() + 0.15
    while time.process_time() < until:
        pass
    assert cpu_of(os.getpid()) - before >= 0.1
    child = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    try:
        assert cpu_of_tree(os.getpid()) >= cpu_of(os.getpid())
        deadline = time.monotonic() + 20
        while cpu_of_tree(os.getpid()) - cpu_of(os.getpid()) < 0.05:
            assert time.monotonic() < deadline, "what a child spends is in the tree's"
            time.sleep(0.02)
    finally:
        child.kill()
        child.wait()
    assert cpu_of(child.pid) == 0, "of one that is gone"


@pytest.fixture
def prepared(tmp_path: Path) -> Path:
    file = tmp_path / "requests"
    webhooks.write(file, webhooks.requests(40, contacts=5, first=7))
    return file


def test_what_comes_late_is_counted_from_when_it_should_have_left(prepared: Path) -> None:
    """A server that is far behind the clock does not choose which requests count: all behind the warm-up do."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await _head(reader):
            size = int(head.split(b"Content-Length: ")[1].split(b"\r")[0])
            await reader.readexactly(size)
            await asyncio.sleep(0.05)
            writer.write(b"HTTP/1.1 204 No Content\r\ncontent-length: 0\r\n\r\n")
        writer.close()

    async def measured() -> dict[str, object]:
        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with server:
            return await run(
                Job(port=port, requests=prepared, connections=2, seconds=60, rate=1000, warm_up=10)
            )  # fmt: skip

    result = asyncio.run(measured())
    assert result["answered"] == 30
    assert result["statuses"] == {"204": 30}
    assert float(str(result["p50_ms"])) > 200, "40 requests, two at once, 50 ms each: most waited for their turn"


async def _head(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return b""


def test_each_round_has_contacts_of_its_own() -> None:
    def senders(begin: int) -> set[bytes]:
        made = webhooks.requests(50, contacts=20, first=begin, contacts_from=begin)
        return {request.split(b"From=")[1].split(b"&")[0] for request in made}

    assert len(senders(0)) > 10
    assert not senders(0) & senders(1_000)
