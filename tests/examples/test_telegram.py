"""The example channel of a third party: installed, at work in a house of its own, removed; what was said stays."""

from __future__ import annotations

import importlib.util
import json
import re
import sys
from types import ModuleType
from typing import Any

import httpx
import pytest

from tests import loopback
from tests.docs.pages import ROOT
from tests.docs.programs import Program, listening_at
from tests.scratch import ALONE, Scratch

FOLDER = ROOT / "examples" / "casella-telegram"
DESK = """
desk: A shop
inboxes:
  shop: {name: Shop, teams: [shop]}
connections:
  bot:
    type: telegram
    settings:
      token: ${CASELLA_SECRET_TELEGRAM_TOKEN}
      webhook_secret: ${CASELLA_SECRET_TELEGRAM_WEBHOOK}
      base_url: ${CASELLA_SECRET_TELEGRAM_URL}
channels:
  shop-bot: {connection: bot, inbox: shop, address: "123456789"}
teams:
  shop: {name: Shop}
agents:
  ann: {name: Ann, email: ann@shop.example, teams: [shop]}
"""
RULES = """
rules:
  - name: Everybody is greeted
    when: conversation_opened
    if: {channel: telegram}
    then:
      - assign: {team: shop}
      - reply: {text: "Hello {{ contact.first_name | default('there') }}!"}
"""
PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c49444154789c63606060000000040001f61738550000000049454e44ae426082"
)


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Scratch:
    made = Scratch(tmp_path_factory.mktemp("telegram"))
    made.install(FOLDER)
    desk = made.folder / "desk"
    desk.mkdir()
    (desk / "desk.yaml").write_text(DESK)
    (desk / "rules.yaml").write_text(RULES)
    return made


