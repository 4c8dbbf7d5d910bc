"""All that a client needs to begin, in one answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from casella.desk import Face
from casella.inbox import notices
from casella.inbox.house import AgentEntry, InboxEntry, Rooms
from casella.inbox.reading import overview
from casella.inbox.reading.members import Member
from casella.inbox.reading.visibility import visible
from casella.store import feed
from casella.store.queries import agent_queries


@dataclass(frozen=True, slots=True)
class Colleague:
    """`may_reply`: whether he may write to customers at all. `status_message`, `extension`: what he says of himself."""

    id: str
    key: str
    name: str
    role: str
    may_reply: bool
    available: bool
    do_not_disturb: bool
    status_message: str
    extension: str


@dataclass(frozen=True, slots=True)
class StartInbox:
    """`member_ids`: of `Start.agents`. `creates`, `assignees` and `filters`: what its face has."""

    id: str
    key: str
    name: str
    timezone: str
    locale: str
    assignment_mode: bool
    member_ids: Sequence[str]
    face: str
    features: Sequence[str]
    creates: Sequence[str]
    assignees: Sequence[str]
    filters: Sequence[str]


@dataclass(frozen=True, slots=True)
class Start:
    """`cursor`: where to follow the events from; everything else here is at least as new."""

    cursor: str
    me: Member
    inboxes: Sequence[StartInbox]
    channels: Sequence[overview.ChannelView]
    numbers: Sequence[overview.ChannelView]
    agents: Sequence[Colleague]
    teams: Sequence[overview.TeamView]
    tags: Sequence[str]
    unseen_notices: int


def read_start(db: Connection, rooms: Rooms, member: Member) -> Start:
    """As the member sees it. Agents: everybody, because everybody can be seen in what was written."""
    directory, desk = rooms.directory.current, rooms.desk.current.desk
    cursor = str(feed.newest(db))
    mine = [one for one in directory.inboxes.values() if one.id in member.inbox_ids]
    return Start(
        cursor,
        member,
        [_inbox(rooms, one) for one in sorted(mine, key=lambda one: (one.name, one.id))],
        overview.channels(db, rooms, member),
        overview.own_numbers(db, rooms, member),
        _colleagues(db, rooms),
        overview.teams(db),
        desk.parts.tags if desk else (),
        notices.unseen(db, member.id, visible(member)),
    )


def _inbox(rooms: Rooms, entry: InboxEntry) -> StartInbox:
    book = rooms.desk.current
    face = book.face(entry.key)
    return StartInbox(
        entry.id, entry.key, entry.name, entry.timezone, entry.locale, entry.assignment_mode, sorted(entry.members),
        face, book.features(entry.key), *_OF_FACE[face],
    )  # fmt: skip


_OF_FACE: Mapping[Face, tuple[Sequence[str], Sequence[str], Sequence[str]]] = {
    "engagement": (
        ("conversation", "text_message", "direct_chat", "team_chat"), ("me", "others", "unassigned", "with_me"),
        ("all", "unread", "archived"),
    ),
    "contact_center": (("text_message", "direct_chat", "team_chat"), ("me", "unassigned"), ("all", "unread")),
}  # fmt: skip
"""What a client offers to create, and by what it lets lists be filtered (S-10, S-71, S-78, S-79)."""


def _colleagues(db: Connection, rooms: Rooms) -> list[Colleague]:
    known: dict[str, AgentEntry] = dict(rooms.directory.current.agents)
    return [
        Colleague(
            row.id, row.key, row.name, row.role, rooms.desk.current.may_reply(row.key), row.available,
            row.do_not_disturb, *(str((row.settings or {}).get(name, "")) for name in ("status_message", "extension")),
        )
        for row in agent_queries.agents_present(db)
        if row.id in known
    ]  # fmt: skip
