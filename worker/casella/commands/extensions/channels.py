"""`casella channels`: what is installed, what was set aside and why, and the channels of the desk with their state."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Annotated

import httpx
import orjson
import typer
from rich.markup import escape
from rich.table import Table
from sqlalchemy import select

from casella import app as house
from casella.commands.extensions.set_aside import SetAside, find_set_aside
from casella.commands.shared import out, quiet_settings
from casella.desk.parts.catalogue import Catalogue
from casella.errors import PluginFailed
from casella.host import Host, find_plugins, rules_of
from casella.inbox.house import DirectoryHolder, Rooms, guest_client
from casella.plugin import CONTRACT_VERSION, Refusal, SendError
from casella.settings import Settings
from casella.store import Store, migrate
from casella.store import tables as t
from casella.store.sealing import Sealer


@dataclass(frozen=True, slots=True)
class TypeLine:
    """A channel type. `state`: ready, set_aside, or partly_set_aside (some of its methods), with the `reason`.
    `traceback`: of one that cannot be loaded."""

    type: str
    title: str
    contract: str
    state: str
    reason: str = ""
    attachments: int = 0
    business_may_start: bool = False
    traceback: str = ""


@dataclass(frozen=True, slots=True)
class ChannelLine:
    """A channel of the desk. `state`: ready, paused, plugin_missing, plugin_set_aside, plugin_partly_set_aside, refused
    (its settings), or (with --check) refused by the provider, unreachable and plugin_failed."""

    key: str
    type: str
    address: str
    connection: str
    inbox: str
    state: str
    reason: str = ""
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class RuleLine:
    """Something a plugin adds to the rules. `kind`: field, action or strategy. `state` as of a channel type."""

    plugin: str
    kind: str
    name: str
    description: str
    state: str
    reason: str = ""


def register(cli: typer.Typer) -> None:
    cli.command()(channels)


def channels(
    as_json: Annotated[bool, typer.Option("--json", help="For programs: one JSON document.")] = False,
    check: Annotated[bool, typer.Option("--check", help="Ask each channel's provider whether it works.")] = False,
) -> None:
    """List the channel types that are installed, what plugins add to the rules, what was set aside and why, and the
    desk's channels.

    What the running server and other processes have set aside is told, too. Exit code 1 if a type is set aside, wholly
    or in part, if a plugin refuses its settings, or if --check finds a channel that does not work.

    Example: casella channels --check
    Example: casella channels --json | python -m json.tool
    """
    settings = quiet_settings()
    host = find_plugins()
    Catalogue.of_host(host)  # names that the language itself has are refused here, as where a desk is read
    with _database(settings) as store:
        aside = find_set_aside(settings, host, store)
        lines = channel_lines(settings, host, aside, store)
    if check:
        lines = checked_lines(settings, host, lines)
    types, rules = type_lines(host, aside), rule_lines(host, aside)
    if as_json:
        _print_json(types, lines, rules)
    else:
        print_tables(types, lines, rules)
    if aside.plugins or aside.methods or any(line.state not in ("ready", "paused") for line in lines):
        raise SystemExit(1)


@contextmanager
def _database(settings: Settings) -> Iterator[Store | None]:
    """None where there is none yet: nothing is made."""
    if not settings.database_url and not (settings.data_dir / "casella.db").exists():
        yield None
        return
    store = Store(settings.effective_database_url)
    try:
        yield store
    finally:
        store.close()


def type_lines(host: Host, aside: SetAside) -> list[TypeLine]:
    """Every channel type, and every plugin that never got so far as to have one."""
    found = []
    for name, plugin in host.plugins.items():
        able = plugin.capabilities
        can = (able.attachments.count, able.business_may_start)
        found.append(TypeLine(name, plugin.title, plugin.contract_version, *aside.state(name), *can))
    known = {line.type for line in found} | {rules_of(plugin) for plugin in host.rules.additions}
    return found + [
        TypeLine(name, "", "", "set_aside", reason, traceback=aside.tracebacks.get(name, ""))
        for name, reason in aside.plugins.items()
        if name not in known
    ]


def rule_lines(host: Host, aside: SetAside) -> list[RuleLine]:
    """What plugins add to the rules."""
    found = []
    for plugin, additions in sorted(host.rules.additions.items()):
        state = aside.state(plugin if plugin in aside.plugins else rules_of(plugin))
        state = ("set_aside" if state[0] != "ready" else "ready", state[1])
        for kind, entries in (
            ("field", additions.fields), ("action", additions.actions), ("strategy", additions.strategies),
        ):  # fmt: skip
            found += [RuleLine(plugin, kind, one.name, one.description, *state) for one in entries]
    return found


def channel_lines(settings: Settings, host: Host, aside: SetAside, store: Store | None) -> list[ChannelLine]:
    """The desk's channels as the database has them; none where there is no database yet. Changes nothing."""
    if store is None:
        return []
    wanted = (
        select(
            t.channels, t.connections.c.key.label("connection"), t.connections.c.channel_type,
            t.inboxes.c.name.label("inbox"),
        )
        .join(t.connections, t.connections.c.id == t.channels.c.connection_id)
        .join(t.inboxes, t.inboxes.c.id == t.channels.c.inbox_id)
        .where(t.channels.c.removed_at.is_(None))
        .order_by(t.channels.c.key)
    )  # fmt: skip
    with store.read() as db:
        if migrate.current(db) is None:
            return []
        rows = db.execute(wanted).all()
    refused = _refused(settings, host, store) if rows else {}
    found = []
    for row in rows:
        if row.connection in refused and row.channel_type in host.plugins:
            state, reason = "refused", refused[row.connection]
        else:
            state, reason = _state(host, aside, row.channel_type, row.paused_code, row.paused_text)
        where = (row.key, row.channel_type, row.address, row.connection, row.inbox)
        found.append(ChannelLine(*where, state, reason, row.paused_until))
    return found


