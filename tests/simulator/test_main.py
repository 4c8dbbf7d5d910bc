"""The command line: the examples of its help are true, and mistakes are said in one line."""

import shlex
import socket
import subprocess
import sys
from typing import Any

import httpx
import pytest

from casella_simulator.__main__ import config_from, main, parser
from tests import loopback
from tests.simulator.desk import until


def example_commands() -> list[str]:
    text = parser().format_help().partition("examples:")[2].replace("\\\n", " ")
    return [line.strip() for line in text.splitlines() if line.strip().startswith("python -m casella_simulator")]


def first_account(arguments: list[str]) -> dict[str, Any]:
    return config_from(parser().parse_args(arguments)).accounts[0].model_dump()


def test_every_example_of_the_help_is_a_valid_configuration() -> None:
    commands = example_commands()
    assert len(commands) == 3
    for command in commands:
        arguments = shlex.split(command.replace("AC…", "AC" + "0" * 32))[3:]
        assert first_account(arguments)["numbers"]


def test_the_second_number_has_the_webhook_it_names() -> None:
    arguments = shlex.split(example_commands()[2])[3:]
    assert [number["webhook_url"] for number in first_account(arguments)["numbers"]] == [
        "http://127.0.0.1:8000/webhooks/sms#rc=3&rp=5xx",
        "http://127.0.0.1:8000/webhooks/roma",
    ]


@pytest.mark.parametrize(
    "arguments",
    [["--account", "nonsense"], ["--faults", "{"], ["--faults", '{"error_before": 7}'], ["--webhook-url", "ftp://x"]],
)
def test_a_mistake_is_said_in_one_line(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2
    assert capsys.readouterr().err.strip().splitlines()[-1].startswith("python -m casella_simulator: error:")


def test_it_serves_and_stops_when_told_to() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "casella_simulator", "--port", str(port), "--phone", "+393331234567"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    def up() -> bool:
        assert process.poll() is None, "it ended early"
        try:
            state = loopback.get(f"http://127.0.0.1:{port}/_sim/state").json()
        except httpx.ConnectError:
            return False
        return [phone["number"] for phone in state["phones"]] == ["+393331234567"]

    try:
        until(up, 60)
    finally:
        process.terminate()
        output, errors = process.communicate(timeout=60)
    assert f"http://127.0.0.1:{port}/" in output
    assert "Traceback" not in errors
