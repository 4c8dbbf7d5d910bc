"""A whole house for tests of the API: real database, real application, a channel type that sends nowhere."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import anyio.from_thread
import httpx
from argon2 import PasswordHasher
from pydantic import BaseModel
from sqlalchemy import insert
from starlette.types import ASGIApp, Receive, Scope, Send

from casella.api.application import create_api
from casella.api.frame.cookies import SessionCookie
from casella.api.limits.bounded_http import BOUNDS, Bounds
from casella.api.serving import Server, config_of
from casella.api.stream.feed_hub import FeedHub
from casella.clock import ManualClock
from casella.disk import MEGABYTE
from casella.host import Host
from casella.inbox.files.media import FileLinks, MediaStore
from casella.inbox.files.storage import Folder
from casella.inbox.house.directory import DirectoryHolder
from casella.inbox.house.live_desk import DeskHolder
from casella.inbox.house.rooms import Rooms
from casella.inbox.reading.passwords import Passwords
from casella.inbox.reading.sessions import create_token
from casella.plugin import (
    AttachmentLimits,
    Capabilities,
    Channel,
    ChannelPlugin,
    Connection,
    Cost,
    Event,
    OutgoingMessage,
    Registration,
    Sent,
    Verdict,
    Webhook,
)
from casella.settings import Settings
from casella.store import Store
from casella.store.migrate import upgrade
from casella.store.sealing import Sealer
from casella.store.tables import desk_versions
from tests import builders
from tests.builders import NOW

QUICK = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
KEY = "a secret key of the tests that is long enough"


class QuietSettings(BaseModel):
    """Nothing to set."""


class QuietChannel(ChannelPlugin[QuietSettings]):
    """A channel type that takes everything and sends it nowhere."""

    channel_type = "quiet"
    title = "Quiet"
    settings_model = QuietSettings
    capabilities = Capabilities(
        address_kind="phone",
        text_limit=1600,
        quoted_replies=True,
        consent_required=True,
        attachments=AttachmentLimits(
            kinds=frozenset({"image", "document"}), count=3, size_each=1_000_000, size_total=2_000_000
        ),
    )

    def verify(self, connection: Connection[QuietSettings], webhook: Webhook) -> Verdict:
        return Verdict.authentic()

    def translate(self, connection: Connection[QuietSettings], webhook: Webhook) -> Sequence[Event]:
        return []

    def send(self, channel: Channel[QuietSettings], message: OutgoingMessage, http: httpx.Client) -> Sent:
        return Sent(f"quiet-{message.id}")

    def cost(self, channel: Channel[QuietSettings], to: str, text: str, attachments: int) -> Cost:
        return Cost(Decimal("0.05"), "EUR")

    def registration(self, channel: Channel[QuietSettings]) -> Registration:
        return Registration("registered", "The sender is registered.")


@dataclass
class CountingBell:
    """Remembers what was rung, and wakes the event feed."""

    hub: FeedHub
    rung: list[str] = field(default_factory=list)

    def lanes(self, lanes: Iterable[int]) -> None:
        self.rung.append("lanes")

    def deliveries(self) -> None:
        self.rung.append("deliveries")

    def media(self) -> None:
        self.rung.append("media")

    def timers(self) -> None:
        """Nobody listens."""

    def search(self) -> None:
        self.rung.append("search")

    def feed(self) -> None:
        self.rung.append("feed")
        self.hub.wake()


class InProcess(httpx.BaseTransport):
    """Carries requests to an ASGI application, whose event loop runs in the portal's thread."""

    def __init__(self, portal: anyio.from_thread.BlockingPortal, app: ASGIApp, client: tuple[str, int]) -> None:
        self._portal = portal
        self._transport = httpx.ASGITransport(app=app, raise_app_exceptions=False, client=client)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self._portal.call(self._send, request)

    async def _send(self, request: httpx.Request) -> httpx.Response:
        carried = httpx.Request(request.method, request.url, headers=request.headers, content=request.read())
        response = await self._transport.handle_async_request(carried)
        body = b"".join([part async for part in response.stream])  # type: ignore[union-attr]  # it is async here
        return httpx.Response(response.status_code, headers=response.headers, content=body)


async def no_intake(scope: Scope, receive: Receive, send: Send) -> None:
    """The providers' door, shut."""
    await send({"type": "http.response.start", "status": 404, "headers": [(b"x-door", b"webhooks")]})
    await send({"type": "http.response.body", "body": b""})


