"""The plugin author's page: what it builds is built, proven with the kit, and receives and answers in a real house."""

from __future__ import annotations

import hmac
import inspect
import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from casella import plugin
from casella.plugin import AttachmentLimits, Capabilities, ChannelPlugin, testing
from casella.plugin.version import SINCE
from tests.docs import contract_tables
from tests.docs.pages import ROOT, blocks, files
from tests.docs.programs import Program, listening_at, program

PAGE = ROOT / "docs" / "plugins.md"
SECRET, TOKEN = "secret-of-the-house", "token-of-the-house"


# --- what it builds -----------------------------------------------------------------------------------------------


class Acme:
    """The provider of the page: takes messages at /v1/messages and gives each an id."""

    def __init__(self) -> None:
        self.taken: list[dict[str, str]] = []
        self.reports: list[dict[str, str]] = []
        self.arrived = threading.Event()
        acme = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                if self.path == "/v1/reports":
                    acme.reports.append(json.loads(body))
                    self.send_response(204)
                    self.end_headers()
                    return
                authentic = (self.path, self.headers["authorization"]) == ("/v1/messages", f"Bearer {TOKEN}")
                if authentic:
                    acme.taken.append(json.loads(body))
                self.send_response(201 if authentic else 401)
                self.end_headers()
                self.wfile.write(b'{"id": "m-9"}')
                acme.arrived.set()

            def log_message(self, format: str, *args: object) -> None:
                """Nothing: the test's output is not its log."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"


@pytest.fixture
def acme() -> Iterator[Acme]:
    provider = Acme()
    thread = threading.Thread(target=provider.server.serve_forever, args=(0.05,))
    thread.start()
    yield provider
    provider.server.shutdown()
    thread.join()
    provider.server.server_close()


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder `casella-acme` as the page writes it, with the desk beside it, installed into `site`."""
    folder = tmp_path_factory.mktemp("author")
    for name, text in files(PAGE).items():
        file = folder / name if name.startswith("acme-desk/") else folder / "casella-acme" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
    done = run([*install, "--target", "site", "./casella-acme"], folder)
    assert done.returncode == 0, done.stderr
    return folder


def run(command: list[str], folder: Path, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=folder, env=environment(folder, **more), capture_output=True, text=True, timeout=110
    )