def _refused(settings: Settings, host: Host, store: Store) -> Mapping[str, str]:
    """Connections that cannot be used, with the reason, as a server finds them."""
    directory = DirectoryHolder(store, host, Sealer(settings.secret_keys()), settings.public_url)
    directory.reload()
    return {one.key: one.problem for one in directory.current.connections.values() if one.problem}


def _state(host: Host, aside: SetAside, channel_type: str, paused: str | None, why: str | None) -> tuple[str, str]:
    state, reason = aside.state(channel_type)
    if state == "set_aside":
        return "plugin_set_aside", reason
    if channel_type not in host.plugins:
        return "plugin_missing", f"no plugin for channel type '{channel_type}' is installed"
    if paused:
        return "paused", why or paused
    return (f"plugin_{state}", reason) if state != "ready" else ("ready", "")


def checked_lines(settings: Settings, host: Host, lines: Sequence[ChannelLine]) -> list[ChannelLine]:
    """The same, and what the providers say of the channels that seem ready."""
    built = house.build(settings, serves=False, works=False, host=host)
    try:
        with guest_client() as http:
            return [checked(built.rooms, line, http) for line in lines]
    finally:
        built.close()


def checked(rooms: Rooms, line: ChannelLine, http: httpx.Client) -> ChannelLine:
    """The line with what the channel's provider says, if the channel seems ready."""
    entry = rooms.directory.current.channel_named(line.key)
    if line.state != "ready" or entry is None:
        return line
    if entry.channel is None:
        return _with(line, "refused", entry.connection.problem or "its settings cannot be used")
    channel, plugin = entry.channel, rooms.host.plugin(line.type)
    try:
        refusal = rooms.host.call(plugin, "health", lambda: plugin.health(channel, http), (Refusal, type(None)))
    except SendError as error:
        return _with(line, "unreachable", error.text)
    except PluginFailed:
        return _with(line, "plugin_failed", rooms.host.breakers.last_failure(line.type, "health"))
    return _with(line, "refused", refusal.text) if isinstance(refusal, Refusal) else line


def _with(line: ChannelLine, state: str, reason: str) -> ChannelLine:
    return ChannelLine(**{**asdict(line), "state": state, "reason": reason})


def _print_json(types: list[TypeLine], lines: list[ChannelLine], rules: list[RuleLine]) -> None:
    document = {"contract": CONTRACT_VERSION, "types": types, "channels": lines, "rules": rules}
    sys.stdout.write(orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode())


def print_tables(types: list[TypeLine], lines: list[ChannelLine], rules: list[RuleLine]) -> None:
    installed = Table(
        "type", "name", "attachments", "who may begin", "state", title="Channel types", title_style="bold"
    )
    for line in types:
        begins = "both sides" if line.business_may_start else "the contact"
        able = (str(line.attachments), begins) if line.title else ("", "")
        installed.add_row(line.type, line.title, *able, line.state.replace("_", " "))
    out.print(installed)
    for line in types:
        _print_why(line.type, line.state, line.reason, line.traceback)
    if rules:
        added = Table(
            "plugin", "kind", "name", "what it is", "state", title="Additions to the rules", title_style="bold"
        )
        for rule in rules:
            added.add_row(rule.plugin, rule.kind, rule.name, escape(rule.description), rule.state.replace("_", " "))
        out.print(added)
        for rule in rules:
            _print_why(f"{rule.plugin} {rule.name}".strip(), rule.state, rule.reason)
    if not lines:
        out.print("No desk is applied, so there are no channels: casella apply FOLDER (casella new-desk begins one)")
        return
    of_desk = Table("channel", "type", "address", "inbox", "state", title="Channels of the desk")
    for one in lines:
        of_desk.add_row(one.key, one.type, escape(one.address), escape(one.inbox), one.state.replace("_", " "))
    out.print(of_desk)
    for one in lines:
        until = f" (until {one.until:%Y-%m-%d %H:%M} UTC)" if one.until else ""
        _print_why(one.key, one.state, f"{one.reason}{until}".strip())


def _print_why(name: str, state: str, reason: str, traceback: str = "") -> None:
    """Below its table, on lines of its own: a column would cut the place and the sentence."""
    if reason:
        out.print(f"{name}: {state.replace('_', ' ')}: {reason}", markup=False, soft_wrap=True)
    if traceback:
        out.print(traceback, markup=False, soft_wrap=True)
