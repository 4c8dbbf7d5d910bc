"""The cables do what their faults are named after; else the run would prove nothing."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from tests.faults.proxy import Cable, Network


@contextmanager
def echo() -> Iterator[int]:
    """A server that says everything again."""
    listener = socket.create_server(("127.0.0.1", 0))

    def answer(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            while got := connection.recv(4096):
                connection.sendall(got)

    def serve() -> None:
        with suppress(OSError):
            while True:
                connections.append(listener.accept()[0])
                threads.append(threading.Thread(target=answer, args=(connections[-1],)))
                threads[-1].start()

    connections: list[socket.socket] = []
    threads = [threading.Thread(target=serve)]
    threads[0].start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for thread in threads:
            thread.join(10)


@pytest.fixture
def cable() -> Iterator[Cable]:
    with echo() as port, Network() as network:
        yield network.cable(port)


def call(cable: Cable) -> socket.socket:
    return socket.create_connection(("127.0.0.1", cable.port), timeout=10)


def test_it_carries_both_ways(cable: Cable) -> None:
    with call(cable) as phone:
        phone.sendall(b"hello")
        assert phone.recv(10) == b"hello"


def test_while_it_is_silent_nothing_comes_and_afterwards_all_of_it(cable: Cable) -> None:
    with call(cable) as phone:
        phone.sendall(b"one")
        assert phone.recv(10) == b"one"
        cable.silence(True)
        phone.sendall(b"two")
        phone.settimeout(0.3)
        with pytest.raises(TimeoutError):
            phone.recv(10)
        cable.silence(False)
        phone.settimeout(10)
        assert phone.recv(10) == b"two"


def test_a_cut_ends_what_is_open_and_lets_new_ones_in(cable: Cable) -> None:
    with call(cable) as phone:
        phone.sendall(b"one")
        assert phone.recv(10) == b"one"
        cable.cut()
        with suppress(ConnectionResetError):
            assert phone.recv(10) == b""
    with call(cable) as phone:
        phone.sendall(b"two")
        assert phone.recv(10) == b"two"


def test_a_refusing_one_ends_new_connections(cable: Cable) -> None:
    cable.refuses = True
    with call(cable) as phone, suppress(ConnectionResetError):
        assert phone.recv(10) == b""


def test_answers_drip_byte_by_byte(cable: Cable) -> None:
    cable.drips = True
    with call(cable) as phone:
        phone.sendall(b"hello")
        assert phone.recv(10) == b"h"


def test_a_delay_counts_each_way(cable: Cable) -> None:
    cable.delay = 0.1
    with call(cable) as phone:
        began = time.monotonic()
        phone.sendall(b"hello")
        assert phone.recv(10) == b"hello"
        assert time.monotonic() - began >= 0.2


def test_it_leads_elsewhere_when_it_is_told_to(cable: Cable) -> None:
    with echo() as other:
        cable.targets = (1, other)  # nobody listens at port 1: passed over
        with call(cable) as phone:
            phone.sendall(b"hello")
            assert phone.recv(10) == b"hello"
