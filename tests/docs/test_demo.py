"""The demo as the README promises it, in a process of its own: the story, the pages, the desk it follows, its end. From
a checkout, and from a wheel in an empty folder."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from rich.console import Console

from casella.demo import Demo
from casella.settings import Settings
from tests.docs.conftest import copy_for_reader
from tests.docs.pages import ROOT, all_blocks, blocks, commands
from tests.docs.programs import Program
from tests.scratch import Scratch
from tests.variants import AGAIN

STORY = (
    "customer   writes: Hi, I was charged twice",
    "webhook verified, stored, answered",
    "rules      queue a reply: We have your request for a refund",
    "'Refunds go to billing': assigned to ",
    "provider   says the reply is sent",
    "provider   says the reply is delivered",
)

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def found(pattern: str, output: str) -> str | None:
    match = re.search(pattern, output)
    return match[1] if match else None


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody starts the demo: his folder, the desk he may change then, his environment."""

    folder: Path
    desk: Path
    variables: dict[str, str]


@pytest.fixture(params=["checkout", pytest.param("wheel", marks=AGAIN)])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    folder, home = tmp_path / "here", tmp_path / "home"
    folder.mkdir()
    home.mkdir()
    if request.param == "checkout":
        copy_for_reader(folder)
        desk, programs = folder / "examples/desk", Path(sys.executable).parent
    else:
        wheel: Scratch = request.getfixturevalue("wheel")
        desk, programs = folder / "var/demo/desk", wheel.programs
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CASELLA_", "PYTHON", "XDG_"))}
    path = f"{programs}{os.pathsep}{kept['PATH']}"
    return Place(folder, desk, {**kept, "PATH": path, "HOME": str(home)})


def test_the_demo_keeps_its_promises(place: Place) -> None:
    before = {path.name for path in place.folder.iterdir()}
    casella = shutil.which("casella", path=place.variables["PATH"])
    assert casella
    with Program([casella, "up", "--demo"], place.folder, {**place.variables, "CASELLA_PORT": "0"}) as demo:
        phones = demo.wait_for(lambda output: found(r"Phone page +(\S+)", output))
        description = demo.wait_for(lambda output: found(r"API +(\S+/openapi.json)", output))
        demo.wait_for(lambda output: "Now you:" in output)
        assert all(line in demo.output for line in STORY), demo.output
        assert "Started server process" not in demo.output, "the log must not come into the story"

        assert "<title>" in httpx.get(phones).raise_for_status().text
        assert httpx.get(description).raise_for_status().json()["info"]["title"] == "Casella"
        the_printed_call_works(demo.output)
        the_printed_check_works(demo.output, place)
        the_demo_follows_its_desk(demo, place.desk)
        the_managers_page_asks_why(place, description.removesuffix("/api/v1/openapi.json"))
        assert demo.interrupt() == 0, demo.output
    assert "Traceback" not in demo.output, demo.output
    assert {path.name for path in place.folder.iterdir()} - before == {"var"}
    assert list(Path(place.variables["HOME"]).iterdir()) == []


def test_the_copy_of_its_desk_is_kept_as_it_was_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    settings = Settings(data_dir=Path("var"))
    copy = Demo(settings, Console(), phones_port=0).desk
    assert copy == Path("var/demo/desk")
    assert "# After a change:   casella check var/demo/desk" in (copy / "desk.yaml").read_text()
    (copy / "rules.yaml").write_text("rules: []\n")
    assert Demo(settings, Console(), phones_port=0).desk == copy
    assert (copy / "rules.yaml").read_text() == "rules: []\n"


def the_printed_call_works(output: str) -> None:
    call = found(r"Try +(curl .+)", output)
    assert call
    done = subprocess.run(call.replace("curl", "curl -sf"), shell=True, capture_output=True, text=True, timeout=60)
    [conversation] = json.loads(done.stdout)["items"]
    assert conversation["tags"] == ["refund"]


def the_printed_check_works(output: str, place: Place) -> None:
    call = found(r"every mistake: (.+)", output)
    assert call
    assert "no mistakes" in shell(call, place.folder, place.variables)


def the_demo_follows_its_desk(demo: Program, desk: Path) -> None:
    rules = desk / "rules.yaml"
    good = rules.read_text()
    rules.write_text(good.replace("priority: high", "priority: hgh"))
    demo.wait_for(lambda output: "'hgh' is not possible here. Write low, normal, high or urgent" in output)
    demo.wait_for(lambda output: "The last good one stays in use." in output)
    rules.write_text(good.replace("priority: high", "priority: urgent"))
    demo.wait_for(lambda output: "Desk version 2 is in use." in output)


def the_managers_page_asks_why(place: Place, address: str) -> None:
    """The commands of "Ask why", and an answer that has all that the page shows."""
    page = ROOT / "docs/managers.md"
    console = [block for block in blocks(page) if block.language == "console" and "$TOKEN" in block.text]
    lines = [command.replace("http://127.0.0.1:8000", address) for block in console for command, _ in commands(block)]
    assert [line.split()[0] for line in lines] == ["export", "curl", "curl"]
    token, conversations, decisions = lines
    listed = shell(f"{token}\n{conversations}", place.folder, place.variables)
    [conversation] = json.loads(listed)["items"]
    answer = json.loads(shell(f"{token}\n{decisions}", place.folder, {**place.variables, "ID": conversation["id"]}))
    [shown] = [json.loads(block.text) for block in all_blocks("json") if block.page == page]
    assert_same_form(shown, answer)
    decided = [page["items"][-1]["outcome"]["decision"] for page in (shown, answer)]
    assert decided[0].items() <= decided[1].items()


def shell(script: str, folder: Path, variables: dict[str, str]) -> str:
    done = subprocess.run(script, shell=True, cwd=folder, env=variables, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def assert_same_form(shown: object, real: object) -> None:
    """Whatever is shown is really there, of the same type."""
    assert type(shown) is type(real), f"{shown!r} and {real!r}"
    if isinstance(shown, dict) and isinstance(real, dict):
        assert set(shown) <= set(real)
        for name, value in shown.items():
            assert_same_form(value, real[name])
    if isinstance(shown, list) and isinstance(real, list) and shown and real:
        for one, other in zip(shown, real, strict=False):
            assert_same_form(one, other)
