"""Applying a desk: the organisation's rows are made, changed or marked as removed, in one transaction.

Nothing is deleted, because conversations point at it. The desk's files are kept with it, so that every process uses
the same desk and the last good one survives a broken folder.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson
from pydantic import BaseModel, SecretBytes, SecretStr
from sqlalchemy import ColumnElement, Connection, Table, delete, insert, select, update

from casella.desk.applying import credentials
from casella.desk.applying.changes import Change
from casella.desk.applying.passwords import hashed, verifies
from casella.desk.applying.private_numbers import PrivateNumbers
from casella.desk.checks.outside import require_outside
from casella.desk.files.secrets import Vault
from casella.desk.model import Desk
from casella.desk.overriding import kept
from casella.desk.overriding.settling import Outcome, Settled
from casella.desk.parts.additions import kept_entries
from casella.desk.parts.catalogue import Catalogue
from casella.desk.parts.connections import resolve_settings
from casella.desk.parts.desk_file import Agent
from casella.errors import SecretsUnreadable
from casella.ids import new_id
from casella.store.sealing import Sealer
from casella.store.tables import (
    agents,
    assistant_providers,
    channels,
    connections,
    inbox_members,
    inboxes,
    team_members,
    teams,
    webhooks,
)

Row = Mapping[str, object]
_ORDER = ("inbox", "connection", "channel", "assistant provider", "webhook", "team", "agent")
"""In which order people are told what has changed."""


@dataclass(frozen=True, slots=True)
class Applied:
    """`version`: the desk's version now, a new one if anything differs; `changes`: what was different in the rows;
    `overrides`: what became of the values that managers had changed."""

    version: int
    changes: tuple[Change, ...]
    overrides: tuple[Outcome, ...] = ()


def apply_desk(
    db: Connection, own: Desk, settled: Settled, catalogue: Catalogue, sealer: Sealer, vault: Vault, at: datetime
) -> Applied:
    """Make the database what the desk says: its `own` files, and over them what is `settled`. Raises SecretMissing,
    SettingsMistaken; then nothing has changed."""
    desk = settled.desk
    require_outside(desk, catalogue, vault)
    applying = _Applying(db, desk, catalogue, sealer, vault, at)
    applying.run()
    kept.forget(db, settled.over)
    newest = kept.newest(db)
    added = kept_entries(desk.rules.vocabulary).model_dump(mode="json")
    same = newest is not None and (newest.digest, newest.additions) == (desk.digest, added)
    if newest is not None and same and not applying.changes and not settled.over:
        return Applied(newest.id, (), settled.outcomes)
    own_files = own.files if desk is not own else None
    version = kept.use(db, desk, own_files, added, at)
    return Applied(version, tuple(applying.changes), settled.outcomes)


class _Applying:
    def __init__(
        self, db: Connection, desk: Desk, catalogue: Catalogue, sealer: Sealer, vault: Vault, at: datetime
    ) -> None:
        self._db, self._desk, self._catalogue = db, desk, catalogue
        self._sealer, self._vault, self._at = sealer, vault, at
        self.changes: list[Change] = []

    def run(self) -> None:
        parts = self._desk.parts
        inbox_ids = self._upsert(
            "inbox", inboxes, {key: self._inbox(key) for key in parts.inboxes}, among=inboxes.c.owner_id.is_(None)
        )
        link_ids = self._upsert("connection", connections, {key: self._connection(key) for key in parts.connections},
                                lambda known, wanted: self._same_sealed("channel_type", known, wanted))  # fmt: skip
        team_ids = self._upsert("team", teams, {key: {"name": team.name} for key, team in parts.teams.items()})
        agent_ids = self._agents()
        owned = PrivateNumbers(self._db, self._at, agent_ids)
        self._channels(inbox_ids, link_ids, owned)
        self._upsert(
            "assistant provider",
            assistant_providers,
            {key: self._provider(key) for key in parts.assistant.providers},
            lambda known, wanted: self._same_sealed("provider_type", known, wanted),
        )
        self._upsert(
            "webhook",
            webhooks,
            {key: self._webhook(key) for key in parts.webhooks},
            self._same_webhook,
        )
        self._resume_webhooks()
        self._members(team_members, "team_id", {
            team_ids[key]: [agent_ids[name] for name, agent in parts.agents.items() if key in agent.teams]
            for key in parts.teams
        })  # fmt: skip
        members = {inbox_ids[key]: [agent_ids[name] for name in self._desk.members(key)] for key in parts.inboxes}
        self._members(inbox_members, "inbox_id", {**members, **owned.members()}, since=self._at)
        self.changes.sort(key=lambda change: _ORDER.index(change.what))

    def _agents(self) -> dict[str, str]:
        persons = {key: self._agent(one) for key, one in self._desk.parts.agents.items()}
        before = credentials.people(self._db)
        credentials.set_apart(self._db, persons)
        ids = self._upsert("agent", agents, persons, self._same_agent, unique=("email",))
        credentials.end_outdated(self._db, before, persons, verifies, self._at)
        return ids

    def _channels(self, inbox_ids: Mapping[str, str], link_ids: Mapping[str, str], owned: PrivateNumbers) -> None:
        """A private number that comes into an inbox takes what was written before along, to be read (S-43)."""
        wanted = {
            key: {
                "connection_id": link_ids[channel.connection],
                "inbox_id": owned.inbox_of(channel.owner) if channel.owner else inbox_ids[channel.inbox],
                "address": channel.address,
                "name": channel.name or key,
                "options": dict(channel.options),
            }
            for key, channel in self._desk.parts.channels.items()
        }
        owned.move(lambda: self._upsert("channel", channels, wanted, unique=("connection_id", "address")))

    def _inbox(self, key: str) -> Row:
        inbox = self._desk.parts.inboxes[key]
        return {
            "name": inbox.name,
            "timezone": self._desk.timezone_of(key),
            "locale": self._desk.locale_of(key),
            "assignment_mode": inbox.assignment_mode,
            "settings": {},
        }

    def _connection(self, key: str) -> Row:
        part = self._desk.parts.connections[key]
        model = self._catalogue.channel_types[part.channel_type]
        settings = resolve_settings(part.settings, model, self._vault, key)
        return {"channel_type": part.channel_type, "settings_sealed": self._sealer.seal(_with_secrets(settings))}

    def _provider(self, key: str) -> Row:
        part = self._desk.parts.assistant.providers[key]
        model = self._catalogue.assistant_types[part.provider_type]
        settings = resolve_settings(part.settings, model, self._vault, key)
        return {"provider_type": part.provider_type, "settings_sealed": self._sealer.seal(_with_secrets(settings))}

    def _same_sealed(self, typed: str, known: Row, wanted: Row) -> bool:
        """Sealing twice gives two texts; what is sealed is compared. What a lost key had sealed is sealed anew."""
        try:
            before = self._sealer.open(str(known["settings_sealed"]))
        except SecretsUnreadable:
            return False
        after = self._sealer.open(str(wanted["settings_sealed"]))
        return known[typed] == wanted[typed] and before == after

    def _resume_webhooks(self) -> None:
        """What was known of a receiver is not known of another address."""
        mine = update(webhooks).where(webhooks.c.key.in_([one.key for one in self.changes if one.what == "webhook"]))
        self._db.execute(mine.values(failures=0, failing_since=None, paused_until=None))

    def _webhook(self, key: str) -> Row:
        part = self._desk.parts.webhooks[key]
        secret = self._sealer.seal(self._vault.read(part.secret)) if part.secret else None
        return {"url": part.url, "secret_sealed": secret}

    def _same_webhook(self, known: Row, wanted: Row) -> bool:
        if known["secret_sealed"] is None or wanted["secret_sealed"] is None:
            return known == {**known, **wanted}
        try:
            before = self._sealer.open(str(known["secret_sealed"]))
        except SecretsUnreadable:
            return False
        return known["url"] == wanted["url"] and before == self._sealer.open(str(wanted["secret_sealed"]))

    def _agent(self, agent: Agent) -> Row:
        password = self._vault.read(agent.password) if agent.password else None
        return {
            "name": agent.name,
            "email": agent.email.lower(),
            "role": agent.role,
            "locale": agent.languages[0] if agent.languages else self._desk.locale,
            "capacity": agent.capacity,
            "skills": list(agent.skills),
            "password_hash": password,
        }

    def _same_agent(self, known: Row, wanted: Row) -> bool:
        """Hashes are salted: a password is the same if its old hash still verifies."""
        plain = {name: value for name, value in wanted.items() if name != "password_hash"}
        return all(known[name] == value for name, value in plain.items()) and verifies(
            known["password_hash"], wanted["password_hash"]
        )

    def _upsert(
        self,
        what: str,
        table: Table,
        wanted: Mapping[str, Row],
        same: Callable[[Row, Row], bool] | None = None,
        unique: Sequence[str] = (),
        among: ColumnElement[bool] | None = None,
    ) -> dict[str, str]:
        """Rows by key, `among` those of the table that are the desk's. Returns each key's id. `unique`: columns that
        tell a thing apart whatever its key, so that a new key for the same address is the same channel, with all its
        conversations."""
        desks = select(table) if among is None else select(table).where(among)
        known = {row.key: dict(row._mapping) for row in self._db.execute(desks)}
        if unique:
            _follow_renames(known, wanted, unique)
            self._make_room(table, known, wanted, unique)
        equal = same or (lambda old, new: all(old[name] == value for name, value in new.items()))
        ids: dict[str, str] = {}
        for key, values in wanted.items():
            old = known.get(key)
            ids[key] = str(old["id"]) if old else new_id()
            if old is None:
                self._db.execute(insert(table), {"id": ids[key], "key": key, **_hashed(values)})
                self.changes.append(Change(what, key, "created"))
            elif old["removed_at"] is not None or old["key"] != key or not equal(old, values):
                changed = _hashed(values, old) | {"removed_at": None, "key": key}
                self._db.execute(update(table).where(table.c.id == ids[key]).values(changed))
                renamed = (f"its key was {old['key']}",) if old["key"] != key else ()
                self.changes.append(Change(what, key, "restored" if old["removed_at"] else "changed", renamed))
        self._remove(what, table, (row for key, row in known.items() if key not in wanted))
        return ids

    def _make_room(
        self, table: Table, known: Mapping[str, dict[str, object]], wanted: Mapping[str, Row], unique: Sequence[str]
    ) -> None:
        """Two channels may exchange their addresses, or take that of one which is gone: whoever holds what another
        one shall have lets go of it first."""
        claimed = {_values(values, unique): key for key, values in wanted.items()}
        for key, row in known.items():
            if claimed.get(_values(row, unique), key) != key:
                row[unique[-1]] = f"{row[unique[-1]]}~{row['id']}"
                self._db.execute(update(table).where(table.c.id == row["id"]).values({unique[-1]: row[unique[-1]]}))

    def _remove(self, what: str, table: Table, rows: Iterable[Row]) -> None:
        for row in rows:
            if row["removed_at"] is None:
                self._db.execute(update(table).where(table.c.id == row["id"]).values(removed_at=self._at))
                self.changes.append(Change(what, str(row["key"]), "removed"))

    def _members(self, table: Table, owner: str, wanted: Mapping[str, list[str]], **more: object) -> None:
        known = {(getattr(row, owner), row.agent_id) for row in self._db.execute(select(table))}
        right = {(group, agent) for group, members in wanted.items() for agent in members}
        for group, agent in known - right:
            self._db.execute(delete(table).where(table.c[owner] == group, table.c.agent_id == agent))
        if missing := [{owner: group, "agent_id": agent, **more} for group, agent in sorted(right - known)]:
            self._db.execute(insert(table), missing)


def _follow_renames(known: dict[str, dict[str, object]], wanted: Mapping[str, Row], unique: Sequence[str]) -> None:
    """File under its new key what has only got another key."""
    keyless = {_values(row, unique): key for key, row in known.items() if key not in wanted}
    for key, values in wanted.items():
        if key not in known and (before := keyless.get(_values(values, unique))) is not None:
            known[key] = known.pop(before)


def _values(row: Row, columns: Sequence[str]) -> tuple[object, ...]:
    return tuple(row[name] for name in columns)


def _with_secrets(settings: BaseModel) -> str:
    """JSON with the secrets in it: only ever to be sealed."""

    def plain(value: object) -> object:
        if isinstance(value, SecretStr):
            return value.get_secret_value()
        if isinstance(value, SecretBytes):
            return value.get_secret_value().decode()
        raise TypeError(type(value).__name__)

    return orjson.dumps(settings.model_dump(mode="python"), default=plain, option=orjson.OPT_SORT_KEYS).decode()


def _hashed(values: Row, old: Row | None = None) -> dict[str, object]:
    """`old`: as it is now; a password that has not changed keeps its hash."""
    password, known = values.get("password_hash"), old.get("password_hash") if old else None
    if not password:
        return dict(values)
    return {**values, "password_hash": known if known and verifies(known, password) else hashed(str(password))}
