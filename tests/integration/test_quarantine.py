"""A broken guest breaks nobody else: plugins that raise, hang or answer nonsense, all of them at once in one running
Casella. They are set aside by degrees and named, the SMS channel goes on, their webhooks are kept, and after the fix
everything comes in by itself, in order, once."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

import httpx
import pytest

from casella_simulator import Simulator
from tests import loopback
from tests.acceptance.desk_work import conversation_of, messages_of, reply, texts
from tests.integration.rig import guests
from tests.integration.rig.desks import NUMBER, busy_desk
from tests.integration.rig.guests import GUESTS, Guest
from tests.integration.rig.houses import House, embedded
from tests.integration.rig.programs import until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
_numbers = itertools.count(1)
T = TypeVar("T")
FILE = b"a file that a guest's contact sent\n"
KEPT_RAW = ("import", "verify", "translate")


@dataclass
class Scene:
    house: House
    provider: Simulator
    plugins: Path
    file: str

    def write(self, guest: Guest, text: str) -> int:
        """A webhook of the guest's provider. Returns the answer's status."""
        number = next(_numbers)
        body = {"from": f"contact-of-{guest.name}", "to": guest.address, "id": f"in-{number}", "text": text}
        body |= {"file": self.file} if guest.method == "locate_media" else {}
        url = f"{self.house.url}/webhooks/{guest.name}"
        return loopback.post(url, json=body, headers={"x-guest": guest.name}, timeout=60).status_code

    def conversation(self, client: httpx.Client, guest: Guest) -> str:
        return str(conversation_of(client, f"contact-of-{guest.name}")["id"])

    def set_aside(self) -> set[str]:
        checks = loopback.get(f"{self.house.url}/ready", timeout=30).json()["checks"]
        return {name.removeprefix("plugin ").partition(":")[0] for name in checks if name.startswith("plugin ")}


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    plugins = tmp_path / "plugins"
    guests.install(plugins)
    with Simulator() as provider:
        desk = _desk(tmp_path / "desk", provider.url)
        file = provider.file(FILE, "text/plain", "note.txt")
        with embedded(tmp_path / "house", provider, desk, {"PYTHONPATH": str(plugins)}) as house:
            yield Scene(house, provider, plugins, f"/_sim/media/{file.id}")


def _desk(folder: Path, provider_url: str) -> Path:
    busy_desk(folder)
    desk = folder / "desk.yaml"
    connections, channels = guests.desk_parts(provider_url)
    text = (
        desk.read_text().replace("channels:\n", f"{connections}channels:\n").replace("teams:\n", f"{channels}teams:\n")
    )
    desk.write_text(text)
    # Rules answer on the SMS line only: what a guest is asked to send, the test decides.
    rules = folder / "rules.yaml"
    rules.write_text(rules.read_text().replace("if: always", "if: {channel: line}"))
    return folder


def test_broken_guests_are_set_aside_and_everything_comes_in_by_itself_after_the_fix(scene: Scene) -> None:
    house = scene.house
    with house.client("mara") as mara:
        _from_each(partial(scene.write, text="before"))
        conversations = {guest: scene.conversation(mara, guest) for guest in GUESTS}

    _restart(scene, lambda: guests.break_all(scene.plugins))
    with house.client("mara") as mara:
        for number in range(3):
            _from_each(partial(scene.write, text=f"while broken {number}"))

        def answered(guest: Guest) -> None:
            for number in range(3 if guest.method == "send" else 1):
                answer = reply(mara, conversations[guest], f"an answer {number}")
                assert answer.status_code in (201, 503), answer.text

        _at_once(answered, [guest for guest in GUESTS if guest.method not in KEPT_RAW])
        wanted = {guest.name for guest in GUESTS if guest.method in (*KEPT_RAW, "send")}
        until(lambda: scene.set_aside() >= wanted, f"set aside: {sorted(wanted)}")
        assert _sms_works(scene, mara, "+12025581199")
        _named_by_the_command_line(scene)

    _restart(scene, lambda: guests.mend(scene.plugins))
    with house.client("mara") as mara:
        for guest in GUESTS:
            _has_come_in(mara, conversations[guest], guest, ["before", *(f"while broken {n}" for n in range(3))])
        _at_once(lambda guest: _can_be_answered(mara, conversations[guest], guest), GUESTS)
    until(lambda: scene.set_aside() == set(), "nothing is set aside")
    assert "kept webhooks: 0" in house.casella("doctor").stdout


def _at_once(ask: Callable[[Guest], T], asked: Sequence[Guest]) -> list[T]:
    """Several guests together: each hangs for as long as it may, and waiting for one after the other adds up."""
    with ThreadPoolExecutor(9) as pool:
        return list(pool.map(ask, asked))


def _from_each(write: Callable[[Guest], int]) -> None:
    """A webhook of every guest; all are taken."""
    answers = zip(GUESTS, _at_once(write, GUESTS), strict=True)
    assert {guest.name: status for guest, status in answers if status != 200} == {}


def _restart(scene: Scene, change: object) -> None:
    """Stop, install other versions of the plugins, start; as an operator does it."""
    assert callable(change)
    program = scene.house.programs["up"]
    assert program.stop() == 0, "a hanging plugin must not keep the process from ending"
    change()
    program.start()
    scene.house.wait_ready()


def _sms_works(scene: Scene, client: httpx.Client, phone: str) -> bool:
    scene.provider.text_from(phone, "are you there?", to=NUMBER)
    until(lambda: [one for one in scene.provider.accepted() if one.to == phone], "the SMS channel's answer")
    return texts(messages_of(client, conversation_of(client, phone)["id"]), "in") == ["are you there?"]


def _named_by_the_command_line(scene: Scene) -> None:
    with ThreadPoolExecutor(2) as pool:  # both wait for the plugin that hangs when it is imported
        asked = pool.submit(scene.house.casella, "channels", COLUMNS="200"), pool.submit(scene.house.casella, "doctor")
        channels, doctor = (answer.result() for answer in asked)
    assert (channels.returncode, doctor.returncode) == (1, 1)
    for guest in GUESTS:
        if guest.method == "import":
            assert f"plugin {guest.name}: set aside" in doctor.stdout, doctor.stdout
            assert guest.name in channels.stdout
        if guest.method in ("verify", "translate"):
            assert f"plugin {guest.name}: {guest.method}: set aside" in doctor.stdout, doctor.stdout
    assert "kept webhooks" in doctor.stdout


def _has_come_in(client: httpx.Client, conversation: str, guest: Guest, wanted: list[str]) -> None:
    def there() -> list[str]:
        return texts(messages_of(client, conversation), "in")

    until(lambda: len(there()) >= len(wanted), f"{guest.name}: {wanted}")
    assert there() == wanted, guest.name
    if guest.method == "locate_media":
        until(lambda: _files(client, conversation) == ["stored"] * len(wanted), f"{guest.name}: files")


def _files(client: httpx.Client, conversation: str) -> list[str]:
    return [file["state"] for message in messages_of(client, conversation) for file in message["attachments"]]


def _can_be_answered(client: httpx.Client, conversation: str, guest: Guest) -> None:
    answer = reply(client, conversation, "after the fix")
    assert answer.status_code == 201, f"{guest.name}: {answer.text}"
    until(
        lambda: client.get(f"/api/v1/messages/{answer.json()['id']}").json()["state"] == "sent",
        f"{guest.name}: the answer sent",
    )
