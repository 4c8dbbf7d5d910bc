"""The demo as the README promises it, in a process of its own: the story, the pages, the desk it follows, its end."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import httpx
import pytest

from tests.docs.conftest import environment
from tests.docs.pages import ROOT, all_blocks, blocks, commands
from tests.docs.programs import Program, program

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


def test_the_demo_keeps_its_promises(scratch: Path) -> None:
    variables = {name: value for name, value in environment(scratch).items() if not name.startswith("CASELLA_")}
    with Program([program("casella"), "up", "--demo"], scratch, {**variables, "CASELLA_PORT": "0"}) as demo:
        phones = demo.wait_for(lambda output: found(r"Phone page +(\S+)", output))
        description = demo.wait_for(lambda output: found(r"API +(\S+/openapi.json)", output))
        demo.wait_for(lambda output: "Now you:" in output)
        assert all(line in demo.output for line in STORY), demo.output
        assert "Started server process" not in demo.output, "the log must not come into the story"

        assert "<title>" in httpx.get(phones).raise_for_status().text
        assert httpx.get(description).raise_for_status().json()["info"]["title"] == "Casella"
        the_printed_call_works(demo.output)
        the_demo_follows_its_desk(demo, scratch)
        the_managers_page_asks_why(scratch, description.removesuffix("/api/v1/openapi.json"), variables)
        assert demo.interrupt() == 0, demo.output
    assert "Traceback" not in demo.output, demo.output


def the_printed_call_works(output: str) -> None:
    call = found(r"Try +(curl .+)", output)
    assert call
    done = subprocess.run(call.replace("curl", "curl -sf"), shell=True, capture_output=True, text=True, timeout=60)
    [conversation] = json.loads(done.stdout)["items"]
    assert conversation["tags"] == ["refund"]


def the_demo_follows_its_desk(demo: Program, folder: Path) -> None:
    rules = folder / "examples/desk/rules.yaml"
    good = rules.read_text()
    rules.write_text(good.replace("priority: high", "priority: hgh"))
    demo.wait_for(lambda output: "'hgh' is not possible here. Write low, normal, high or urgent" in output)
    demo.wait_for(lambda output: "The last good one stays in use." in output)
    rules.write_text(good.replace("priority: high", "priority: urgent"))
    demo.wait_for(lambda output: "Desk version 2 is in use." in output)


def the_managers_page_asks_why(folder: Path, address: str, variables: dict[str, str]) -> None:
    """The commands of "Ask why", and an answer that has all that the page shows."""
    page = ROOT / "docs/managers.md"
    console = [block for block in blocks(page) if block.language == "console" and "$TOKEN" in block.text]
    lines = [command.replace("http://127.0.0.1:8000", address) for block in console for command, _ in commands(block)]
    assert [line.split()[0] for line in lines] == ["export", "curl", "curl"]
    token, conversations, decisions = lines
    listed = shell(f"{token}\n{conversations}", folder, variables)
    [conversation] = json.loads(listed)["items"]
    answer = json.loads(shell(f"{token}\n{decisions}", folder, {**variables, "ID": conversation["id"]}))
    [shown] = [json.loads(block.text) for block in all_blocks("json") if block.page == page]
    assert_same_form(shown, answer)
    decided = [page["items"][-1]["outcome"]["decision"] for page in (shown, answer)]
    assert decided[0].items() <= decided[1].items()


def shell(script: str, folder: Path, variables: dict[str, str]) -> str:
    done = subprocess.run(
        script, shell=True, cwd=folder, env={**os.environ, **variables}, capture_output=True, text=True, timeout=60
    )
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
