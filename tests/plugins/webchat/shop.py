"""A shop with a webchat: the whole house on a real port, and visitors who speak the widget's protocol."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import secrets
import ssl
import threading
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from sqlalchemy import update

from casella import app as casella
from casella import serving
from casella.api.serving import Server
from casella.clock import Clock
from casella.host import Host
from casella.inbox.reading.sessions import create_token
from casella.jobs.bells import EmbeddedBell
from casella.settings import Settings
from casella.store.tables import agents
from casella_webchat.channel import WebchatChannel
from casella_webchat.routes import routes
from tests.house import until
from tests.plugins.webchat.test_conformance import IDENTITY_SECRET, SECRET

ORIGIN = "https://shop.example"
TLS = ssl.create_default_context()  # making one for each request would take longer than the request
DESK = """
desk: Shop
timezone: Europe/Rome
locales: [en, it]
inboxes:
  support: {name: Support, teams: [front]}
connections:
  website:
    type: webchat
    settings:
      secret: ${WEBCHAT_SECRET}
      identity_secret: ${WEBCHAT_IDENTITY_SECRET}
      origins: ORIGINS
      attachment_megabytes: 1
  other-website:
    type: webchat
    settings: {secret: "${OTHER_SECRET}", origins: ORIGINS}
channels:
  shop:
    connection: website
    inbox: support
    address: shop
    options: {title: "Ask the shop", title.it: "Chiedi al negozio"}
  blog: {connection: website, inbox: support, address: blog, options: {pre_chat: "name*, email", hours: never}}
  other: {connection: other-website, inbox: support, address: shop}
teams:
  front: {name: Front desk}
agents:
  ann: {name: Ann Abbott, email: ann@shop.example, teams: [front]}
hours:
  never: {week: {monday: closed}}
"""
RULES = """
rules:
  - name: Everybody is greeted
    when: conversation_opened
    if: always
    then:
      - assign: {team: front}
      - reply: {text: "Hello {{ contact.first_name | default('there') }}!"}
"""
ENVIRONMENT = {
    "WEBCHAT_SECRET": SECRET,
    "WEBCHAT_IDENTITY_SECRET": IDENTITY_SECRET,
    "OTHER_SECRET": SECRET[::-1],
}


@dataclass
class Shop:
    """A running house. `stop` and `start` restart it on its port and database."""

    folder: Path
    database_url: str
    origins: tuple[str, ...] = (ORIGIN,)
    clock: Clock | None = None
    port: int = 0
    app: casella.App | None = None
    _token: str = ""
    _server: Server | None = None
    _thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        listener = serving.listen("127.0.0.1", self.port)
        self.port = listener.getsockname()[1]
        host = Host()
        host.register(WebchatChannel())
        host.register_routes("webchat", routes())
        settings = Settings.model_validate(
            {
                "database_url": self.database_url,
                "data_dir": self.folder / "data",
                "secret_key": "k" * 32,
                "public_url": self.url,
                "lanes": 4,
                "worker_threads": 2,
                "send_threads": 4,
                "shutdown_seconds": 3.0,
            }
        )
        self.app = built = casella.build(settings, clock=self.clock, host=host)
        desk = self.folder / "desk"
        desk.mkdir(exist_ok=True)
        (desk / "desk.yaml").write_text(DESK.replace("ORIGINS", json.dumps(list(self.origins))))
        (desk / "rules.yaml").write_text(RULES)
        casella.apply_folder(built.rooms, desk, ENVIRONMENT)
        with built.rooms.store.write() as db:
            db.execute(update(agents).values(available=True))
        assert built.hub is not None
        config = uvicorn.Config(built.api, log_config=None, access_log=False, lifespan="on", timeout_keep_alive=5)  # type: ignore[arg-type]  # an ASGI application
        self._server = server = Server(config, built.hub)
        self._thread = threading.Thread(target=lambda: asyncio.run(_serve(built, server, listener)), daemon=True)
        self._thread.start()
        until(lambda: server.started)

    def stop(self) -> None:
        assert self._server is not None
        assert self._thread is not None
        self._server.should_exit = True
        self._thread.join(15)
        assert not self._thread.is_alive()

    def agent(self) -> httpx.Client:
        """The agents' API, as Ann."""
        assert self.app is not None
        rooms = self.app.rooms
        if not self._token:
            ann = next(iter(rooms.directory.current.agents))
            with rooms.store.write() as db:
                self._token = create_token(db, ann, "tests", rooms.clock.now()).text
        headers = {"authorization": f"Bearer {self._token}"}
        return httpx.Client(base_url=f"{self.url}/api/v1", headers=headers, timeout=20, verify=TLS)

    def conversation_with(self, text: str) -> str:
        """The id of the open conversation in which this was written."""
        with self.agent() as ann:

            def found() -> str | None:
                for one in ann.get("/conversations").json()["items"]:
                    messages = ann.get(f"/conversations/{one['id']}/messages").json()["items"]
                    if any(message["text"] == text for message in messages):
                        return str(one["id"])
                return None

            return str(until(found, f"a conversation with {text!r}"))

    def answer(self, conversation: str, text: str, **more: object) -> str:
        """Ann writes. Returns the message's id."""
        with self.agent() as ann:
            key = {"Idempotency-Key": uuid.uuid4().hex}
            sent = ann.post(f"/conversations/{conversation}/messages", json={"text": text, **more}, headers=key)
            assert sent.status_code == 201, sent.text
            return str(sent.json()["id"])

    def messages(self, conversation: str) -> list[dict[str, Any]]:
        with self.agent() as ann:
            found: list[dict[str, Any]] = ann.get(f"/conversations/{conversation}/messages").json()["items"]
            return found


