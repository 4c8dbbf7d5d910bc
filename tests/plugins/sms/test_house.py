"""Vonage, Telnyx and Bandwidth from end to end in one house: a phone at the simulated provider writes and sends a
picture, an agent answers in words and with a picture, receipts come back. Neither side knows the other's code."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select

from casella.errors import SendRefused
from casella.inbox.receiving import media, missed_messages
from casella.inbox.sending.settling import look_up_unconfirmed
from casella.plugin import Webhook, WebhookAnswer
from casella.store.tables import attachments, channels, conversations, messages
from casella_simulator import Faults, Simulator, SimulatorConfig, TwilioAccount
from casella_sms.channel import SmsChannel
from tests.house import PNG
from tests.plugins.sms.test_further_providers import ACCOUNTS, Account
from tests.simulator.desk import PHONE, SID, TOKEN
from tests.simulator.graph_desk import GraphHouse, HouseWebhook

CHOSEN = [account for account in ACCOUNTS if account.name != "vonage-sms"]
TWILIO_LINE = "+12025550174"
LINES = {"telnyx": "+12025550171", "bandwidth": "+12025550172", "vonage": "+12025550173"}
DESK = """
desk: Text messages
timezone: Europe/Rome
locales: [en]
tags: []
inboxes: {support: {name: Support, teams: [front]}}
teams: {front: {name: Front desk}}
agents: {ann: {name: Ann, email: ann@desk.example, teams: [front]}}
"""


class TextHouse(GraphHouse):
    """It also gives out the files that providers fetch, as `casella serve` would. While it is `deaf`, its database
    cannot be reached."""

    deaf = False

    def take(self, connection: str, webhook: Webhook) -> WebhookAnswer:
        return WebhookAnswer(status=503) if self.deaf else super().take(connection, webhook)

    def file(self, path: str) -> tuple[bytes, str] | None:
        link = self.rooms.links.linked(path.rpartition("/")[2])
        if link is None:
            return None
        with self.rooms.store.read() as db:
            row = db.execute(select(attachments).where(attachments.c.id == link.attachment_id)).one()
        with self.rooms.media.open(row.storage_key) as file:
            return file.read(), row.mime


class _Door(HouseWebhook):
    def do_GET(self) -> None:
        house: TextHouse = self.server.house  # type: ignore[attr-defined]  # set in running()
        found = house.file(self.path)
        self.send_response(200 if found else 404)
        content, mime = found or (b"", "text/plain")
        self.send_header("Content-Type", mime)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@dataclass
class Running:
    """The house, and the simulator it talks to."""

    house: TextHouse
    sim: Simulator

    def settle(self) -> None:
        """Everything leaves, and what the provider says of it is applied."""
        self.house.deliver()
        self.sim.wait_until_quiet()
        self.house.drain()

    def conversation(self, provider: str) -> str:
        [channel] = [row["id"] for row in self.house.rows(channels) if row["key"] == f"line-{provider}"]
        return str(self.house.one(conversations, channel_id=channel)["id"])

    def ours(self, provider: str) -> list[dict[str, object]]:
        return self.house.rows(messages, conversation_id=self.conversation(provider), direction="out")


def _desk(sim_url: str) -> tuple[str, dict[str, str]]:
    connections, lines, environment = [], [], {}
    for account in CHOSEN:
        settings = []
        for name, value in {"provider": account.provider, **account.there_and_here(sim_url)}.items():
            if any(word in name for word in ("key", "secret", "password")) and name != "public_key":
                environment[f"{account.provider}_{name}".upper()] = str(value)
                value = f"${{{account.provider}_{name}}}".upper()
            settings.append(f"{name}: '{value}'")
        connections.append(f"  {account.provider}: {{type: sms, settings: {{{', '.join(settings)}}}}}")
        lines.append(
            f"  line-{account.provider}: {{connection: {account.provider}, inbox: support, "
            f"address: '{LINES[account.provider]}', options: {{registration: registered}}}}"
        )
    twilio = f"{{account_sid: {SID}, auth_token: '${{TWILIO_TOKEN}}', base_url: '{sim_url}'}}"
    connections.append(f"  twilio: {{type: sms, settings: {twilio}}}")
    lines.append(f"  line-twilio: {{connection: twilio, inbox: support, address: '{TWILIO_LINE}'}}")
    environment["TWILIO_TOKEN"] = TOKEN
    parts = ["connections:", *connections, "channels:", *lines]
    return DESK + "\n".join(parts) + "\n", environment


@contextmanager
def running(url: str, folder: Path) -> Iterator[Running]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Door)
    server.daemon_threads = False
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    public = f"http://127.0.0.1:{server.server_port}"
    try:
        with Simulator(SimulatorConfig()) as sim, TextHouse(
            url, folder, plugins=[SmsChannel()], desk=None, public_url=public, private_hosts=urlsplit(sim.url).netloc
        ) as house:  # fmt: skip
            desk, environment = _desk(sim.url)
            house.apply(desk=desk, rules="rules: []\n", canned="canned: {}\n", environment=environment)
            server.house = house  # type: ignore[attr-defined]  # the stdlib's way to reach state
            for account in CHOSEN:
                number = {"number": LINES[account.provider], "webhook_url": f"{public}/webhooks/{account.provider}"}
                values = {"provider": account.provider, **account.there, "numbers": [number]}
                sim.configure(account.model.model_validate(values))  # type: ignore[arg-type]  # one of the union
            number = {"number": TWILIO_LINE, "webhook_url": f"{public}/webhooks/twilio"}
            sim.configure(TwilioAccount.model_validate({"sid": SID, "auth_token": TOKEN, "numbers": [number]}))
            house.clock.move(seconds=(datetime.now(UTC) - house.clock.now()).total_seconds())
            yield Running(house, sim)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture(scope="module")
def here(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Booted once for all of them."""
    folder = tmp_path_factory.mktemp("texting")
    (folder / "casella.db").write_bytes(sqlite_template.read_bytes())
    with running(f"sqlite:///{folder / 'casella.db'}", folder) as built:
        yield built


