"""The organisation as one immutable snapshot: who and what a message may meet on its way.

Read from the database when a desk has been applied; asked on every message without asking the database.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

import structlog
from pydantic import ValidationError
from sqlalchemy import Connection as Db
from sqlalchemy import func, select

from casella.errors import CasellaError, ConfigurationError
from casella.host import Host, place_of
from casella.plugin import Capabilities, Channel, ChannelPlugin, Connection, Registration
from casella.store import Store
from casella.store.prepared import Query
from casella.store.sealing import Sealer
from casella.store.tables import (
    agents,
    channels,
    connections,
    desk_versions,
    inbox_members,
    inboxes,
    team_members,
    teams,
)

_log = structlog.get_logger("casella.directory")


@dataclass(frozen=True, slots=True, eq=False)
class InboxEntry:
    id: str
    key: str
    name: str
    timezone: str
    locale: str
    assignment_mode: bool
    members: frozenset[str]
    #: Whose private inbox it is; None: a shared one.
    owner_id: str | None = None

    @property
    def world(self) -> str:
        """Of the conversations that begin in it."""
        return "private" if self.owner_id else "shared"


@dataclass(frozen=True, slots=True, eq=False)
class ConnectionEntry:
    """A connection with its plugin's settings, ready to be given to the plugin. `connection` is None while its
    plugin is missing or refuses its settings; `problem` says why."""

    id: str
    key: str
    channel_type: str
    connection: Connection | None
    problem: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class ChannelEntry:
    id: str
    key: str
    address: str
    name: str
    inbox: InboxEntry
    connection: ConnectionEntry
    channel: Channel | None
    #: When it came into its shared inbox, and whose private number it was until then.
    joined_at: datetime | None = None
    joined_from: str | None = None

    @property
    def channel_type(self) -> str:
        return self.connection.channel_type


@dataclass(frozen=True, slots=True, eq=False)
class AgentEntry:
    id: str
    key: str
    name: str
    role: str
    locale: str
    capacity: int | None
    skills: frozenset[str]


@dataclass(frozen=True, slots=True, eq=False)
class TeamEntry:
    id: str
    key: str
    name: str
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Directory:
    """`version` rises with every applied desk. `inboxes`: the shared ones; of private ones only their channels know.
    `pools`, `abilities` and `registrations`: what plugins said so far of their channels' sender pools, capabilities and
    senders."""

    version: int = 0
    inboxes: Mapping[str, InboxEntry] = field(default_factory=dict)
    connections: Mapping[str, ConnectionEntry] = field(default_factory=dict)
    channels: Mapping[str, ChannelEntry] = field(default_factory=dict)
    agents: Mapping[str, AgentEntry] = field(default_factory=dict)
    teams: Mapping[str, TeamEntry] = field(default_factory=dict)
    by_address: Mapping[tuple[str, str], ChannelEntry] = field(default_factory=dict)
    pools: dict[ChannelEntry, str] = field(default_factory=dict)
    abilities: dict[ChannelEntry, Capabilities] = field(default_factory=dict)
    registrations: dict[ChannelEntry, Registration | None] = field(default_factory=dict)

    def team(self, key: str | None) -> TeamEntry | None:
        """By its key in the desk."""
        return next((entry for entry in self.teams.values() if entry.key == key), None)

    def key_of(self, agent_id: str | None) -> str | None:
        """An agent's key in the desk."""
        agent = self.agents.get(agent_id or "")
        return agent.key if agent else None

    def connection(self, key: str) -> ConnectionEntry | None:
        """By its key, as in `/webhooks/{key}`."""
        return self.connections.get(key)

    def channel_named(self, key: str) -> ChannelEntry | None:
        """By its key in the desk."""
        return next((entry for entry in self.channels.values() if entry.key == key), None)

    def channel_at(self, connection_key: str, address: str) -> ChannelEntry | None:
        """The channel of a connection that has this address of its own."""
        return self.by_address.get((connection_key, address))

    def is_own(self, channel_type: str, address: str) -> bool:
        """Whether this is no contact's address but one of our channels of this type."""
        own = (entry.address for entry in self.channels.values() if entry.channel_type == channel_type)
        return address in own


