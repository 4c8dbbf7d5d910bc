"""A provider that answers, but never to the end, costs a call its time and no more."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator

import httpx
import pytest

from casella.host.exchanges import exchanges_within
from casella.inbox.house import guest_client


class Dripping:
    """A server that answers one byte after the other, with a pause before each. It never ends."""

    def __init__(self, head: bytes, pause: float) -> None:
        self._head, self._pause = head, pause
        self._ended = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def close(self) -> None:
        self._ended.set()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                with connection, contextlib.suppress(OSError):
                    connection.recv(65_536)
                    connection.sendall(self._head)
                    while not self._ended.wait(self._pause):
                        connection.sendall(b"x")


@pytest.fixture(params=[b"", b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n"], ids=["head", "body"])
def provider(request: pytest.FixtureRequest) -> Iterator[Dripping]:
    dripping = Dripping(request.param, 0.05)
    yield dripping
    dripping.close()


def test_the_whole_exchange_has_one_deadline(provider: Dripping) -> None:
    began = time.monotonic()
    with guest_client() as http, exchanges_within(0.6), pytest.raises(httpx.ReadTimeout):
        http.post(provider.url, content=b"hello")
    assert time.monotonic() - began < 15  # each byte comes far within httpx's own limits: without the deadline, never


def test_all_requests_of_a_call_share_it(provider: Dripping) -> None:
    with guest_client() as http, exchanges_within(0.4):
        with pytest.raises(httpx.ReadTimeout):
            http.get(provider.url)
        with pytest.raises(httpx.ConnectTimeout):  # nothing was sent: it may be tried again
            http.get(provider.url)


def test_without_a_call_around_it_httpxs_own_limits_hold(provider: Dripping) -> None:
    with guest_client() as http, pytest.raises(httpx.ReadTimeout):
        http.get(provider.url, timeout=0.01)
