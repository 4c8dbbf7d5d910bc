"""A house behind a real server for the agents' page: two inboxes, three channels, four people, a provider that takes
everything; and browsers in which they are signed in."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, expect
from sqlalchemy import update

from casella.api.application import create_api
from casella.api.serving import Server
from casella.api.stream.feed_hub import FeedHub
from casella.clock import SteadyClock
from casella.inbox.reading.search import index_some
from casella.inbox.reading.sessions import create_token
from casella.jobs.bells import EmbeddedBell
from casella.store.tables import agents, contact_addresses, conversations
from tests import loopback
from tests.api.house import QUICK, no_intake
from tests.fakes import AcmeChannel
from tests.house import ANNA, BERT, MAIN, SECOND, House

DESK = """
desk: Page desk
timezone: Europe/Rome
locales: [en, it]
tags: [vip, refund, order]
inboxes:
  support: {name: Support, teams: [front], assignment_mode: true}
  sales: {name: Sales, teams: [sellers], assignment_mode: true, features: [assign]}
  quiet: {name: Quiet, teams: [front], assignment_mode: false}
connections:
  acme: {type: acme, settings: {secret: "${ACME_SECRET}"}}
channels:
  main: {connection: acme, inbox: support, address: "+15550001", name: Main number}
  second: {connection: acme, inbox: support, address: "+15550002", name: Second number}
  shop: {connection: acme, inbox: sales, address: "+15550003", name: Shop number}
surveys:
  csat: {question: how_was_it}
links:
  meeting: {label: Start a meeting, kind: meeting, url: "https://meet.example.com/{{ conversation.id }}"}
teams:
  front: {name: Front desk, strategy: manual}
  sellers: {name: Sellers, strategy: manual}
agents:
  ann: {name: Ann Abbott, email: ann@desk.example, teams: [front]}
  bob: {name: Bob Brown, email: bob@desk.example, teams: [front]}
  cleo: {name: Cleo Conti, email: cleo@desk.example, teams: [sellers]}
  mara: {name: Mara Marini, email: mara@desk.example, role: manager, inboxes: [support, sales, quiet]}
"""
CANNED = """
canned:
  greeting: {phrase: hello, text: {en: "Hello {{ contact.first_name | default('there') }}!", it: Ciao!}}
  number: {phrase: "order?", text: "Could you send us your order number?"}
  how_was_it: {text: {en: "How was it? 1 to 5", it: "Da 1 a 5?"}}
"""
RULES = """
rules:
  - name: Refunds are tagged
    when: message_received
    if: {text: {contains_word: refund}}
    then: [{tag: refund}]
