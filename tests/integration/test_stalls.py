"""Nothing stops the house: a process that stands still, a provider that never ends its answer, a plugin that fails."""

from __future__ import annotations

import itertools
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from casella_simulator import Simulator
from tests import loopback
from tests.acceptance.desk_work import Json, conversation_of, messages_of, reply, texts
from tests.integration.rig import slow_guest
from tests.integration.rig.desks import busy_desk
from tests.integration.rig.houses import House, embedded
from tests.integration.rig.programs import until
from tests.integration.rig.slow_guest import SlowProvider, slow_provider

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
_numbers = itertools.count(1)
ANNA, BERT = "anna@guests.example", "bert@guests.example"


@dataclass
class Scene:
    house: House
    provider: SlowProvider
    mara: httpx.Client

    def write(self, sender: str, text: str, **headers: str) -> int:
        body = {"from": sender, "id": f"in-{next(_numbers)}", "text": text}
        url = f"{self.house.url}/webhooks/{slow_guest.NAME}"
        return loopback.post(url, json=body, headers=headers, timeout=60).status_code

    def answer(self, contact: str, text: str) -> str:
        """An agent's reply. Returns the message's id."""
        said = reply(self.mara, str(conversation_of(self.mara, contact)["id"]), text)
        assert said.status_code == 201, said.text
        return str(said.json()["id"])

    def state(self, message_id: str) -> str:
        return str(self.mara.get(f"/api/v1/messages/{message_id}").json()["state"])

    def ready(self) -> Json:
        found: Json = loopback.get(f"{self.house.url}/ready", timeout=30).json()
        return found


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    folder = tmp_path_factory.mktemp("stalls")
    slow_guest.install(folder / "plugins")
    with Simulator() as simulator, slow_provider() as provider:
        desk = busy_desk(folder / "desk")
        slow_guest.add_to(desk / "desk.yaml", provider.url)
        rules = desk / "rules.yaml"  # what the guest is asked to send, the test decides
        rules.write_text(rules.read_text().replace("if: always", "if: {channel: line}"))
        with (
            embedded(folder / "house", simulator, desk, {"PYTHONPATH": str(folder / "plugins")}) as house,
            house.client("mara") as mara,
        ):
            scene = Scene(house, provider, mara)
            for contact in (ANNA, BERT):
                assert scene.write(contact, "hello") == 200
                conversation_of(mara, contact)
            yield scene


def test_a_pause_of_the_whole_process_is_nobodys_fault(scene: Scene, tmp_path: Path) -> None:
    mark = tmp_path / "verify-has-begun"
    program = scene.house.programs["up"]
    late = scene.answer(ANNA, "late, and then the process stands still")
    with ThreadPoolExecutor(1) as pool:
        until(lambda: scene.provider.asked[-1:] == ["late, and then the process stands still"], "it is being sent")
        given = pool.submit(scene.write, BERT, "written before the pause", **{"x-mark": str(mark)})
        until(mark.exists, "verify has begun")
        program.tell(signal.SIGSTOP)
        time.sleep(slow_guest.SEND_SECONDS + 1)  # the fault itself: longer than any limit that is running
        program.tell(signal.SIGCONT)
        assert given.result() == 200

    until(lambda: scene.state(late) == "sent", "the answer came while nobody could read it")
    bert = str(conversation_of(scene.mara, BERT)["id"])
    until(lambda: texts(messages_of(scene.mara, bert), "in") == ["hello", "written before the pause"], "shown")
    assert scene.ready()["degraded"] is False, scene.ready()


def test_a_provider_that_never_ends_its_answer_costs_its_own_message_only(scene: Scene) -> None:
    endless = scene.answer(ANNA, "drip")
    quick = scene.answer(BERT, "quick")

    until(lambda: scene.state(quick) == "sent", "the other conversation goes on")
    until(lambda: scene.state(endless) == "unconfirmed", "nobody knows whether it arrived")
    assert scene.ready()["degraded"] is False, scene.ready()


def test_what_cannot_send_for_now_still_receives_and_its_messages_wait(scene: Scene) -> None:
    contacts = [f"contact-{number}@guests.example" for number in range(4)]
    for contact in contacts:
        assert scene.write(contact, "hello") == 200
    for contact in contacts[:3]:
        scene.answer(contact, "raise")
    until(lambda: scene.ready()["degraded"], "set aside for sending")

    ready = scene.ready()
    assert ready["ready"] is True
    assert "send raised RuntimeError" in ready["checks"][f"plugin {slow_guest.NAME}: send"]
    waits = scene.answer(contacts[3], "as soon as it can")
    assert scene.write(contacts[3], "still there?") == 200
    there = str(conversation_of(scene.mara, contacts[3])["id"])
    until(lambda: texts(messages_of(scene.mara, there), "in") == ["hello", "still there?"], "it receives")

    until(lambda: scene.state(waits) == "sent", "let in by a probe, and sent")
    until(lambda: not scene.ready()["degraded"], "nothing is set aside any more")
