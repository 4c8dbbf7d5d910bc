"""The one place that knows everything: builds settings, store, plugins, desk, bell and workers, once, and passes them
on explicitly.

    embedded      one process: API, workers, SQLite, in-process bell       `casella up`
    distributed   `casella serve` × n and `casella work` × m, PostgreSQL, Redis
"""

from __future__ import annotations

import asyncio
import os
import socket
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import structlog
import uvicorn
from dramatiq import Broker

from casella.api.application import create_api
from casella.api.feed_hub import FeedHub
from casella.api.serving import Server
from casella.api.webhooks import WebhookApp
from casella.clock import Clock, SystemClock
from casella.desk import Vault, load_desk
from casella.desk.apply import Applied, apply_desk
from casella.desk.plan import Plan, in_use, text_changes
from casella.host import Host, find_plugins
from casella.inbox.desk_watch import DeskWatch, forget
from casella.inbox.deskbook import DeskHolder
from casella.inbox.directory import DirectoryHolder
from casella.inbox.files import FileLinks, MediaStore
from casella.inbox.rooms import Rooms
from casella.inbox.storage import storage_at
from casella.jobs.actors import declare_silent
from casella.jobs.bells import EmbeddedBell
from casella.jobs.broker import build_broker
from casella.jobs.sweep import Duty, Sweep
from casella.jobs.workers import Workers, refresh
from casella.settings import Settings
from casella.store import Store, feed, journal, migrate
from casella.store.sealing import Sealer

if TYPE_CHECKING:
    from casella.jobs.redis_bell import RedisBell

_log = structlog.get_logger("casella.app")
_SWITCH_SECONDS = 0.001
"""How long a busy thread may keep the interpreter from the event loop; Python's own 5 ms are too long for a door."""


@dataclass(slots=True)
class App:
    """The house, built. Which of its parts are there says what this process does: serve, work, or both."""

    rooms: Rooms
    bell: EmbeddedBell | RedisBell
    broker: Broker
    hub: FeedHub | None = None
    webhooks: WebhookApp | None = None
    api: Callable[..., object] | None = None
    workers: Workers | None = None
    watch: DeskWatch | None = None

    def close(self) -> None:
        self.rooms.store.close()


def build(
    settings: Settings,
    *,
    serves: bool = True,
    works: bool = True,
    clock: Clock | None = None,
    host: Host | None = None,
) -> App:
    """Build everything; nothing runs yet. Brings the database to this version's tables. Raises ConfigurationError,
    StoreUnavailable."""
    bell = _bell(settings)
    rooms = _rooms(settings, bell, clock or SystemClock(), host or find_plugins(trace=settings.trace_plugins))
    refresh(rooms)
    app = App(rooms, bell, build_broker(settings))
    if works:
        app.workers = Workers(rooms, app.broker, bell.heard)
        bell.actors = app.workers.actors
    else:
        bell.actors = declare_silent(app.broker)
    if serves:
        app.hub = FeedHub(rooms.store)
        app.webhooks = WebhookApp(rooms)
        app.api = create_api(
            rooms, app.webhooks, hub=app.hub, readiness=lambda: readiness(app), deliver=app.webhooks.deliver
        )
    return app


def _bell(settings: Settings) -> EmbeddedBell | RedisBell:
    if settings.embedded:
        return EmbeddedBell()
    from casella.jobs.redis_bell import redis_bell  # see there: it takes long to load

    return redis_bell(settings.redis_url)


def _rooms(settings: Settings, bell: EmbeddedBell | RedisBell, clock: Clock, host: Host) -> Rooms:
    store = Store(settings.effective_database_url, pool_size=settings.worker_threads + 24)
    migrate.upgrade(store)
    with store.write() as db:
        feed.rebase(db)  # first: it must not see what others commit after this transaction got its own id
        journal.ensure_lanes(db, settings.lanes)
    keys = settings.secret_keys()
    sealer = Sealer(keys)
    return Rooms(
        settings=settings,
        store=store,
        clock=clock,
        sealer=sealer,
        host=host,
        bell=bell,
        directory=DirectoryHolder(store, host, sealer, settings.public_url),
        desk=DeskHolder(store, host),
        media=MediaStore(storage_at(settings.media_url, settings.data_dir / "media")),
        links=FileLinks(keys[0], settings.public_url),
    )


def apply_folder(
    rooms: Rooms, folder: Path, environment: Mapping[str, str] | None = None, *, even_in_use: bool = True
) -> Applied:
    """Load a desk folder and make the database what it says. Raises DeskMistaken, SecretMissing, SettingsMistaken,
    and StillInUse unless `even_in_use`; the last good desk stays in use then."""
    desk = load_desk(folder, rooms.desk.catalogue)
    vault = Vault(os.environ if environment is None else environment, folder)
    with rooms.store.write() as db:
        applied = apply_desk(db, desk, rooms.desk.catalogue, rooms.sealer, vault, rooms.clock.now())
        if not even_in_use:
            Plan(applied.changes, in_use(db, applied.changes)).require_unused()
        forget(db, folder)
    rooms.desk.refresh()
    rooms.directory.reload()
    return applied


