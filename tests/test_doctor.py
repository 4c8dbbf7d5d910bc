"""The doctor asks the server that these settings describe, and does not call it well when nobody answers."""

from __future__ import annotations

import socket
from dataclasses import replace

import pytest

from casella.doctor import Finding, examine, interpreter
from tests.house import House


def server(house: House, **settings: object) -> Finding:
    rooms = replace(house.rooms, settings=house.settings.model_copy(update=settings))
    [found] = [one for one in examine(rooms) if one.subject == "server"]
    return found


@pytest.fixture
def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def test_nobody_answers_at_the_port_that_is_set(house: House, free_port: int) -> None:
    found = server(house, port=free_port, host="0.0.0.0")
    assert (found.ok, found.known) == (True, False)
    assert found.text == f"nobody answers at http://127.0.0.1:{free_port}/ready"


def test_the_public_address_is_asked_as_well_where_it_is_set(house: House, free_port: int) -> None:
    found = server(house, port=free_port, public_url=f"http://localhost:{free_port}")
    assert found.text == (f"nobody answers at http://localhost:{free_port}/ready or http://127.0.0.1:{free_port}/ready")


def test_a_port_that_nobody_knows_is_not_guessed(house: House) -> None:
    assert "set CASELLA_PUBLIC_URL" in server(house, port=0).text


@pytest.mark.parametrize(
    ("version", "named"),
    [
        ((3, 11, 7), ["CVE-2024-7592"]),
        ((3, 11, 9), ["CVE-2024-4032"]),
        ((3, 12, 5), ["CVE-2024-6232"]),
    ],
)
def test_an_interpreter_with_known_holes_is_named(version: tuple[int, int, int], named: list[str]) -> None:
    [found] = interpreter(version)
    assert all(hole in found.text for hole in named)
    assert "install a newer one" in found.text


@pytest.mark.parametrize("version", [(3, 11, 10), (3, 12, 6), (3, 13, 0)])
def test_a_sound_one_is_well(version: tuple[int, int, int]) -> None:
    [found] = interpreter(version)
    assert (found.ok, found.text) == (True, ".".join(map(str, version)))
