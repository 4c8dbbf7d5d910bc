"""The house in memory: the real rooms, on a database that is laid out once per desk and taken back after each test.

    RuleTestHouse(desk, host)     the desk is applied here, without secrets, passwords and files
    with house.begin(given):      the world as a test begins; what happens in it is undone afterwards

Nothing runs by itself, nothing leaves, and nothing is kept on disk.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from pydantic import SecretStr
from sqlalchemy import update

from casella.desk import Agent, Channel, Connection, Desk, DeskFile, Inbox, Vault
from casella.desk.applying.apply import apply_desk
from casella.desk.overriding.settling import Settled
from casella.desk.parts.catalogue import Catalogue
from casella.desk.test_file.field_values import given_facts
from casella.desk.test_file.parts import Given
from casella.host import Host
from casella.inbox.files import FileLinks, MediaStore, storage_at
from casella.inbox.house import DeskHolder, DirectoryHolder, Rooms, SilentBell
from casella.inbox.routing import keep_rule_set
from casella.inbox.rule_tests.given import contact_address, lay_out, on_duty
from casella.inbox.rule_tests.stand_ins import NO_CHANNEL, NoSettings, stand_in_host
from casella.inbox.rule_tests.world import HandClock, World
from casella.plugin import RuleFact
from casella.settings import Settings
from casella.store.memory import MemoryStore
from casella.store.sealing import Sealer
from casella.store.tables import agents

_KEY = "a key of this moment, which seals nothing secret"
_BEFORE = datetime(2000, 1, 1, tzinfo=UTC)
_NO_FILES = {"desk.yaml": ""}


class RuleTestHouse:
    """One per desk. A test is played within `begin`; what it did is undone afterwards."""

    def __init__(self, desk: Desk, host: Host) -> None:
        self._desk = _applied(desk)
        self._store = MemoryStore()
        self._fields: dict[str, RuleFact] = {}
        self._host = stand_in_host(host, desk.parts.connections, self._fields)
        self._sealer = Sealer([_KEY])
        self._clock = HandClock()
        self._rooms = self._apply(self._desk)
        with self._store.write() as db:
            keep_rule_set(self._rooms, db, desk.rules, _BEFORE)
            on_it = [key for key, agent in self._desk.parts.agents.items() if agent.teams]
            db.execute(update(agents).values(available=agents.c.key.in_(on_it)))
        self._store.lay_down()

    @contextmanager
    def begin(self, given: Given) -> Iterator[World]:
        """The world before anything happens."""
        try:
            yield self._world(given)
        finally:
            self._store.take_back()

    def _world(self, given: Given) -> World:
        desk = with_agents(self._desk, given)
        rooms = self._rooms if desk is self._desk else self._apply(desk)
        self._fields.clear()
        self._fields.update(given_facts(desk.rules.vocabulary, given.fields))
        channel = next(one for one in rooms.directory.current.channels.values() if one.key == _channel_of(desk, given))
        address = contact_address(rooms, channel, given.contact)
        world = World(desk, rooms, self._clock, channel, address, tuple(on_duty(desk, given)))
        self._clock.at = world.local(given.at)
        with self._store.write() as db:
            lay_out(db, world, given)
        return world

    def _apply(self, desk: Desk) -> Rooms:
        catalogue = Catalogue(dict.fromkeys(self._host.plugins, NoSettings), desk.rules.vocabulary)
        with self._store.write() as db:
            vault = Vault({}, desk.folder)
            applied = apply_desk(db, desk, Settled(desk), catalogue, self._sealer, vault, _BEFORE)
        rooms = Rooms(
            settings=Settings.model_construct(secret_key=SecretStr(_KEY), lanes=1),
            store=self._store,
            clock=self._clock,
            sealer=self._sealer,
            host=self._host,
            bell=SilentBell(),
            directory=DirectoryHolder(self._store, self._host, self._sealer, "http://127.0.0.1"),
            desk=DeskHolder(self._store, self._host),
            media=MediaStore(storage_at("", Path("nowhere"))),
            links=FileLinks(_KEY, "http://127.0.0.1"),
        )
        rooms.desk.use(desk, applied.version)
        rooms.directory.reload()
        return rooms


def _applied(desk: Desk) -> Desk:
    """The same desk without anything that is kept elsewhere, with a place for what it has no channel or agent for."""
    parts = desk.parts
    inboxes = dict(parts.inboxes) or {"inbox": Inbox.model_construct(name="Inbox")}
    nobody = Agent.model_construct(name="Agent", email="agent@desk.invalid", inboxes=tuple(inboxes))
    changed = {
        "inboxes": inboxes,
        "connections": {
            **{key: part.model_copy(update={"settings": {}}) for key, part in parts.connections.items()},
            NO_CHANNEL: Connection.model_construct(channel_type=NO_CHANNEL),
        },
        "channels": {**parts.channels, **{_no_channel(inbox): _without(inbox) for inbox in inboxes}},
        "agents": {
            key: part.model_copy(update={"password": None}) for key, part in (parts.agents or {"agent": nobody}).items()
        },
        "webhooks": {key: part.model_copy(update={"secret": None}) for key, part in parts.webhooks.items()},
        "assistant": parts.assistant.model_copy(update={"providers": {}}),
    }
    return replace(desk, parts=parts.model_copy(update=changed), files=_NO_FILES)


def with_agents(desk: Desk, given: Given) -> Desk:
    """The desk with the teams, skills and people that only this test gives it; the very same where it gives none."""
    known, changed = desk.parts.agents, dict[str, Agent]()
    everywhere = tuple(desk.parts.inboxes)
    for key, wanted in (given.agents or {}).items():
        email = f"{key}@desk.invalid".lower()
        agent = known.get(key) or Agent.model_construct(name=key, email=email, inboxes=everywhere)
        values: dict[str, object] = {} if wanted.team is None else {"teams": (wanted.team,)}
        values |= {} if wanted.skills is None else {"skills": wanted.skills}
        if values or key not in known:
            changed[key] = agent.model_copy(update=values)
    if not changed:
        return desk
    parts: DeskFile = desk.parts.model_copy(update={"agents": {**known, **changed}})
    return replace(desk, parts=parts)


def _no_channel(inbox: str) -> str:
    return f"{NO_CHANNEL}-{inbox}"


def _without(inbox: str) -> Channel:
    return Channel.model_construct(connection=NO_CHANNEL, inbox=inbox, address=_no_channel(inbox))


def _channel_of(desk: Desk, given: Given) -> str:
    """The channel of a test: as named, else the first there is; where there is none, one that carries everything."""
    parts = desk.parts
    fitting = (
        key for key, channel in parts.channels.items()
        if channel.connection != NO_CHANNEL and not channel.owner
        and given.channel in (None, key, parts.connections[channel.connection].channel_type)
        and given.inbox in (None, channel.inbox)
    )  # fmt: skip
    return next(fitting, _no_channel(given.inbox or next(iter(parts.inboxes))))
