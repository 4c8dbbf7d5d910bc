"""What a connection may send: bounded in number, bytes and time before anything reads it (issue 17.1)."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from casella.api.limits.bounded_http import Bounds
from tests import loopback
from tests.api.conftest import cast_of
from tests.api.house import House, Running, open_house, served

QUICK = Bounds(head_seconds=0.3, body_grace=0.4, body_rate=1_000_000)


@pytest.fixture
def running(lite_house: House) -> Iterator[Running]:
    with served(lite_house, QUICK) as server:
        yield server


@contextmanager
def talking(running: Running) -> Iterator[socket.socket]:
    parts = urlsplit(running.url)
    with closing(socket.create_connection((str(parts.hostname), int(parts.port or 0)), timeout=10)) as peer:
        yield peer


def told(peer: socket.socket) -> bytes:
    """All that is answered until the other side hangs up."""
    answer = b""
    try:
        while part := peer.recv(65536):
            answer += part
    except ConnectionResetError:
        pass
    return answer


def status_of(running: Running, request: bytes) -> bytes:
    with talking(running) as peer:
        with suppress(BrokenPipeError, ConnectionResetError):
            peer.sendall(request)
        return told(peer)[9:12]


GET = b"GET /health HTTP/1.1\r\nHost: x\r\n"


@pytest.mark.parametrize(
    ("request_head", "status"),
    [
        (GET + b"Cookie: " + b"a" * 9_000 + b"\r\n\r\n", b"431"),
        (GET + b"".join(b"X-%d: y\r\n" % number for number in range(101)) + b"\r\n", b"431"),
        (GET + b"".join(b"X-%d: %s\r\n" % (number, b"y" * 7_000) for number in range(10)) + b"\r\n", b"431"),
        (GET + b"X: " + b"a" * 3_000_000, b"431"),  # never ends: counted as it comes
        (b"GET /" + b"a" * 9_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", b"414"),
        (GET + b"Connection: close\r\nCookie: " + b"a" * 7_000 + b"\r\n\r\n", b"200"),
    ],
)
def test_a_head_is_bounded_in_lines_number_and_bytes(running: Running, request_head: bytes, status: bytes) -> None:
    assert status_of(running, request_head) == status


@pytest.mark.parametrize("sent", [b"", b"\r\n\r\n\r\n", b"GET", GET, GET + b"Content-Le"])
def test_a_head_that_does_not_come_is_not_waited_for(running: Running, sent: bytes) -> None:
    with talking(running) as peer:
        peer.sendall(sent)
        answer = told(peer)  # would time out after ten seconds
    assert answer[9:12] == (b"408" if sent else b"")


def test_nor_is_the_second_one_of_a_connection(running: Running) -> None:
    with talking(running) as peer:
        peer.sendall(GET + b"\r\n")
        assert peer.recv(65536).startswith(b"HTTP/1.1 200")
        peer.sendall(b"GET /health HT")
        assert b"HTTP/1.1 408" in told(peer)


def test_a_body_that_does_not_come_is_not_waited_for(running: Running) -> None:
    head = b"POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 90\r\n\r\n"
    with talking(running) as peer:
        peer.sendall(head + b'{"email')
        assert told(peer)[9:12] == b"408"
    with talking(running) as peer:
        peer.sendall(head.replace(b"Content-Length: 90", b"Transfer-Encoding: chunked") + b'3\r\n{"e\r\n')
        assert told(peer)[9:12] == b"408"


def test_a_body_that_comes_slowly_but_all_the_time_is_read(lite_house: House) -> None:
    with served(lite_house, Bounds(body_grace=0.2, body_rate=100)) as running, talking(running) as peer:
        body = b'{"email": "ann@casella.test", "password": "' + b"x" * 60 + b'"}'
        peer.sendall(
            b"POST /api/v1/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            b"Connection: close\r\nContent-Length: %d\r\n\r\n" % len(body)
        )
        for at in range(0, len(body), 15):
            peer.sendall(body[at : at + 15])
            time.sleep(0.05)  # what is tested is that this takes time
        assert told(peer)[9:12] == b"401"


def test_who_is_quick_keeps_the_connection(running: Running) -> None:
    with loopback.Client(base_url=running.url) as client:
        for _ in range(5):
            assert client.get("/health").status_code == 200
            time.sleep(0.1)  # longer in all than a head may take
        stream = client.post("/api/v1/session", json={"email": "a@b.example", "password": "x"})
        assert stream.status_code == 401


def test_an_open_event_stream_outlives_the_deadlines(migrated_sqlite_url: str, tmp_path: Path) -> None:
    with open_house(migrated_sqlite_url, tmp_path, heartbeat=0.25) as house:
        cast = cast_of(house)
        headers = {"Authorization": f"Bearer {house.token(cast.ann)}"}
        with (
            served(house, QUICK) as running,
            loopback.stream("GET", f"{running.url}/api/v1/events", headers=headers, timeout=5) as answer,
        ):
            beats = (line for line in answer.iter_lines() if line.startswith(":"))
            assert [next(beats) for _ in range(4)]
