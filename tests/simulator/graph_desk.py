"""A whole house on the simulated Meta: WhatsApp, Messenger and Instagram, each with a number, a page, an account.

The simulator posts to a small server that gives every webhook to the house's intake, as `casella serve` would."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import SecretStr

from casella.plugin import ChannelPlugin, Webhook, WebhookAnswer
from casella_meta.channel import InstagramChannel, MessengerChannel
from casella_simulator import (
    MetaApp,
    Page,
    Simulator,
    SimulatorConfig,
    WhatsAppAccount,
    WhatsAppNumber,
    WhatsAppTemplate,
)
from casella_whatsapp.channel import WhatsAppChannel
from tests.house import House

NUMBER, PHONE_ID, WABA = "+12025550142", "104800", "209700"
PAGE, ACCOUNT = "314500", "178400"
PHONE = "+4915550100231"
LINES = {"whatsapp": NUMBER, "messenger": PAGE, "instagram": ACCOUNT}
DESK = """
desk: Meta
timezone: Europe/Rome
locales: [en, it]
tags: []
inboxes: {support: {name: Support, teams: [front]}}
connections:
  whatsapp:
    type: whatsapp
    settings:
      app_secret: ${APP_SECRET}
      verify_token: ${VERIFY_TOKEN}
      access_token: ${TOKEN}
      business_account_id: "209700"
      numbers: {"+12025550142": "104800"}
      base_url: SIMULATOR
  messenger:
    type: messenger
    settings:
      app_secret: ${APP_SECRET}
      verify_token: ${VERIFY_TOKEN}
      human_agent: true
      pages: {"314500": "${TOKEN}"}
      base_url: SIMULATOR
  instagram:
    type: instagram
    settings:
      app_secret: ${APP_SECRET}
      verify_token: ${VERIFY_TOKEN}
      accounts: {"178400": "${OTHER_TOKEN}"}
      base_url: SIMULATOR
channels:
  whatsapp-main: {connection: whatsapp, inbox: support, address: "+12025550142", name: WhatsApp}
  our-page: {connection: messenger, inbox: support, address: "314500", name: Our page}
  our-account: {connection: instagram, inbox: support, address: "178400", name: Our account}
teams: {front: {name: Front desk}}
agents:
  ann: {name: Ann, email: ann@desk.example, teams: [front]}
  mara: {name: Mara, email: mara@desk.example, role: manager, inboxes: [support]}
"""
RULES = """
rules:
  - name: Everybody is greeted
    when: conversation_opened
    if: always
    then: [{reply: {text: "Hello, how can we help?"}}]
"""
SECRETS = {
    "APP_SECRET": "9d2f0c6b7a184e53",
    "VERIFY_TOKEN": "verify-me",
    "TOKEN": "EAAtoken",
    "OTHER_TOKEN": "EAAother",
}


class GraphHouse(House):
    """A house whose clock is the simulator's."""

    def take(self, connection: str, webhook: Webhook) -> WebhookAnswer:
        [answer] = self.post(webhook, connection=connection)
        return answer

    def close(self) -> None:
        self.workers.delivery._clients.close()  # the workers were never started, so nobody else stops them
        super().close()


@dataclass
class Meta:
    """The house and the simulator it talks to."""

    house: GraphHouse
    sim: Simulator

    @property
    def desk(self) -> str:
        """Its desk, to be applied again with changes."""
        return DESK.replace("SIMULATOR", self.sim.url)

    def write(self, provider: str, text: str = "Hello", **more: Any) -> None:
        """A customer writes, and what comes of it is applied."""
        arrival = self.sim.text_from(PHONE, text, to=LINES[provider], provider=provider, **more)
        assert arrival.status == 200, arrival
        self.house.drain()

    def deliver(self) -> None:
        """Everything in the outbox leaves, and what the provider says of it is applied."""
        self.house.deliver()
        self.sim.wait_until_quiet()
        self.house.drain()


@contextmanager
def meta(url: str, folder: Path) -> Iterator[Meta]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), HouseWebhook)
    server.daemon_threads = False  # its threads end with the simulator's connections, and are waited for
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    public = f"http://127.0.0.1:{server.server_port}"
    try:
        with Simulator(SimulatorConfig(fetch_media=False)) as sim:
            plugins: list[ChannelPlugin[Any]] = [WhatsAppChannel(), MessengerChannel(), InstagramChannel()]
            with GraphHouse(url, folder, plugins=plugins, desk=None, public_url=public,
                            private_hosts=urlsplit(sim.url).netloc) as house:  # fmt: skip
                house.apply(desk=DESK.replace("SIMULATOR", sim.url), rules=RULES, environment=SECRETS)
                server.house = house  # type: ignore[attr-defined]  # the stdlib's way to reach state
                connect(sim, public)
                house.clock.move(seconds=(datetime.now(UTC) - house.clock.now()).total_seconds())
                yield Meta(house, sim)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def connect(sim: Simulator, public: str) -> None:
    """What is set in Meta's console."""
    secret, token = SecretStr(SECRETS["APP_SECRET"]), SecretStr(SECRETS["TOKEN"])
    templates = (
        WhatsAppTemplate(name="order_update", body="Your order {{1}} is ready, {{2}}."),
        WhatsAppTemplate(name="refused", status="REJECTED", rejected_reason="SCAM"),
    )
    number = WhatsAppNumber(number=NUMBER, phone_number_id=PHONE_ID)
    sim.configure(
        WhatsAppAccount(id=WABA, app_secret=secret, access_token=token, numbers=(number,), templates=templates,
                        webhook_url=f"{public}/webhooks/whatsapp")
    )  # fmt: skip
    for provider, page in (("messenger", PAGE), ("instagram", ACCOUNT)):
        own = token if provider == "messenger" else SecretStr(SECRETS["OTHER_TOKEN"])
        pages = (Page(id=page, access_token=own),)
        url = f"{public}/webhooks/{provider}"
        sim.configure(MetaApp(provider=provider, app_secret=secret, pages=pages, webhook_url=url))


class HouseWebhook(BaseHTTPRequestHandler):
    """Gives every webhook to the intake of its server's `house`."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        path, _, query = self.path.partition("?")
        house: GraphHouse = self.server.house  # type: ignore[attr-defined]  # set in meta()
        method = "GET" if self.command == "GET" else "POST"
        webhook = Webhook(method, house.settings.public_url + self.path, query, headers, body, datetime.now(UTC))  # type: ignore[arg-type]  # one of the two
        answer = house.take(path.rpartition("/")[2], webhook)
        self.send_response(answer.status)
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    do_GET = do_POST

    def log_message(self, *_: object) -> None:
        """Nothing on the test's output."""
