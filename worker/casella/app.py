"""The one place that knows everything: builds settings, store, plugins, desk, bell and workers, once, and passes them
on explicitly.

    embedded      one process: API, workers, SQLite, in-process bell       `casella up`
    distributed   `casella serve` × n and `casella work` × m, PostgreSQL, Redis
"""

from __future__ import annotations

import gc
import os
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import structlog
from dramatiq import Broker

from casella.clock import Clock, SteadyClock
from casella.desk import Desk, Vault, load_desk
from casella.desk.applying import passwords
from casella.desk.applying.apply import Applied, apply_desk
from casella.desk.applying.plan import Plan, in_use, planned
from casella.desk.checks.provider_addresses import require_safe_addresses
from casella.desk.overriding.kept import hold, overrides
from casella.desk.overriding.settling import settle as settle_overrides
from casella.disk import MEGABYTE
from casella.extras import require
from casella.host import Host, aside_text, find_plugins
from casella.inbox.files import FileLinks, MediaStore, storage_at
from casella.inbox.house import DeskHolder, DeskWatch, DirectoryHolder, Rooms, Tell, forget, log_change
from casella.inbox.overrides import note_given_up
from casella.jobs.actors import declare_silent
from casella.jobs.bells import EmbeddedBell
from casella.jobs.broker import build_broker
from casella.private_files import private_folder
from casella.settings import Settings
from casella.store import Store, journal, migrate
from casella.store.database_clock import DatabaseClock
from casella.store.sealing import Sealer

if TYPE_CHECKING:
    from casella.api.channels.webhooks import WebhookApp
    from casella.api.stream.feed_hub import FeedHub
    from casella.jobs.redis_bell import RedisBell
    from casella.jobs.workers import Workers


_log = structlog.get_logger("casella.desk")


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
    rooms = _rooms(settings, bell, clock, host or find_plugins(trace=settings.trace_plugins))
    rooms.refresh()
    app = App(rooms, bell, build_broker(settings))
    if works:
        _add_workers(app)
    else:
        bell.actors = declare_silent(app.broker)
    if serves:
        _add_doors(app)
    return app


# What a command does not use it need not load: the API alone is a second of a command that only asks the database.


def _add_workers(app: App) -> None:
    from casella.jobs.workers import Workers

    app.workers = Workers(app.rooms, app.broker, app.bell.heard)
    app.bell.actors = app.workers.actors


def _add_doors(app: App) -> None:
    from casella.api.application import create_api
    from casella.api.channels.webhooks import WebhookApp
    from casella.api.stream.feed_hub import FeedHub

    app.hub, app.webhooks = FeedHub(app.rooms.store), WebhookApp(app.rooms)
    app.api = create_api(
        app.rooms, app.webhooks, hub=app.hub, readiness=lambda: readiness(app), deliver=app.webhooks.deliver
    )


def _bell(settings: Settings) -> EmbeddedBell | RedisBell:
    if settings.embedded:
        return EmbeddedBell()
    require("redis")
    from casella.jobs.redis_bell import redis_bell  # see there: it takes long to load

    return redis_bell(settings.redis_url)


def _rooms(settings: Settings, bell: EmbeddedBell | RedisBell, clock: Clock | None, host: Host) -> Rooms:
    if settings.data_dir.exists():  # it may have been made with open doors, by hand or by an older version
        private_folder(settings.data_dir)
    store = Store(settings.effective_database_url, pool_size=settings.worker_threads + 24)
    migrate.upgrade(store)
    with store.write() as db:
        journal.ensure_lanes(db, settings.lanes)
    keys = settings.secret_keys()
    sealer = Sealer(keys)
    return Rooms(
        settings=settings,
        store=store,
        clock=clock or (DatabaseClock(store) if store.dialect == "postgresql" else SteadyClock()),
        sealer=sealer,
        host=host,
        bell=bell,
        directory=DirectoryHolder(store, host, sealer, settings.public_url),
        desk=DeskHolder(store, host),
        media=MediaStore(
            storage_at(settings.media_url, settings.data_dir / "media"), settings.bounds.free_disk_mb * MEGABYTE
        ),
        links=FileLinks(keys[0], settings.public_url),
    )


