"""Why does it still wait? Where a conversation stands in its team's queue, what is asked for it, and why each agent who
might take it cannot at this moment. Worked out when somebody asks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, select

from casella.inbox.assignment import queue
from casella.inbox.assignment.roster import AgentRoster
from casella.inbox.house import Rooms, TeamEntry
from casella.inbox.state import Released
from casella.inbox.views import AssignmentRequest
from casella.store.rows import TableRow
from casella.store.tables import conversations
from casella_rules import Reason


@dataclass(frozen=True, slots=True)
class PassedOver:
    agent_id: str
    agent: str
    reason: str
    text: str


@dataclass(frozen=True, slots=True)
class Standing:
    """`rule`: the one that asked for something special, with its `skills` and `strategy` (the team's own if it named
    none); `otherwise`: the team that may take it, too. `ahead`: how many of the team's queue come before."""

    team: str
    since: datetime
    ahead: int
    rule: str | None
    strategy: str
    skills: Sequence[str]
    otherwise: str | None
    passed_over: Sequence[PassedOver]


def standing(db: Connection, rooms: Rooms, conversation_id: str) -> Standing | None:
    """None for a conversation that waits in no queue. Whether it may be seen was asked before."""
    query = select(conversations).where(conversations.c.id == conversation_id, queue.waits())
    row = db.execute(query).one_or_none()
    directory = rooms.directory.current
    team = directory.teams.get(row.team_id) if row else None
    if row is None or team is None:
        return None
    wanted = AssignmentRequest.from_text(row.wanted)
    other = directory.team(wanted.also)
    strategy = wanted.strategy or rooms.desk.current.strategy(team.key)
    asked = [(team, strategy, wanted.skills)]
    if other is not None:
        asked.append((other, rooms.desk.current.strategy(other.key), ()))
    return Standing(
        team.name, row.queued_at, queue.how_many_before(db, row), wanted.rule or None, strategy, wanted.skills,
        other.name if other else None, _why_not(db, rooms, row, asked),
    )  # fmt: skip


def _why_not(
    db: Connection, rooms: Rooms, row: TableRow, asked: Iterable[tuple[TeamEntry, str, Sequence[str]]]
) -> list[PassedOver]:
    directory, roster = rooms.directory.current, AgentRoster(rooms, db, rooms.clock.now(), holds=False)
    inbox, channel = directory.inboxes.get(row.inbox_id), directory.channels.get(row.channel_id)
    if inbox is None or channel is None:
        return []
    found: dict[str, PassedOver] = {}
    for team, strategy, skills in asked:
        choice = roster.choose(inbox, channel, team, strategy, skills, None, Released.from_text(row.returned_by))
        for agent_id, reason in choice.passed_over:
            found.setdefault(agent_id, passed_over(rooms, agent_id, reason))
    return list(found.values())


def passed_over(rooms: Rooms, agent_id: str, reason: str) -> PassedOver:
    """One agent who did not get it, told for people."""
    agent = rooms.directory.current.agents.get(agent_id)
    known = {one.value: one.sentence for one in Reason}
    return PassedOver(agent_id, agent.name if agent else agent_id, str(reason), known.get(str(reason), str(reason)))


def local_time(at: datetime, zone: str) -> str:
    """`2026-11-23 11:00:00 Europe/Rome`."""
    return f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M:%S} {zone}"


def lines(view: Standing, zone: str = "UTC") -> Iterable[str]:
    """For people, on the terminal; `zone`: the time zone in which they read times."""
    ahead = f"behind {view.ahead} other{'s' if view.ahead != 1 else ''}" if view.ahead else "at its head"
    yield f"Waits in the queue of {view.team} since {local_time(view.since, zone)}, {ahead}"
    yield f"  {wish(view.strategy, view.skills)}" + (f", by '{view.rule}'" if view.rule else "")
    if view.otherwise:
        yield f"  {view.otherwise} may take it, too"
    for other in view.passed_over:
        yield f"      not {other.agent}: {other.text}"


def wish(strategy: str, skills: Sequence[str]) -> str:
    """`least_busy, who can italian`: how somebody is looked for."""
    return f"{strategy}, of those who can {', '.join(skills)}" if skills else strategy
