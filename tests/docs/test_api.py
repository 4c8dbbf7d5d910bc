"""The API's page: every call on it is made, against a Casella of its own, and answers as the page shows."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from casella_simulator.demo import DemoLine
from tests.docs.conftest import copy_for_reader, environment
from tests.docs.pages import ROOT, Block, blocks
from tests.docs.programs import Program, listening_at, program
from tests.visibility.kinds import kinds_in_source

PAGE = ROOT / "docs" / "api.md"
CALLS = [block for block in blocks(PAGE) if block.language == "sh"]
REFUSED = {"01KB2Z8Q4M7T1V3X5Y7Z9A1C3E": 404}  # what the page shows as a refusal, by a word of its call
PASSWORD = "correct horse battery"
PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c63f8cfc0f01f0005000201a5b7a8b0"
    "0000000049454e44ae426082"
)

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who has a token, a conversation and a picture, and types what the page says."""

    folder: Path
    variables: dict[str, str]

    def call(self, command: str) -> tuple[int, str]:
        """The status and the body of one curl."""
        done = subprocess.run(
            f"{command} -w '\\n%{{http_code}}'", shell=True, cwd=self.folder, env=self.variables, capture_output=True,
            text=True, timeout=60,
        )  # fmt: skip
        body, _, status = done.stdout.rpartition("\n")
        assert status.isdigit(), f"{command}\n{done.stdout}\n{done.stderr}"
        return int(status), body


@pytest.fixture(scope="module")
def caller(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Caller]:
    folder = copy_for_reader(tmp_path_factory.mktemp("api"))
    desk = folder / "examples/desk/desk.yaml"
    desk.write_text(desk.read_text().replace("@demo.example", "@example.com"))
    (folder / "photo.png").write_bytes(PICTURE)
    line = DemoLine()
    with line.simulator:
        variables = environment(folder) | line.environment | {"CASELLA_DEMO_PASSWORD": PASSWORD, "CASELLA_PORT": "0"}
        variables["CASELLA_PRIVATE_HOSTS"] += f",{line.simulator.url.removeprefix('http://')}"
        with Program([program("casella"), "up", "--desk", "examples/desk"], folder, variables) as house:
            address = house.wait_for(listening_at)
            token = subprocess.check_output([program("casella"), "token", "mara"], cwd=folder, env=variables, text=True)
            asking = Caller(folder, variables | {"CASELLA": address, "TOKEN": token.strip()})
            line.connect(address)
            line.write("Is my order ready?")
            conversation = house.until(lambda: first_conversation(asking))
            asking.variables["CONVERSATION"] = conversation
            _, inboxes = asking.call('curl -s "$CASELLA/api/v1/inboxes" -H "Authorization: Bearer $TOKEN"')
            asking.variables["INBOX"] = json.loads(inboxes)[0]["id"]
            _, shown = asking.call('curl -s "$CASELLA/api/v1/conversations" -H "Authorization: Bearer $TOKEN"')
            asking.variables["CONTACT"] = json.loads(shown)["items"][0]["contact"]["id"]
            yield asking
            assert house.interrupt() == 0, house.output
    assert '"level": "error"' not in house.output, house.output


def first_conversation(caller: Caller) -> str | None:
    _, body = caller.call('curl -s "$CASELLA/api/v1/conversations" -H "Authorization: Bearer $TOKEN"')
    items = json.loads(body)["items"]
    return str(items[0]["id"]) if items else None


@pytest.mark.parametrize("block", CALLS, ids=str)
def test_the_calls_of_the_page_are_answered(block: Block, caller: Caller) -> None:
    for command in re.sub(r"\\\n\s*", "", block.text).splitlines():
        wanted = next((status for word, status in REFUSED.items() if word in command), 200)
        status, body = caller.call(command)
        taken = _taken_already(status, body)
        assert status // 100 == 2 if wanted == 200 and not taken else status == wanted or taken, f"{command}\n{body}"


def _taken_already(status: int, body: str) -> bool:
    """Blocks run in any order, so a conversation may be the caller's already."""
    return status == 409 and json.loads(body)["code"] == "assignment_lost"


def test_the_refusal_that_is_shown_is_given(caller: Caller) -> None:
    [block] = [one for one in CALLS if "01KB2Z8Q4M7T1V3X5Y7Z9A1C3E" in one.text]
    shown = json.loads(next(one.text for one in blocks(PAGE) if one.language == "json"))
    _, body = caller.call(block.text.strip())
    real = json.loads(body)
    assert {**shown, "request_id": ""} == {**real, "request_id": ""}


def test_the_message_that_is_shown_has_every_field(caller: Caller) -> None:
    [shown] = [
        found for one in blocks(PAGE) if one.language == "json" and "direction" in (found := json.loads(one.text))
    ]
    _, body = caller.call(
        'curl -s "$CASELLA/api/v1/conversations/$CONVERSATION/messages" -H "Authorization: Bearer $TOKEN"'
    )
    real = json.loads(body)["items"][0]
    assert set(shown) == set(real)
    assert set(shown["sender"]) == set(real["sender"])


def test_the_events_that_are_listed_are_those_that_are_told() -> None:
    """The kinds that the house appends to the feed, and no others."""
    table = PAGE.read_text().partition("| kind | when | payload |")[2].partition("\n\n")[0]
    assert set(re.findall(r"^\| `([\w.]+)` \|", table, re.MULTILINE)) == set(kinds_in_source())