@pytest.fixture(scope="module")
def simulated() -> ModuleType:
    """The distribution's own simulator, which lies beside its tests."""
    before = {name: sys.modules.pop(name) for name in list(sys.modules) if name.partition(".")[0] == "tests"}
    sys.path.insert(0, str(FOLDER))
    try:
        spec = importlib.util.spec_from_file_location("telegram_simulator", FOLDER / "tests" / "simulator.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(FOLDER))
        for name in [name for name in sys.modules if name.partition(".")[0] == "tests"]:
            del sys.modules[name]
        sys.modules.update(before)
    return module


@pytest.mark.slow
def test_it_passes_its_own_tests_and_is_soundly_typed(scratch: Scratch) -> None:
    tested = scratch.run("-m", "pytest", *ALONE, cwd=FOLDER)
    assert tested.returncode == 0, tested.stdout
    passed = re.search(r"(\d+) passed", tested.stdout)
    assert passed
    assert int(passed[1]) > 100
    typed = scratch.run("-m", "mypy", "--cache-dir", str(scratch.folder / "mypy"), cwd=FOLDER)
    assert typed.returncode == 0, typed.stdout


def test_it_knows_the_contract_and_nothing_else_of_ours() -> None:
    for path in (FOLDER / "casella_telegram").glob("*.py"):
        imported = re.findall(r"^\s*(?:from|import) (casella[\w.]*)", path.read_text(), re.MULTILINE)
        allowed = re.compile(r"casella\.plugin(\.\w+)?|casella_telegram(\.\w+)?")
        assert [name for name in imported if not allowed.fullmatch(name)] == [], path.name


@pytest.mark.slow
def test_it_works_in_a_house_and_what_was_said_stays_when_it_is_removed(
    scratch: Scratch, simulated: ModuleType
) -> None:
    with simulated.simulator() as telegram:
        variables = {
            "CASELLA_SECRET_TELEGRAM_TOKEN": simulated.TOKEN, "CASELLA_SECRET_TELEGRAM_WEBHOOK": "s3cret",
            "CASELLA_SECRET_TELEGRAM_URL": telegram.url,
            "CASELLA_PORT": "0", "CASELLA_PRIVATE_HOSTS": telegram.url.removeprefix("http://"),
        }  # fmt: skip
        environment = scratch.environment(**variables)
        with Program(scratch.command("up", "--desk", "desk"), scratch.folder, environment) as house:
            address = house.wait_for(listening_at)
            telegram.webhook, telegram.secret = f"{address}/webhooks/bot", "s3cret"
            ann = signed_in(scratch)
            at_work(scratch, telegram, house, address, ann)
            assert house.interrupt() == 0, house.output
        assert simulated.TOKEN.partition(":")[2] not in house.output
    scratch.uninstall("casella-telegram")
    removed(scratch, ann)


def at_work(scratch: Scratch, telegram: Any, house: Program, address: str, ann: dict[str, str]) -> None:
    """A text and the rule's answer, a picture, an agent's answer with buttons, a pressed button and
    what it is told, an edit."""
    assert telegram.says("Ciao") == 200
    house.until(lambda: telegram.sent("sendMessage"))
    assert telegram.sent("sendMessage")[0]["text"] == "Hello Ada!"
    telegram.files["AgACbig"] = PICTURE
    telegram.says(caption="The roof", photo=[{"file_id": "AgACbig", "width": 1, "height": 1}])

    with loopback.Client(base_url=address, timeout=10, headers=ann) as http:
        [conversation] = http.get("/api/v1/conversations").json()["items"]
        messages = f"/api/v1/conversations/{conversation['id']}/messages"
        house.until(lambda: stored_pictures(http, messages))
        body = {
            "text": "Which one?",
            "content": {"kind": "buttons", "choices": [{"id": "n7", "title": "Number seven"}]},
        }
        sent = http.post(messages, json=body, headers={"Idempotency-Key": "one"})
        assert sent.status_code == 201, sent.text
        house.until(lambda: len(telegram.sent("sendMessage")) == 2)
        keyboard = telegram.sent("sendMessage")[1]["reply_markup"]
        pressed = {"message_id": 1002, "chat": telegram_chat(), "date": 1_795_000_000, "reply_markup": keyboard}
        telegram.post({"callback_query": {"id": "c1", "from": {"first_name": "Ada"}, "data": "n7", "message": pressed}})
        assert telegram.sent("answerCallbackQuery") == [{"callback_query_id": "c1"}], "the button stops waiting"
        telegram.post({"edited_message": {**pressed, "message_id": 1, "edit_date": 1_795_000_009, "text": "Ciao!"}})
        house.until(lambda: {"Number seven", "Ciao!"} <= {item["text"] for item in items(http, messages)})
        assert conversation["contact"]["name"] == "Ada Lovelace"
    listed = json.loads(scratch.casella("channels", "--json").stdout)
    assert ("telegram", "ready") in {(line["type"], line["state"]) for line in listed["types"]}
    assert [(line["key"], line["state"]) for line in listed["channels"]] == [("shop-bot", "ready")]


def removed(scratch: Scratch, ann: dict[str, str]) -> None:
    listed = json.loads(scratch.casella("channels", "--json").stdout)
    assert "telegram" not in {line["type"] for line in listed["types"]}
    assert [(line["key"], line["state"]) for line in listed["channels"]] == [("shop-bot", "plugin_missing")]
    with Program(scratch.command("up"), scratch.folder, scratch.environment(CASELLA_PORT="0")) as house:
        address = house.wait_for(listening_at)
        with loopback.Client(base_url=address, timeout=10, headers=ann) as http:
            [conversation] = http.get("/api/v1/conversations").json()["items"]
            messages = f"/api/v1/conversations/{conversation['id']}/messages"
            assert {"Hello Ada!", "The roof", "Number seven"} <= {item["text"] for item in items(http, messages)}
            [picture] = [item["attachments"][0] for item in items(http, messages) if item["attachments"]]
            assert http.get(picture["url"]).content == PICTURE
            waits = http.post(messages, json={"text": "Still there?"}, headers={"Idempotency-Key": "two"})
            assert (waits.status_code, waits.json()["state"]) == (201, "queued"), waits.text
        assert house.interrupt() == 0, house.output


def signed_in(scratch: Scratch) -> dict[str, str]:
    return {"authorization": f"Bearer {scratch.casella('token', 'ann').stdout.strip()}"}


def items(http: httpx.Client, messages: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = http.get(messages).json()["items"]
    return found


def stored_pictures(http: httpx.Client, messages: str) -> list[dict[str, Any]]:
    files = [file for item in items(http, messages) for file in item["attachments"]]
    return [file for file in files if file["state"] == "stored"]


def telegram_chat() -> dict[str, object]:
    return {"id": 5550001, "type": "private", "first_name": "Ada"}
