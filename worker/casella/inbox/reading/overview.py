"""The organisation as a member sees it: his inboxes and channels, everybody's names; and for managers, what is out of
order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import NoneType

from sqlalchemy import Connection

from casella.errors import CasellaError, NotFound
from casella.inbox.house import Directory, Rooms, able
from casella.inbox.reading.members import Member
from casella.inbox.views import Named
from casella.plugin import Capabilities, Registration
from casella.store.queries import agent_queries, organisation_queries
from casella.store.rows import TableRow


@dataclass(frozen=True, slots=True)
class InboxView:
    id: str
    key: str
    name: str
    timezone: str
    assignment_mode: bool


@dataclass(frozen=True, slots=True)
class ChannelView:
    id: str
    key: str
    name: str
    channel_type: str
    address: str
    inbox_id: str
    connection: str
    paused_code: str | None
    paused_text: str | None
    paused_until: datetime | None
    registration: Registration | None
    capabilities: Capabilities | None
    joined_at: datetime | None


@dataclass(frozen=True, slots=True)
class TeamView:
    id: str
    key: str
    name: str
    member_ids: Sequence[str]


@dataclass(frozen=True, slots=True)
class ConnectionView:
    key: str
    channel_type: str
    problem: str | None
    kept_webhooks: int


def inboxes(db: Connection, member: Member) -> list[InboxView]:
    rows = organisation_queries.inboxes(db, sorted(member.inbox_ids))
    return [InboxView(row.id, row.key, row.name, row.timezone, row.assignment_mode) for row in rows]


def channels(db: Connection, rooms: Rooms, member: Member) -> list[ChannelView]:
    """Why a channel is paused is shown to managers only."""
    return [_channel(rooms, row, member) for row in organisation_queries.channels(db, sorted(member.inbox_ids))]


def own_numbers(db: Connection, rooms: Rooms, member: Member) -> list[ChannelView]:
    """Those that belong to the member (S-21); nobody else is shown them."""
    rows = organisation_queries.channels(db, sorted(member.private_inbox_ids)) if member.private_inbox_ids else ()
    return [_channel(rooms, row, member) for row in rows]


def _channel(rooms: Rooms, row: TableRow, member: Member) -> ChannelView:
    code, text, until = (
        (row.paused_code, row.paused_text, row.paused_until) if member.is_manager else (None, None, None)
    )
    return ChannelView(
        row.id, row.key, row.name, row.channel_type, row.address, row.inbox_id, row.connection_key, code, text, until,
        registration_of(rooms, row.id), capabilities_of(rooms, row.id), row.joined_at,
    )  # fmt: skip


def capabilities_of(rooms: Rooms, channel_id: str) -> Capabilities | None:
    """What can be sent through it; None where its plugin cannot be asked."""
    entry = rooms.directory.current.channels.get(channel_id)
    try:
        return able(rooms, entry) if entry is not None else None
    except CasellaError:  # set aside, or not installed: /connections tells
        return None


def registration_of(rooms: Rooms, channel_id: str) -> Registration | None:
    """What the channel's plugin says of its sender; None also where it cannot be asked. Asked once per channel and
    desk: it is pure, and everybody begins with it."""
    directory = rooms.directory.current
    entry = directory.channels.get(channel_id)
    link = entry.channel if entry else None
    if entry is None or link is None:
        return None
    if entry not in directory.registrations:
        try:
            plugin = rooms.host.plugin(entry.channel_type)
            directory.registrations[entry] = rooms.host.call(
                plugin, "registration", lambda: plugin.registration(link), (Registration, NoneType)
            )
        except CasellaError:  # set aside, or not installed: /connections tells
            return None
    return directory.registrations[entry]


def require_channel(db: Connection, member: Member, channel_id: str) -> None:
    """Raises NotFound unless the channel is one of the member's inboxes'."""
    if all(row.id != channel_id for row in organisation_queries.channels(db, sorted(member.inbox_ids))):
        raise NotFound("There is no such channel, or it is not yours to see.")


def resume_channel(db: Connection, rooms: Rooms, member: Member, channel_id: str) -> ChannelView:
    """What kept the channel from sending has been repaired: try again now. Raises NotFound."""
    if not organisation_queries.resume_channel(db, channel_id, sorted(member.inbox_ids), rooms.clock.now()):
        raise NotFound("There is no such channel, or it is not yours to see.")
    rows = organisation_queries.channels(db, sorted(member.inbox_ids))
    return next(_channel(rooms, row, member) for row in rows if row.id == channel_id)


def agents(db: Connection) -> list[Named]:
    return [Named(row.id, row.key, row.name) for row in agent_queries.agents_present(db)]


def require_agent(db: Connection, agent_id: str) -> None:
    """Raises NotFound for somebody the house never knew."""
    if agent_queries.agent(db, agent_id) is None:
        raise NotFound("There is no such agent.")


def teams(db: Connection) -> list[TeamView]:
    members: dict[str, list[str]] = {}
    for row in agent_queries.members_of_teams(db):
        members.setdefault(row.team_id, []).append(row.agent_id)
    return [TeamView(row.id, row.key, row.name, members.get(row.id, [])) for row in agent_queries.teams_present(db)]


def connections(
    db: Connection, member: Member, directory: Directory, quarantined: Mapping[str, str]
) -> list[ConnectionView]:
    """The connections of the member's channels. `quarantined`: why channel types are set aside."""
    kept = organisation_queries.kept_webhooks(db)
    mine = {row.connection_key for row in organisation_queries.channels(db, sorted(member.inbox_ids))}
    found = []
    for row in organisation_queries.connections(db):
        if row.key in mine or member.is_admin:
            entry = directory.connection(row.key)
            problem = quarantined.get(row.channel_type) or (entry.problem if entry else None)
            found.append(ConnectionView(row.key, row.channel_type, problem, kept.get(row.key, 0)))
    return found
