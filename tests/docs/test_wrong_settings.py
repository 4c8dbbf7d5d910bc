"""What somebody meets who mistypes a setting or starts twice: one sentence that says what to do, never a traceback."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.conftest import environment
from tests.docs.programs import Program, listening_at, program
from tests.integration.rig.programs import run_casella

pytestmark = pytest.mark.slow
SECRET = "hidden-in-the-address"


@pytest.mark.parametrize(
    ("command", "name", "value", "told"),
    [
        ("doctor", "CASELLA_LOG_LEVEL", "loud", "CASELLA_LOG_LEVEL: Input should be 'debug'"),
        ("doctor", "CASELLA_PORT", "http", "CASELLA_PORT: Input should be a valid integer"),
        ("doctor", "CASELLA_REDIS_URL", "localhost", "must begin with redis://"),
        ("doctor", "CASELLA_DATABASE_URL", SECRET, "must begin with sqlite: or postgresql+psycopg:"),
        (
            "migrate",
            "CASELLA_DATABASE_URL",
            f"mysql://a:{SECRET}@b/c",
            "must begin with sqlite: or postgresql+psycopg:",
        ),
        ("doctor", "CASELLA_DATABASE_URL", f"postgresql+psycopg://a:{SECRET}@127.0.0.1:1/c", "start it, or correct"),
        ("apply examples/desk", "CASELLA_DEMO_PASSWORD", "", "${CASELLA_DEMO_PASSWORD} is empty or not there"),
        ("up --desk nowhere", "CASELLA_PORT", "0", "nowhere:1:1: there is no such folder"),
    ],
)
def test_a_mistake_is_told_in_a_sentence(scratch: Path, command: str, name: str, value: str, told: str) -> None:
    code, output = casella(command, scratch, {name: value})
    assert code == 1
    assert told in output
    assert "Traceback" not in output
    assert SECRET not in output


def test_a_data_folder_that_is_a_file_is_told(scratch: Path) -> None:
    (scratch / "taken").write_text("")
    code, output = casella("doctor", scratch, {"CASELLA_DATA_DIR": str(scratch / "taken")})
    assert (code, "Traceback" in output, str(scratch / "taken") in output) == (1, False, True), output


@pytest.fixture
def taken_port() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield str(listener.getsockname()[1])


@pytest.mark.parametrize("command", ["up", "serve", "up --demo"])
def test_a_port_that_is_taken_is_told(scratch: Path, taken_port: str, command: str) -> None:
    code, output = casella(command, scratch, {"CASELLA_PORT": taken_port})
    assert code == 1
    assert f"port {taken_port}" in output
    assert "Set CASELLA_PORT to another port" in output
    assert "Traceback" not in output


def test_without_a_desk_it_says_what_is_missing_and_with_a_broken_one_it_keeps_the_last_good_one(scratch: Path) -> None:
    variables = environment(scratch) | {"CASELLA_PORT": "0"}
    with Program([program("casella"), "up"], scratch, variables) as house:
        house.wait_for(listening_at)
        house.wait_for(lambda output: "No desk is applied yet" in output)
        assert casella("apply examples/desk", scratch, {})[0] == 0
        assert house.interrupt() == 0, house.output

    rules = scratch / "examples/desk/rules.yaml"
    rules.write_text(rules.read_text().replace("priority: high", "priority: hgh"))
    with Program([program("casella"), "up", "--desk", "examples/desk"], scratch, variables) as house:
        house.wait_for(listening_at)
        assert "'hgh' is not possible here" in house.output
        assert "The last good one stays in use." in house.output
        assert house.interrupt() == 0, house.output


def casella(command: str, folder: Path, more: dict[str, str]) -> tuple[int, str]:
    done = run_casella(command.split(), environment(folder) | more, folder)
    return done.returncode, done.stdout + done.stderr
