"""`casella channels`: what is installed, what was set aside and why, and the channels of the desk with their state."""

from __future__ import annotations

import sys
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Annotated

import httpx
import orjson
import typer
from rich.table import Table
from sqlalchemy import select

from casella import app as house
from casella.commands.shared import out, quiet_settings
from casella.desk.parts.catalogue import Catalogue
from casella.errors import PluginFailed
from casella.host import Host, find_plugins, rules_of
from casella.inbox.house import Rooms, guest_client
from casella.plugin import CONTRACT_VERSION, Refusal, SendError
from casella.settings import Settings
from casella.store import Store, migrate
from casella.store import tables as t


@dataclass(frozen=True, slots=True)
class TypeLine:
    """A channel type. `state`: ready, or set_aside with its `reason`."""

    type: str
    title: str
    contract: str
    state: str
    reason: str = ""
    attachments: int = 0
    business_may_start: bool = False


@dataclass(frozen=True, slots=True)
class ChannelLine:
    """A channel of the desk. `state`: ready, paused, plugin_missing, plugin_set_aside, or (with --check) refused,
    unreachable and plugin_failed."""

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

    Exit code 1 if a type is set aside, or if --check finds a channel that does not work.

    Example: casella channels --check
    Example: casella channels --json | python -m json.tool
    """
    settings = quiet_settings()
    host = find_plugins()
    types = type_lines(host)
    lines = checked_lines(settings, host) if check else channel_lines(settings, host)
    if as_json:
        _print_json(types, lines, rule_lines(host))
    else:
        _print_tables(types, lines, rule_lines(host))
    if host.quarantined or (check and any(line.state not in ("ready", "paused") for line in lines)):
        raise SystemExit(1)


def type_lines(host: Host) -> list[TypeLine]:
    """Every channel type, and every plugin that never got so far as to have one."""
    found = []
    for name, plugin in host.plugins.items():
        able, aside = plugin.capabilities, host.quarantined.get(name)
        state, reason = ("set_aside", aside.reason) if aside else ("ready", "")
        can = (able.attachments.count, able.business_may_start)
        found.append(TypeLine(name, plugin.title, plugin.contract_version, state, reason, *can))
    known = {line.type for line in found} | {rules_of(plugin) for plugin in host.rules.additions}
    return found + [
        TypeLine(name, "", "", "set_aside", one.reason) for name, one in host.quarantined.items() if name not in known
    ]


def rule_lines(host: Host) -> list[RuleLine]:
    """What plugins add to the rules. Names that the language itself has are refused here, as where a desk is read."""
    Catalogue.of_host(host)
    found = []
    for plugin, additions in sorted(host.rules.additions.items()):
        reason = host.rules.problem(plugin)
        state = ("set_aside", reason.removeprefix("is set aside: ")) if reason else ("ready",)
        for kind, entries in (
            ("field", additions.fields), ("action", additions.actions), ("strategy", additions.strategies),
        ):  # fmt: skip
            found += [RuleLine(plugin, kind, one.name, one.description, *state) for one in entries]
    return found


def channel_lines(settings: Settings, host: Host) -> list[ChannelLine]:
    """The desk's channels as the database has them; none where there is no database yet. Changes nothing."""
    if not settings.database_url and not (settings.data_dir / "casella.db").exists():
        return []
    store = Store(settings.effective_database_url)
    try:
        return _stored_lines(store, host)
    finally:
        store.close()


def _stored_lines(store: Store, host: Host) -> list[ChannelLine]:
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
    found = []
    for row in rows:
        state, reason = _state(host, row.channel_type, row.paused_code, row.paused_text)
        where = (row.key, row.channel_type, row.address, row.connection, row.inbox)
        found.append(ChannelLine(*where, state, reason, row.paused_until))
    return found


def _state(host: Host, channel_type: str, paused: str | None, why: str | None) -> tuple[str, str]:
    if aside := host.quarantined.get(channel_type):
        return "plugin_set_aside", aside.reason
    if channel_type not in host.plugins:
        return "plugin_missing", f"no plugin for channel type '{channel_type}' is installed"
    return ("paused", why or paused) if paused else ("ready", "")


def checked_lines(settings: Settings, host: Host) -> list[ChannelLine]:
    """The same, and what the providers say of the channels that seem ready."""
    built = house.build(settings, serves=False, works=False, host=host)
    try:
        with guest_client() as http:
            return [checked(built.rooms, line, http) for line in channel_lines(settings, host)]
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


def _print_tables(types: list[TypeLine], lines: list[ChannelLine], rules: list[RuleLine]) -> None:
    installed = Table(
        "type", "name", "attachments", "who may begin", "state", title="Channel types", title_style="bold"
    )
    for line in types:
        begins = "both sides" if line.business_may_start else "the contact"
        able = (str(line.attachments), begins) if line.title else ("", "")
        state = "ready" if line.state == "ready" else f"set aside: {line.reason}"
        installed.add_row(line.type, line.title, *able, state)
    out.print(installed)
    if rules:
        added = Table(
            "plugin", "kind", "name", "what it is", "state", title="Additions to the rules", title_style="bold"
        )
        for rule in rules:
            state = "ready" if rule.state == "ready" else f"set aside: {rule.reason}"
            added.add_row(rule.plugin, rule.kind, rule.name, rule.description, state)
        out.print(added)
    if not lines:
        out.print("No desk is applied, so there are no channels: casella apply FOLDER (casella new-desk begins one)")
        return
    of_desk = Table("channel", "type", "address", "inbox", "state", title="Channels of the desk")
    for one in lines:
        until = f", until {one.until:%Y-%m-%d %H:%M} UTC" if one.until else ""
        why = f": {one.reason}{until}" if one.reason else until
        of_desk.add_row(one.key, one.type, one.address, one.inbox, f"{one.state.replace('_', ' ')}{why}")
    out.print(of_desk)