@dataclass
class House:
    """What a test works with. `client(agent)` is signed in by token, `client()` is not."""

    rooms: Rooms
    hub: FeedHub
    bell: CountingBell
    api: ASGIApp
    portal: anyio.from_thread.BlockingPortal
    ready: dict[str, str]
    clients: list[httpx.Client] = field(default_factory=list)

    @property
    def store(self) -> Store:
        return self.rooms.store

    @property
    def clock(self) -> ManualClock:
        assert isinstance(self.rooms.clock, ManualClock)
        return self.rooms.clock

    def token(self, agent_id: str) -> str:
        with self.store.write() as db:
            return create_token(db, agent_id, "test", self.rooms.clock.now()).text

    def session(self, agent_id: str) -> str:
        """The value of a session's cookie."""
        now = self.rooms.clock.now()
        with self.store.write() as db:
            made = create_token(db, agent_id, "browser", now, now + timedelta(hours=12), kind="session")
        return SessionCookie([KEY], secure=False).sign(made.text)

    def client(self, agent_id: str | None = None, *, address: str = "127.0.0.1", **headers: str) -> httpx.Client:
        if agent_id is not None:
            headers["Authorization"] = f"Bearer {self.token(agent_id)}"
        transport = InProcess(self.portal, self.api, (address, 50_000))
        client = httpx.Client(transport=transport, base_url="http://casella.test", headers=headers)
        self.clients.append(client)
        return client

    def desk_changed(self) -> None:
        """Rows of the organisation were written: let the directory see them."""
        with self.store.write() as db:
            db.execute(insert(desk_versions).values(digest="test", applied_at=NOW, files={}))
        self.rooms.directory.reload()

    def channel(self, inbox_id: str | None = None, **columns: object) -> str:
        """A channel that can send."""
        with self.store.write() as db:
            sealed = self.rooms.sealer.seal("{}")
            connection = builders.make_connection(db, channel_type="quiet", settings_sealed=sealed)
            return builders.make_channel(db, inbox_id=inbox_id, connection_id=connection, **columns)  # type: ignore[arg-type]  # any column


@contextmanager
def open_house(
    database_url: str,
    folder: Path,
    *,
    heartbeat: float = 15.0,
    poll: float = 1.0,
    passwords: Passwords | None = None,
    **settings: object,
) -> Iterator[House]:
    """`passwords` None: hashed as quickly as argon2 can."""
    values: dict[str, object] = {
        "data_dir": folder,
        "database_url": database_url,
        "secret_key": KEY,
        "public_url": "http://casella.test",
        **settings,
    }
    made = Settings.model_validate(values)
    store = Store(database_url)
    upgrade(store)
    hub = FeedHub(store, poll_seconds=poll)
    bell = CountingBell(hub)
    rooms = _rooms(made, store, bell)
    ready = {"workers": "ok"}
    api = create_api(
        rooms, no_intake, hub=hub, readiness=lambda: ready, heartbeat_seconds=heartbeat,
        passwords=passwords or QUICK,
    )  # fmt: skip
    with anyio.from_thread.start_blocking_portal() as portal:
        house = House(rooms, hub, bell, api, portal, ready)
        yield house
        hub.close()
        for client in house.clients:
            client.close()
    store.close()


def _rooms(settings: Settings, store: Store, bell: CountingBell) -> Rooms:
    host = Host()
    host.register(QuietChannel())
    sealer = Sealer([KEY])
    return Rooms(
        settings=settings,
        store=store,
        clock=ManualClock(),
        sealer=sealer,
        host=host,
        bell=bell,
        directory=DirectoryHolder(store, host, sealer, settings.public_url),
        desk=DeskHolder(store, host),
        media=MediaStore(Folder(settings.data_dir / "media"), settings.bounds.free_disk_mb * MEGABYTE),
        links=FileLinks(KEY, settings.public_url),
    )


@dataclass
class Running:
    """A real server on a free port."""

    url: str
    server: Server
    thread: threading.Thread

    def stop(self, timeout: float = 10.0) -> bool:
        """True when it ended in time."""
        self.server.should_exit = True
        self.thread.join(timeout)
        return not self.thread.is_alive()


@contextmanager
def served(house: House, bounds: Bounds = BOUNDS) -> Iterator[Running]:
    """The house behind a real uvicorn."""
    config = config_of(house.api, bounds)
    config.port = 0
    server = Server(config, house.hub)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()), daemon=True)
    thread.start()
    for _ in range(1000):
        if server.started:
            break
        threading.Event().wait(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    running = Running(f"http://127.0.0.1:{port}", server, thread)
    try:
        yield running
    finally:
        assert running.stop()