class _TakenBack(Exception):
    """Ends the transaction of a plan without keeping anything of it."""


def plan_folder(rooms: Rooms, folder: Path, environment: Mapping[str, str] | None = None) -> Plan:
    """What `apply_folder` would do. Raises DeskMistaken, SecretMissing, SettingsMistaken."""
    desk = load_desk(folder, rooms.desk.catalogue)
    vault = Vault(os.environ if environment is None else environment, folder)
    plan = Plan((), ())
    with suppress(_TakenBack), rooms.store.write() as db:
        applied = apply_desk(db, desk, rooms.desk.catalogue, rooms.sealer, vault, rooms.clock.now())
        texts = text_changes(rooms.desk.current.desk, desk)
        plan = Plan((*applied.changes, *texts), in_use(db, applied.changes))
        raise _TakenBack
    return plan


def watch_folder(app: App, folder: Path, environment: Mapping[str, str] | None = None) -> None:
    """Follow a desk folder while this process serves: a changed one is applied, a broken one is shown and left."""
    rooms = app.rooms
    app.watch = DeskWatch(rooms, folder, lambda: apply_folder(rooms, folder, environment, even_in_use=False))


def readiness(app: App) -> dict[str, str]:
    """What /ready says of this process beyond its database: "ok", or what is wrong."""
    parts = {}
    if app.workers is not None:
        parts["workers"] = "ok" if app.workers.alive() else "the sweep has not come round for 15 seconds"
    for name, quarantine in app.rooms.host.quarantined.items():
        parts[f"plugin {name}"] = f"set aside: {quarantine.reason}"
    return parts


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes a free one."""
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    return listener


def run(app: App, listener: socket.socket, started: Callable[[], None] = lambda: None) -> None:
    """`serve` on uvloop where there is one: asyncio's own loop gives the interpreter up at every write, and each time
    waits for the intake's thread (measured: 1,200 webhooks a second instead of several thousand)."""
    sys.setswitchinterval(_SWITCH_SECONDS)
    with asyncio.Runner(loop_factory=uvicorn.Config(lambda: None, log_config=None).get_loop_factory()) as runner:
        runner.run(serve(app, listener, started))


async def serve(app: App, listener: socket.socket, started: Callable[[], None] = lambda: None) -> None:
    """Run until SIGTERM or SIGINT: the API, and the workers if this process has them. Ends gracefully: what waits at
    the webhook door is answered, what is being sent is recorded."""
    assert app.api is not None, "built with serves=True"
    assert app.webhooks is not None, "built with serves=True"
    assert app.hub is not None, "built with serves=True"
    config = uvicorn.Config(
        app.api,
        log_config=None,
        access_log=False,
        lifespan="on",
        timeout_graceful_shutdown=5,
        timeout_keep_alive=30,
        server_header=False,
        h11_max_incomplete_event_size=65_536,
    )
    server = Server(config, app.hub)
    app.webhooks.start()
    followers = _start_followers(app)
    if app.workers is not None:
        app.workers.start()
    announcing = asyncio.create_task(_announce(server, started))
    try:
        await server.serve(sockets=[listener])
    finally:
        announcing.cancel()
        await asyncio.to_thread(_stop, app, followers)


def work(app: App, stopping: threading.Event) -> None:
    """Run the workers until `stopping` is set."""
    assert app.workers is not None, "built with works=True"
    app.workers.start()
    stopping.wait()
    app.workers.stop()
    app.close()


def _stop(app: App, followers: Sweep) -> None:
    if app.webhooks is not None:
        app.webhooks.stop()
    followers.stop()
    if app.workers is not None:
        app.workers.stop()
    app.close()


async def _announce(server: uvicorn.Server, started: Callable[[], None]) -> None:
    while not server.started:
        await asyncio.sleep(0.01)
    started()


def _start_followers(app: App) -> Sweep:
    """What a serving process follows: the applied desk, and the feed's bell."""
    rooms, hub = app.rooms, app.hub
    assert hub is not None
    if isinstance(app.bell, EmbeddedBell):
        app.bell.wake_feed = hub.wake
    else:
        from casella.jobs.redis_bell import follow_feed

        threading.Thread(target=follow_feed, args=(app.bell, hub.wake), name="feed-bell", daemon=True).start()
    duties = [Duty("desk", 2.0, lambda: refresh(rooms))] if app.workers is None else []
    if app.watch is not None:
        duties.append(Duty("desk folder", 1.0, app.watch.look))
    followers = Sweep(duties)
    followers.start()
    return followers
