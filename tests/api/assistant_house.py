"""A whole house with a desk, an API on a real port and the simulator's OpenAI endpoint as the assistant's provider."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import uvicorn

from casella.api.application import create_api
from casella.api.serving import Server
from casella.api.stream.feed_hub import FeedHub
from casella.inbox.reading.sessions import create_token
from casella.store.tables import conversations, messages
from casella_simulator import Simulator
from tests import loopback
from tests.api.house import no_intake
from tests.house import CANNED, DESK, ENVIRONMENT, House

ASSISTANT = """
assistant:
  providers:
    main: {type: openai, settings: {api_key: "${MODEL_KEY}", model: m-1, base_url: "BASE"}}
  tones:
    piratic: {description: "Like a pirate, still polite.", templates: {en: "Ahoy{name}! {text}"}}
"""
OFFLINE = "assistant: {order: [offline]}\n"
REFUND = """
  refund: {phrase: refund, text: {en: "Your refund is on its way, {{ contact.first_name | default('dear customer') }}.",
    it: "Il rimborso è partito."}}
"""
ALL_CANNED = CANNED + REFUND.lstrip("\n")


@dataclass
class Place:
    """What a test works with."""

    house: House
    sim: Simulator
    url: str
    clients: list[httpx.Client]

    def client(self, agent: str = "ann", **headers: str) -> httpx.Client:
        with self.house.rooms.store.write() as db:
            token = create_token(db, self.house.agent(agent).id, "test", self.house.clock.now()).text
        bearer = {"Authorization": f"Bearer {token}"}
        made = loopback.Client(base_url=f"{self.url}/api/v1", headers={**bearer, **headers}, timeout=60)
        self.clients.append(made)
        return made

    def desk(self, assistant: str = ASSISTANT, *, canned: str = ALL_CANNED, rules: str = "rules: []\n") -> None:
        text = DESK + assistant.replace("BASE", self.sim.openai_url)
        self.house.apply(desk=text, canned=canned, rules=rules, environment={**ENVIRONMENT, "MODEL_KEY": "key-7"})

    def consent(self) -> None:
        answer = self.client("mara").post("/assistant/consent", json={"accepted": True, "terms": "1"})
        assert answer.status_code == 200, answer.text

    def conversation(self, *texts: str, **fields: Any) -> str:
        """A contact writes these messages. Returns the conversation's id."""
        for text in texts:
            self.house.receive(self.house.says(text, **fields))
        return str(self.house.rows(conversations)[-1]["id"])

    def message_ids(self, conversation_id: str) -> list[str]:
        return [row["id"] for row in self.house.rows(messages, conversation_id=conversation_id)]

    def asked(self) -> Sequence[str]:
        """Everything that the provider's server was sent to read, request by request."""
        return [request.text for request in self.sim.asked_openai()]


@contextmanager
def open_place(database_url: str, folder: Path, sim: Simulator) -> Iterator[Place]:
    with House(database_url, folder, desk=None, private_hosts=urlsplit(sim.url).netloc) as house, served(house) as url:
        place = Place(house, sim, url, [])
        yield place
        for client in place.clients:
            client.close()


@contextmanager
def served(house: House) -> Iterator[str]:
    """The house's API behind a real uvicorn on a free port."""
    hub = FeedHub(house.rooms.store)
    api = create_api(house.rooms, no_intake, hub=hub, readiness=dict)
    config = uvicorn.Config(api, port=0, log_config=None, access_log=False, lifespan="on", timeout_graceful_shutdown=2)
    server = Server(config, hub)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()), daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        threading.Event().wait(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(15)
        assert not thread.is_alive()