def environment(folder: Path, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CASELLA_", "PYTEST_", "COV_"))}
    return {
        **kept,
        "PYTHONPATH": str(folder / "site"),
        "CASELLA_DATA_DIR": str(folder / "var"),
        "COLUMNS": "200",
        **more,
    }


@pytest.mark.slow
def test_the_package_passes_the_conformance_kit(package: Path) -> None:
    alone = ["-q", "-p", "no:cacheprovider", "-p", "no:randomly", "-W", "error", "-c", os.devnull]
    done = run([sys.executable, "-m", "pytest", *alone, "casella-acme/tests"], package)
    assert done.returncode == 0, done.stdout
    passed = re.search(r"(\d+) passed", done.stdout)
    assert passed, done.stdout
    assert int(passed[1]) > 40


def test_the_host_finds_the_plugin_by_its_entry_point(package: Path) -> None:
    done = run([program("casella"), "channels"], package)
    assert (done.returncode, "ACME chat" in done.stdout, "sms" in done.stdout) == (0, True, True), done.stdout


def test_the_desk_of_the_page_is_sound(package: Path) -> None:
    done = run([program("casella"), "check", "acme-desk"], package)
    assert done.returncode == 0, done.stderr
    assert "acme-shop (shop)" in done.stdout


def test_the_rules_of_the_page_do_what_their_test_says(package: Path) -> None:
    done = run([program("casella"), "test", "acme-desk"], package)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 " in done.stdout
    listed = run([program("casella"), "channels", "--json"], package)
    added = {(line["kind"], line["name"], line["state"]) for line in json.loads(listed.stdout)["rules"]}
    assert added == {
        ("field", "acme.guest", "ready"), ("action", "acme.report", "ready"), ("strategy", "acme.most_room", "ready"),
    }  # fmt: skip


@pytest.mark.slow
def test_a_webhook_goes_all_the_way_through_a_real_house(package: Path, acme: Acme) -> None:
    """Signed webhook in, rule, reply out to the provider, receipt back."""
    secrets = {
        "CASELLA_SECRET_ACME_TOKEN": TOKEN,
        "CASELLA_SECRET_ACME_WEBHOOK": SECRET,
        "CASELLA_SECRET_ACME_URL": acme.url,
        "CASELLA_PRIVATE_HOSTS": acme.url.removeprefix("http://"),
        "CASELLA_PORT": "0",
    }
    variables = environment(package, **secrets)
    [example] = [block.text for block in blocks(PAGE) if block.language == "json"]
    hello, receipt = json.loads(example)["events"]
    with Program([program("casella"), "up", "--desk", "acme-desk"], package, variables) as house:
        address = house.wait_for(listening_at)
        token = run([program("casella"), "token", "ann"], package, **secrets).stdout.strip()
        with httpx.Client(base_url=address, timeout=10) as http:
            forged = http.post("/webhooks/acme", content=b"{}", headers={"x-acme-signature": "0" * 64})
            assert forged.status_code == 403
            assert post(http, hello) == 200
            assert acme.arrived.wait(60), house.output
            [sent] = acme.taken
            assert (sent["from"], sent["to"], sent["text"]) == ("shop", "ada", "Hello Ada, how can we help?")
            assert post(http, {**receipt, "reference": sent["reference"]}) == 200
            http.headers["authorization"] = f"Bearer {token}"
            house.until(lambda: states(http) == {"Hello": "received", sent["text"]: "delivered"})
            assert post(http, {**hello, "id": "m-2", "from": "guest-7", "text": "Come to our casino!"}) == 200
            house.until(lambda: acme.reports == [{"user": "guest-7", "reason": "spam"}])
        assert house.interrupt() == 0, house.output
    shutil.rmtree(package / "var")


def post(http: httpx.Client, event: dict[str, str]) -> int:
    body = json.dumps({"events": [event]}).encode()
    signature = hmac.new(SECRET.encode(), body, sha256).hexdigest()
    headers = {"content-type": "application/json", "x-acme-signature": signature}
    return http.post("/webhooks/acme", content=body, headers=headers).status_code


def states(http: httpx.Client) -> dict[str, str]:
    [conversation] = http.get("/api/v1/conversations").json()["items"]
    items = http.get(f"/api/v1/conversations/{conversation['id']}/messages").json()["items"]
    return {item["text"]: item["state"] for item in items}


# --- its reference ------------------------------------------------------------------------------------------------


def rows() -> list[str]:
    """What stands in the first column of its tables."""
    reference = PAGE.read_text(encoding="utf-8").partition("# Reference\n")[2]
    return re.findall(r"^\| `(\w+)(?:\(.*\))?` \|", reference, re.MULTILINE)


def test_every_name_of_the_contract_has_its_row() -> None:
    fields = {*Capabilities.model_fields, *AttachmentLimits.model_fields}
    members = {name for name in vars(ChannelPlugin) if not name.startswith("_")} | set(ChannelPlugin.__annotations__)
    expected = {*plugin.__all__, *testing.__all__, *fields, *members}
    described_in_text = {"AttachmentLimits"}
    assert set(rows()) == expected - described_in_text
    assert len(rows()) == len(set(rows()))
    assert "\n`AttachmentLimits`:\n" in PAGE.read_text()


def test_the_methods_are_written_with_their_arguments() -> None:
    written = dict(re.findall(r"^\| `(\w+)\((\w+(?:, \w+)*)\)` \|", PAGE.read_text(), re.MULTILINE))
    methods = {name: one for name, one in vars(ChannelPlugin).items() if inspect.isfunction(one) and name[0] != "_"}
    real = {name: ", ".join(list(inspect.signature(one).parameters)[1:]) for name, one in methods.items()}
    assert written == real


def test_the_fields_that_a_row_names_exist() -> None:
    """`external_id` and the like, of everything whose row lists them."""
    for name, text in re.findall(r"^\| `(\w+)` \| (.*) \|$", PAGE.read_text(), re.MULTILINE):
        described = getattr(plugin, name, None)
        if not inspect.isclass(described):
            continue
        known = {*dir(described), *getattr(described, "model_fields", {}), *inspect.signature(described).parameters}
        listed = re.findall(r"`([a-z]\w*)`", text.partition(": ")[2])
        assert set(listed) <= known | _VALUES, f"{name}: {set(listed) - known}"


@pytest.mark.parametrize("name", contract_tables.TABLES)
def test_the_tables_of_values_and_time_limits_are_made_from_the_types(name: str) -> None:
    """After a change: python -m tests.docs.contract_tables"""
    page = PAGE.read_text(encoding="utf-8")
    assert contract_tables.written(name, page) == contract_tables.TABLES[name]()


@pytest.mark.parametrize("name", SINCE)
def test_what_came_later_says_since_when(name: str) -> None:
    owner, _, part = name.rpartition(".")
    row = part if owner in ("", "ChannelPlugin", "Capabilities") else owner
    reference = PAGE.read_text(encoding="utf-8").partition("# Reference\n")[2]
    found = re.findall(rf"^\| `{row}(?:\(.*\))?` \|.*$", reference, re.MULTILINE)
    assert len(found) == 1
    assert re.search(rf"[Ss]ince {SINCE[name]}", found[0])
    members = {*dir(getattr(plugin, owner)), *getattr(getattr(plugin, owner), "model_fields", {})} if owner else {part}
    assert part in members


_VALUES = {"sent", "delivered", "read", "failed", "taken", "not_taken", "unknown", "unconfirmed", "lookup"}
