"""`casella` on the command line, as a manager and an operator use it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from casella_simulator import Simulator
from tests import loopback
from tests.integration.rig import desks
from tests.integration.rig.houses import embedded
from tests.integration.rig.programs import run_casella, until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
COMMANDS = ("up", "serve", "work", "check", "apply", "replay", "channels", "migrate", "doctor", "token")
Casella = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def casella(tmp_path: Path) -> Casella:
    """Run a command on a fresh machine: nothing set but what the demo desk needs."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("CASELLA_")}
    environment = {
        **inherited, **desks.secrets("http://127.0.0.1:9"), "CASELLA_PRIVATE_HOSTS": "127.0.0.1:9",
        "CASELLA_DATA_DIR": str(tmp_path / "var"), "COLUMNS": "200",
    }  # fmt: skip

    def call(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        return run_casella(arguments, {**environment, **more}, tmp_path)

    return call


def broken_desk(folder: Path) -> Path:
    """The example with two mistakes: a canned message that is not there, and a condition misspelt."""
    desks.example_desk(folder)
    rules = folder / "rules.yaml"
    text = rules.read_text()
    text = text.replace("- reply: {canned: refund_received}", "- reply: {canned: refund_recieved}")
    rules.write_text(text.replace("      has_attachment: true\n", "      has_atachment: true\n"))
    return folder


def place(folder: Path, text: str) -> str:
    """Where a text stands, as an editor counts: line:column."""
    lines = (folder / "rules.yaml").read_text().splitlines()
    line = next(index for index, line in enumerate(lines) if text in line)
    return f"rules.yaml:{line + 1}:{lines[line].index(text) + 1}"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(casella: Casella, command: str) -> None:
    answer = casella(command, "--help")
    assert answer.returncode == 0
    assert "Example" in answer.stdout
    assert f"casella {command}" in answer.stdout


def test_the_list_of_commands_is_complete(casella: Casella) -> None:
    answer = casella("--help")
    assert answer.returncode == 0
    for command in COMMANDS:
        assert command in answer.stdout


def test_check_is_content_with_the_example(casella: Casella) -> None:
    answer = casella("check", str(desks.EXAMPLE))
    assert (answer.returncode, answer.stderr) == (0, "")
    assert "no mistakes" in answer.stdout


def test_check_names_file_line_and_column_of_every_mistake(casella: Casella, tmp_path: Path) -> None:
    folder = broken_desk(tmp_path / "desk")
    answer = casella("check", str(folder))
    assert answer.returncode == 1
    assert place(folder, "refund_recieved") in answer.stderr
    assert place(folder, "has_atachment") in answer.stderr
    assert "refund_received" in answer.stderr, "it proposes what may be meant"
    assert "Traceback" not in answer.stderr


def test_a_broken_desk_changes_nothing(casella: Casella, tmp_path: Path) -> None:
    good = desks.example_desk(tmp_path / "good")
    first = casella("apply", str(good))
    assert first.returncode == 0, first.stderr
    assert "Desk version 1 is in use" in first.stdout
    refused = casella("apply", str(broken_desk(tmp_path / "broken")))
    assert refused.returncode == 1
    assert place(tmp_path / "broken", "has_atachment") in refused.stderr
    assert "version 1," in casella("doctor").stdout


def test_a_missing_secret_is_named_and_changes_nothing(casella: Casella, tmp_path: Path) -> None:
    good = desks.example_desk(tmp_path / "good")
    refused = casella("apply", str(good), CASELLA_DEMO_TWILIO_AUTH_TOKEN="")
    assert refused.returncode == 1
    assert "CASELLA_DEMO_TWILIO_AUTH_TOKEN" in refused.stderr
    assert "none is applied" in casella("doctor").stdout


def test_a_running_casella_keeps_its_desk_when_a_broken_one_is_applied(tmp_path: Path) -> None:
    desk = desks.example_desk(tmp_path / "desk")
    with Simulator() as provider, embedded(tmp_path / "house", provider, desk) as house:
        assert house.casella("apply", str(broken_desk(tmp_path / "broken"))).returncode == 1
        assert provider.text_from("+12025591001", "still there?", to=desks.NUMBER).status == 200
        until(lambda: [one for one in provider.accepted() if one.to == "+12025591001"], "the greeting of the good desk")

        canned = desk / "canned.yaml"
        canned.write_text(canned.read_text().replace("Somebody will answer in a moment.", "We are all yours."))
        applied = house.casella("apply", str(desk))
        assert "is in use" in applied.stdout  # by this, or because the house has followed its folder already
        until(lambda: _greeting_of_a_newcomer(provider).endswith("We are all yours."), "the changed greeting")


_newcomers = iter(range(2000, 9999))


def _greeting_of_a_newcomer(provider: Simulator) -> str:
    phone = f"+1202559{next(_newcomers)}"
    provider.text_from(phone, "hello", to=desks.NUMBER)
    until(lambda: [one for one in provider.accepted() if one.to == phone], "a greeting")
    return next(one.body for one in provider.accepted() if one.to == phone)


def test_doctor_says_what_is_wrong_and_what_to_do(casella: Casella, tmp_path: Path) -> None:
    before = casella("doctor")
    assert before.returncode == 1
    assert "Run `casella apply FOLDER`" in before.stdout
    assert casella("apply", str(desks.example_desk(tmp_path / "desk"))).returncode == 0
    after = casella("doctor")
    assert "counted right" in after.stdout
    assert "plugin sms" in after.stdout
    assert desks.TOKEN not in after.stdout


def test_channels_lists_what_is_installed(casella: Casella) -> None:
    answer = casella("channels")
    assert answer.returncode == 0
    assert "SMS and MMS" in answer.stdout
    assert "ready" in answer.stdout


def test_a_token_opens_the_api_and_an_unknown_agent_is_refused(tmp_path: Path) -> None:
    desk = desks.example_desk(tmp_path / "desk")
    with Simulator() as provider, embedded(tmp_path / "house", provider, desk) as house:
        made = house.casella("token", "ann")
        assert made.returncode == 0, made.stderr
        headers = {"authorization": f"Bearer {made.stdout.strip()}"}
        assert loopback.get(f"{house.url}/api/v1/me", headers=headers).json()["key"] == "ann"
        unknown = house.casella("token", "nobody")
        assert unknown.returncode == 1
        assert "ann" in unknown.stderr, "it names those who are there"


def test_a_setting_that_cannot_be_is_named(casella: Casella) -> None:
    answer = casella("doctor", CASELLA_PORT="many")
    assert answer.returncode == 1
    assert "CASELLA_PORT" in answer.stderr
    assert "Traceback" not in answer.stderr