class DirectoryHolder:
    """The current snapshot, and how to renew it."""

    def __init__(self, store: Store, host: Host, sealer: Sealer, public_url: str) -> None:
        self._store, self._host, self._sealer, self._public_url = store, host, sealer, public_url
        self._lock = threading.Lock()
        self._current = Directory()

    @property
    def current(self) -> Directory:
        return self._current

    def refresh(self) -> bool:
        """Read it anew if another desk was applied since. True if it was."""
        with self._lock, self._store.read() as db:
            version = newest_version(db)
            if version == self._current.version:
                return False
            self._current = self._read(db, version)
            return True

    def reload(self) -> None:
        """Read it anew in any case."""
        with self._lock, self._store.read() as db:
            self._current = self._read(db, newest_version(db))

    def _read(self, db: Db, version: int) -> Directory:
        known_inboxes = _inboxes(db)
        known_connections = self._connections(db)
        known_channels = _channels(db, known_inboxes, known_connections)
        return Directory(
            version=version,
            inboxes={id: entry for id, entry in known_inboxes.items() if entry.owner_id is None},
            connections={entry.key: entry for entry in known_connections.values()},
            channels=known_channels,
            agents=_agents(db),
            teams=_teams(db),
            by_address={(entry.connection.key, entry.address): entry for entry in known_channels.values()},
        )

    def _connections(self, db: Db) -> dict[str, ConnectionEntry]:
        rows = db.execute(select(connections).where(connections.c.removed_at.is_(None)))
        return {row.id: self._connection(row.id, row.key, row.channel_type, row.settings_sealed) for row in rows}

    def _connection(self, id: str, key: str, channel_type: str, sealed: str) -> ConnectionEntry:
        plugin: ChannelPlugin | None = self._host.plugins.get(channel_type)
        try:
            if plugin is None:
                raise ConfigurationError(f"no plugin for channel type '{channel_type}' is installed")
            settings = plugin.settings_model.model_validate_json(self._sealer.open(sealed))
        except ValidationError as error:  # its text would repeat the settings, secrets included
            fields = ", ".join(".".join(map(str, item["loc"])) for item in error.errors(include_input=False))
            problem = f"the plugin refuses these settings: {fields}"
        except CasellaError as error:
            problem = error.text
        except Exception as error:  # noqa: BLE001 - the edge to validators that are not ours
            problem = f"the plugin fails at these settings: {type(error).__name__} ({place_of(error)})"
        else:
            return ConnectionEntry(
                id, key, channel_type, Connection(key, settings, f"{self._public_url}/webhooks/{key}")
            )
        _log.error("connection unusable", connection=key, reason=problem)
        return ConnectionEntry(id, key, channel_type, None, problem)


def newest_version(db: Db) -> int:
    [newest] = _NEWEST(db)
    return newest.version


class _Version(NamedTuple):
    version: int


_NEWEST = Query(_Version, select(func.coalesce(func.max(desk_versions.c.id), 0).label("version")))


def _inboxes(db: Db) -> dict[str, InboxEntry]:
    members: dict[str, set[str]] = {}
    for row in db.execute(select(inbox_members)):
        members.setdefault(row.inbox_id, set()).add(row.agent_id)
    return {
        row.id: InboxEntry(
            row.id,
            row.key,
            row.name,
            row.timezone,
            row.locale,
            row.assignment_mode,
            frozenset(members.get(row.id, ())),
            row.owner_id,
        )
        for row in db.execute(select(inboxes).where(inboxes.c.removed_at.is_(None)))
    }


def _channels(
    db: Db, known_inboxes: Mapping[str, InboxEntry], known_connections: Mapping[str, ConnectionEntry]
) -> dict[str, ChannelEntry]:
    entries = {}
    for row in db.execute(select(channels).where(channels.c.removed_at.is_(None))):
        inbox, link = known_inboxes.get(row.inbox_id), known_connections.get(row.connection_id)
        if inbox is None or link is None:
            continue
        channel = Channel(row.id, row.address, link.connection, row.options) if link.connection else None
        entries[row.id] = ChannelEntry(
            row.id, row.key, row.address, row.name, inbox, link, channel, row.joined_at, row.joined_from
        )
    return entries


def _agents(db: Db) -> dict[str, AgentEntry]:
    return {
        row.id: AgentEntry(row.id, row.key, row.name, row.role, row.locale, row.capacity, frozenset(row.skills))
        for row in db.execute(select(agents).where(agents.c.removed_at.is_(None)))
    }


def _teams(db: Db) -> dict[str, TeamEntry]:
    members: dict[str, list[str]] = {}
    for row in db.execute(select(team_members).order_by(team_members.c.agent_id)):
        members.setdefault(row.team_id, []).append(row.agent_id)
    return {
        row.id: TeamEntry(row.id, row.key, row.name, tuple(members.get(row.id, ())))
        for row in db.execute(select(teams).where(teams.c.removed_at.is_(None)))
    }
