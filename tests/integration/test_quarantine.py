"""A broken guest breaks nobody else: plugins that raise, hang or answer nonsense in each of their methods, all of them
at once in one running Casella. They are set aside and named, the SMS channel goes on, their webhooks are kept raw, and
after the fix `casella replay` brings everything in, in order, once."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from casella_simulator import Simulator
from tests.acceptance.desk_work import conversation_of, messages_of, reply, texts
from tests.integration.rig import guests
from tests.integration.rig.desks import NUMBER, busy_desk
from tests.integration.rig.guests import GUESTS, Guest
from tests.integration.rig.houses import House, embedded
from tests.integration.rig.programs import until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
_numbers = itertools.count(1)
AT_ONCE = 9  # guests asked together: each hangs for as long as it may, and waiting for one after the other adds up
FILE = b"a file that a guest's contact sent\n"
REACHED_BY_RECEIVING = ("import", "verify", "translate", "locate_media", "consent_pool")
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
        return httpx.post(url, json=body, headers={"x-guest": guest.name}, timeout=60).status_code

    def conversation(self, client: httpx.Client, guest: Guest) -> str:
        return str(conversation_of(client, f"contact-of-{guest.name}")["id"])

    def set_aside(self) -> set[str]:
        checks = httpx.get(f"{self.house.url}/ready", timeout=30).json()["checks"]
        return {name.removeprefix("plugin ") for name in checks if name.startswith("plugin ")}


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


def test_broken_guests_are_set_aside_and_everything_comes_in_after_the_fix(scene: Scene) -> None:
    house = scene.house
    with house.client("mara") as mara:
        _from_each(lambda guest: scene.write(guest, "before"))
        conversations = {guest: scene.conversation(mara, guest) for guest in GUESTS}

    _restart(scene, lambda: guests.break_all(scene.plugins))
    with house.client("mara") as mara:
        for number in (1, 2):
            _from_each(lambda guest, text=f"while broken {number}": scene.write(guest, text))
            assert _sms_works(scene, mara, f"+120255811{number:02}")
        unreached = [guest for guest in GUESTS if guest.method not in REACHED_BY_RECEIVING]
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for answer in pool.map(lambda guest: reply(mara, conversations[guest], "an answer"), unreached):
                assert answer.status_code in (201, 422, 503), answer.text
        until(lambda: scene.set_aside() == {guest.name for guest in GUESTS}, _missing(scene))
        assert _sms_works(scene, mara, "+12025581199")
        assert scene.write(GUESTS[0], "while set aside") == 200
        _named_by_the_command_line(scene)

    _restart(scene, lambda: guests.mend(scene.plugins))
    replayed = house.casella("replay")
    assert replayed.returncode == 0, replayed.stdout + replayed.stderr
    assert " 0 still kept" in replayed.stdout
    with house.client("mara") as mara:
        for guest in GUESTS:
            wanted = ["before", "while broken 1", "while broken 2"]
            wanted += ["while set aside"] if guest is GUESTS[0] else []
            _has_come_in(mara, conversations[guest], guest, wanted)
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(lambda guest: _can_be_answered(mara, conversations[guest], guest), GUESTS))
    assert scene.set_aside() == set()
    again = house.casella("replay")
    assert "0 brought in" in again.stdout
    doctor = house.casella("doctor")
    assert "set aside" not in doctor.stdout


def _from_each(write: Callable[[Guest], int]) -> None:
    """A webhook of every guest, several at once; all are taken."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        answers = dict(zip(GUESTS, pool.map(write, GUESTS), strict=True))
    assert {guest.name: status for guest, status in answers.items() if status != 200} == {}


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


def _missing(scene: Scene) -> str:
    return f"set aside: {sorted({guest.name for guest in GUESTS} - scene.set_aside())} are missing"


def _named_by_the_command_line(scene: Scene) -> None:
    with ThreadPoolExecutor(2) as pool:  # both wait for the plugin that hangs when it is imported
        asked = pool.submit(scene.house.casella, "channels", COLUMNS="200"), pool.submit(scene.house.casella, "doctor")
        channels, doctor = (answer.result() for answer in asked)
    assert (channels.returncode, doctor.returncode) == (1, 1)
    for guest in GUESTS:
        assert f"plugin {guest.name}: set aside" in doctor.stdout, doctor.stdout
        if guest.method == "import":
            assert guest.name in channels.stdout
    assert "set aside" in channels.stdout
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