@pytest.mark.parametrize("account", CHOSEN, ids=lambda account: account.provider)
def test_words_and_pictures_go_both_ways_and_a_lost_answer_is_settled(here: Running, account: Account) -> None:
    provider, sim, house = account.provider, here.sim, here.house
    picture = sim.file(PNG, "image/png", "roof.png")
    arrival = sim.text_from(PHONE, "Is this ours? 😀", to=LINES[provider], provider=provider, media=[picture])
    assert arrival.status == 200, arrival
    house.drain()
    talk = here.conversation(provider)
    came = house.one(messages, conversation_id=talk, direction="in")
    assert (came["text"], came["kind"]) == ("Is this ours? 😀", "image")
    while media.fetch_due(house.rooms, house.http):
        pass
    kept = house.one(attachments, message_id=came["id"])
    assert (kept["state"], kept["mime"], kept["size"]) == ("stored", "image/png", len(PNG))

    house.reply("Yes, it is.", talk)
    house.reply("", talk, attachment_ids=[house.upload()])
    here.settle()
    assert [row["state"] for row in here.ours(provider)] == ["delivered", "delivered"]
    said = [entry for entry in sim.phone(PHONE).entries if entry.provider == provider and entry.author == "business"]
    assert [entry.text for entry in said] == ["Yes, it is.", ""]
    assert [file.content for entry in said for file in entry.media] == [PNG]
    assert sim.repeated() == []

    sim.set_faults(Faults(cut_after=1.0))
    try:
        lost = house.reply("One more thing.", talk)
        here.settle()
    finally:
        sim.set_faults()
    look_up_unconfirmed(house.rooms, house.http)
    assert house.one(messages, id=lost)["state"] == "delivered"
    assert [entry.body for entry in sim.accepted() if entry.provider == provider].count("One more thing.") == 1


def test_what_twilio_told_a_deaf_house_is_asked_for_and_comes_once(here: Running) -> None:
    """Twilio sends nothing again that was answered with an error (trap 3): words, picture and STOP come by the list."""
    sim, house = here.sim, here.house
    house.deaf = True
    try:
        for text, files in (("Lost?", [sim.file(PNG, "image/png", "a.png")]), ("STOP", [])):
            assert sim.text_from(PHONE, text, to=TWILIO_LINE, provider="twilio", media=files).status == 503
    finally:
        house.deaf = False
    house.clock.move(minutes=2)  # a webhook has a minute to bring it
    assert missed_messages.ask_missed(house.rooms, house.http) > 0
    house.drain()
    house.clock.move(minutes=6)
    assert missed_messages.ask_missed(house.rooms, house.http) == 0, "what is known vanishes"
    came = house.rows(messages, conversation_id=here.conversation("twilio"), direction="in")
    assert [row["text"] for row in came] == ["Lost?", "STOP"]
    while media.fetch_due(house.rooms, house.http):
        pass
    assert house.one(attachments, message_id=came[0]["id"])["state"] == "stored"
    with pytest.raises(SendRefused) as refused:
        house.reply("Too late", here.conversation("twilio"))
    assert refused.value.reason == "contact_stopped"