def apply_folder(
    rooms: Rooms,
    folder: Path,
    environment: Mapping[str, str] | None = None,
    *,
    even_in_use: bool = True,
    over_all: bool = False,
) -> Applied:
    """Load a desk folder and make the database what it says. Raises DeskMistaken, SecretMissing, SettingsMistaken,
    and StillInUse unless `even_in_use`; the last good desk stays in use then. `over_all`: whatever managers have
    changed by hand is given up."""
    desk = load_desk(folder, rooms.desk.catalogue)
    vault = _vault(rooms.settings, folder, environment)
    require_safe_addresses(desk, vault, rooms.settings.hosts_within())
    _prepare_passwords(rooms, desk, vault)
    applied, used = _apply_settled(rooms, desk, vault, folder, even_in_use=even_in_use, over_all=over_all)
    rooms.desk.refresh((used, applied.version))
    rooms.directory.reload()
    for outcome in applied.overrides:
        if outcome.how == "given up":
            _log.warning("a change by hand was given up", key=outcome.override.key, by=outcome.override.name)
    return applied


def _apply_settled(
    rooms: Rooms, desk: Desk, vault: Vault, folder: Path, *, even_in_use: bool, over_all: bool
) -> tuple[Applied, Desk]:
    """Settling reads the desk again, which takes its time: it is done before the transaction, and anew where somebody
    changed a value by hand meanwhile."""
    while True:
        with rooms.store.read() as db:
            known = overrides(db)
        settled = settle_overrides(desk, known, rooms.desk.catalogue, over_all=over_all)
        with rooms.store.write() as db:
            hold(db)
            if overrides(db) != known:
                continue
            applied = apply_desk(db, desk, settled, rooms.desk.catalogue, rooms.sealer, vault, rooms.clock.now())
            if not even_in_use:
                Plan(applied.changes, in_use(db, applied.changes)).require_unused(folder)
            note_given_up(db, settled, rooms.clock.now())
            forget(db, folder)
        return applied, settled.desk


def _prepare_passwords(rooms: Rooms, desk: Desk, vault: Vault) -> None:
    with rooms.store.read() as db:
        known = passwords.known_hashes(db)
    passwords.prepare(desk, vault, known)


def _vault(settings: Settings, folder: Path, environment: Mapping[str, str] | None) -> Vault:
    """Of this process's own variables, those that were made for desks."""
    if environment is not None:
        return Vault(environment, folder)
    return Vault(os.environ, folder, settings.variables_for_desks())


class _TakenBack(Exception):
    """Ends the transaction of a plan without keeping anything of it."""


def plan_folder(
    rooms: Rooms, folder: Path, environment: Mapping[str, str] | None = None, *, over_all: bool = False
) -> Plan:
    """What `apply_folder` would do. Raises DeskMistaken, SecretMissing, SettingsMistaken."""
    desk = load_desk(folder, rooms.desk.catalogue)
    vault = _vault(rooms.settings, folder, environment)
    require_safe_addresses(desk, vault, rooms.settings.hosts_within())
    _prepare_passwords(rooms, desk, vault)
    plan = Plan((), ())
    with suppress(_TakenBack), rooms.store.write() as db:
        settled = settle_overrides(desk, overrides(db), rooms.desk.catalogue, over_all=over_all)
        applied = apply_desk(db, desk, settled, rooms.desk.catalogue, rooms.sealer, vault, rooms.clock.now())
        changes = planned(rooms.desk.current.desk, settled.desk, applied.changes)
        same = applied.version == rooms.desk.current.version
        plan = Plan(changes, in_use(db, applied.changes), same, applied.overrides)
        raise _TakenBack
    return plan


def watch_folder(app: App, folder: Path, environment: Mapping[str, str] | None = None, tell: Tell = log_change) -> None:
    """Follow a desk folder while this process serves: a changed one is applied, a broken one is shown and left."""
    rooms = app.rooms
    app.watch = DeskWatch(rooms, folder, lambda: apply_folder(rooms, folder, environment, even_in_use=False), tell)


def readiness(app: App) -> dict[str, str]:
    """What /ready says of this process beyond its database: "ok", or what is wrong."""
    parts = {}
    if app.workers is not None:
        parts["workers"] = "ok" if app.workers.alive() else "the sweep has not come round for 15 seconds"
    if problem := app.rooms.clock_problem():
        parts["clock"] = problem
    host = app.rooms.host
    for name, quarantine in host.quarantined.items():
        parts[f"plugin {name}"] = f"set aside: {quarantine.reason}"
    for aside in host.breakers.now_aside():
        parts[f"plugin {aside.plugin}: {aside.method}"] = aside_text(aside)
    return parts


def settle() -> None:
    """What is loaded stays: it is never again looked through for garbage, which would stop every thread meanwhile."""
    gc.collect()
    gc.freeze()


def work(app: App, stopping: threading.Event, begun: Callable[[], None] = lambda: None) -> None:
    """Run the workers until `stopping` is set. `begun` is called when all of them are there."""
    assert app.workers is not None, "built with works=True"
    settle()
    app.workers.start()
    begun()
    stopping.wait()
    app.workers.stop()
    app.close()