"""
SHOP = "+15550003"
WAIT = 15_000


class PageHouse:
    """What a scenario works with. `problems` is what any browser complained of: nothing may be left in it."""

    def __init__(self, house: House, url: str, browser: Browser) -> None:
        self.house, self.url, self.browser = house, url, browser
        self.problems: list[str] = []
        self._contexts: list[BrowserContext] = []
        self._clients: dict[str, httpx.Client] = {}
        self._people = 0
        self.last = ""

    # --- browsers -----------------------------------------------------------------------------------------------

    def signed_in(self, key: str, path: str = "", **options: Any) -> Page:
        """A page of a browser of his own, in which an agent is signed in."""
        page = self.page(**options)
        rooms = self.house.rooms
        now = rooms.clock.now()
        with rooms.store.write() as db:
            link = create_token(db, self.house.agent(key).id, "link", now, now + timedelta(minutes=5), kind="link")
        page.goto(f"{self.url}/enter/{link.text}")
        if path:
            page.goto(self.url + path)
        there = page.locator(".rows, .list .nothing, .chat-list, .other, .conversation-bar").filter(visible=True)
        expect(there.first).to_be_visible(timeout=WAIT)
        return page

    def page(self, **options: Any) -> Page:
        """A page of a browser in which nobody is signed in."""
        options = {"viewport": {"width": 1440, "height": 900}, "locale": "en-GB", **options}
        context = self.browser.new_context(**options)
        context.set_default_timeout(WAIT)
        self._contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: self.problems.append(f"error: {error}"))
        page.on("console", self._heard)
        return page

    def _heard(self, message: ConsoleMessage) -> None:
        # A refusal of the server is in the console as well; that the page says so is what scenarios look at.
        if message.type in ("error", "warning") and "Failed to load resource" not in message.text:
            self.problems.append(f"{message.type}: {message.text}")

    def close_browsers(self) -> None:
        for context in self._contexts:
            context.close()
        self._contexts.clear()

    def has_password(self, key: str, password: str) -> None:
        with self.house.rooms.store.write() as db:
            hashed = QUICK.hash_again(password)
            db.execute(update(agents).where(agents.c.key == key).values(password_hash=hashed))

    # --- what happens -------------------------------------------------------------------------------------------

    def somebody(self) -> str:
        """The number of a person who has not written yet."""
        self._people += 1
        return f"+39055{self._people:07}"

    def says(self, text: str, sender: str = "", to: str = MAIN, name: str = "", **more: Any) -> str:
        """A customer writes, who is known by `name` if it is given. Returns the conversation's id."""
        sender = sender or self.somebody()
        if name:
            self._known(sender, name)
        self.house.receive(self.house.says(text, sender, to=to, **more))
        self.wake()
        self.last = self.conversation_of(sender)
        return self.last

    def index(self) -> None:
        """What a worker does a moment after messages have come in: they can be found."""
        while index_some(self.house.rooms):
            pass

    def conversation_of(self, sender: str) -> str:
        addresses = self.house.rows(contact_addresses, address=sender)  # of the organisation, and of a private number
        rows = [row for one in addresses for row in self.house.rows(conversations, address_id=one["id"])]
        return str(max(rows, key=lambda row: row["opened_at"])["id"])

    def address_of(self, conversation_id: str) -> str:
        [conversation] = self.house.rows(conversations, id=conversation_id)
        [address] = self.house.rows(contact_addresses, id=conversation["address_id"])
        return str(address["address"])

    def _known(self, sender: str, name: str) -> None:
        """Somebody has said who this is."""
        made = self.client("mara").post("/contacts", json={"name": name, "numbers": [sender]})
        assert made.status_code in (201, 409), made.text

    def client(self, key: str) -> httpx.Client:
        """The API as an agent's own program asks it."""
        if key not in self._clients:
            with self.house.rooms.store.write() as db:
                token = create_token(db, self.house.agent(key).id, "test", self.house.rooms.clock.now())
            headers = {"Authorization": f"Bearer {token.text}"}
            self._clients[key] = loopback.Client(base_url=f"{self.url}/api/v1", headers=headers, timeout=30)
        return self._clients[key]

    def close_clients(self) -> None:
        for client in self._clients.values():
            client.close()

    def deliver(self) -> None:
        self.house.deliver()
        self.wake()

    def wake(self) -> None:
        self.house.rooms.bell.feed()

    def assignee(self, conversation_id: str) -> str | None:
        [row] = self.house.rows(conversations, id=conversation_id)
        return self.house.rooms.directory.current.key_of(row["assignee_id"])


def row(page: Page, text: str) -> Locator:
    """The row of the list that says this."""
    return page.get_by_role("row").filter(has_text=text)


def open_row(page: Page, text: str) -> None:
    row(page, text).locator(".row-link").click()
    expect(page.get_by_role("textbox").first).to_be_visible()


def composer(page: Page) -> Locator:
    return page.locator(".composer-box")


@contextmanager
def open_page_house(
    database_url: str,
    folder: Path,
    browser: Browser,
    *,
    port: int = 0,
    plugins: Sequence[AcmeChannel] = (),
    **settings: Any,
) -> Iterator[PageHouse]:
    """The house on a real server, until it is left. `port` 0: a free one."""
    clock: Any = SteadyClock()  # time goes on
    with House(database_url, folder, desk=None, clock=clock, plugins=plugins or None, **settings) as house:
        house.apply(desk=DESK, rules=RULES, canned=CANNED)
        hub = FeedHub(house.rooms.store, poll_seconds=0.2)
        bell = house.rooms.bell
        assert isinstance(bell, EmbeddedBell)
        bell.wake_feed = hub.wake
        api = create_api(
            house.rooms, no_intake, hub=hub, readiness=dict, passwords=QUICK
        )  # fmt: skip
        config = uvicorn.Config(api, port=port, log_config=None, access_log=False, lifespan="on")
        server = Server(config, hub)
        thread = threading.Thread(target=lambda: asyncio.run(server.serve()), daemon=True)
        thread.start()
        while not server.started:
            threading.Event().wait(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        opened = PageHouse(house, f"http://127.0.0.1:{port}", browser)
        try:
            yield opened
        finally:
            opened.close_browsers()
            opened.close_clients()
            server.should_exit = True
            thread.join(10)


__all__ = ["ANNA", "BERT", "MAIN", "SECOND", "SHOP", "PageHouse", "composer", "open_page_house", "open_row", "row"]