async def _serve(app: casella.App, server: Server, listener: Any) -> None:
    assert app.webhooks is not None
    assert app.workers is not None
    assert app.hub is not None
    app.webhooks.start()
    assert isinstance(app.bell, EmbeddedBell)
    app.bell.wake_feed = app.hub.wake
    app.workers.start()
    try:
        await server.serve(sockets=[listener])
    finally:
        await asyncio.to_thread(_stop, app)


def _stop(app: casella.App) -> None:
    assert app.webhooks is not None
    assert app.workers is not None
    app.webhooks.stop()
    app.workers.stop()
    app.close()


@contextmanager
def open_shop(folder: Path, database_url: str, **more: Any) -> Iterator[Shop]:
    shop = Shop(folder, database_url, **more)
    shop.start()
    try:
        yield shop
    finally:
        shop.stop()


def signed(user_id: str, secret: str = IDENTITY_SECRET) -> dict[str, str]:
    """A customer, vouched for by the website's server."""
    return {"user_id": user_id, "hmac": hmac.new(secret.encode(), user_id.encode(), hashlib.sha256).hexdigest()}


@dataclass
class Visitor:
    """Somebody's browser, speaking the protocol by hand."""

    shop: Shop
    widget: str = "shop"
    origin: str = ORIGIN
    token: str = ""
    resume: str | None = None
    address: str = field(default_factory=lambda: f"2001:db8::{secrets.randbits(16):x}:{secrets.randbits(16):x}")
    seen: dict[str, Any] = field(default_factory=dict)

    def ask(self, method: str, path: str, *, headers: Mapping[str, str] | None = None, **more: Any) -> httpx.Response:
        """A request with his origin and token, unless `headers` say otherwise; an empty one leaves a header out."""
        bearer = f"Bearer {self.token}" if self.token else ""
        sent = {"origin": self.origin, "x-forwarded-for": self.address, "authorization": bearer}
        given = {name: value for name, value in {**sent, **(headers or {})}.items() if value}
        url = f"{self.shop.url}/channels/webchat/{self.widget}/{path}"
        return httpx.request(method, url, headers=given, timeout=20, verify=TLS, **more)

    def begin(self, **more: object) -> httpx.Response:
        """A session; its tokens are kept."""
        answer = self.ask("POST", "session", json={"resume": self.resume, **more})
        if answer.status_code == 200:
            self.seen = answer.json()
            self.token, self.resume = self.seen["token"], self.seen["resume"]
        return answer

    def write(self, text: str = "Hello", client_id: str | None = None, **more: object) -> httpx.Response:
        body = {"client_id": client_id or str(uuid.uuid4()), "text": text, **more}
        return self.ask("POST", "messages", json=body)

    def upload(self, content: bytes, name: str = "a.png", mime: str = "image/png") -> httpx.Response:
        return self.ask("POST", "uploads", content=content, headers={"content-type": mime, "x-file-name": name})

    def transcript(self) -> list[dict[str, Any]]:
        answer = self.ask("GET", "messages")
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["messages"]
        return found

    def texts(self) -> list[str]:
        return [message["text"] for message in self.transcript()]
