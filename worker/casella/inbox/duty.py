"""Who can take a conversation right now, and giving it to them within a batch.

Agents' rows are locked (in order of id, after the conversations') the first time a batch assigns anything; so loads
are true, capacity is never exceeded and no two workers choose at once. The choice itself is pure: `casella_rules`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, bindparam, exists, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from casella.inbox.directory import AgentEntry, ChannelEntry, InboxEntry, TeamEntry
from casella.inbox.rooms import Rooms
from casella.store.tables import agents, conversations, rotations, teams
from casella_rules.assignment import AssignRequest, Candidate, Choice, RotationState, choose


@dataclass(slots=True, eq=False)
class AgentLoad:
    """An agent's row while it is locked."""

    id: str
    available: bool
    do_not_disturb: bool
    capacity: int | None
    open: int
    last_assigned_at: datetime | None
    changed: bool = False


class DutyRoster:
    """Loaded on first use, written at the end of the transaction."""

    def __init__(self, rooms: Rooms, db: Connection, now: datetime) -> None:
        self._rooms = rooms
        self._db = db
        self._now = now
        self._loads: dict[str, AgentLoad] | None = None
        self._rotations: dict[str, RotationState] = {}
        self._changed_rotations: set[str] = set()
        self._book = rooms.desk.current
        self._queues: set[str] | None = None
        self._candidates: dict[tuple[str, str, str, str], Candidate] = {}
        self._places: dict[str, Counter[tuple[str, str]]] | None = None

    @property
    def loads(self) -> Mapping[str, AgentLoad]:
        if self._loads is None:
            self._loads = {
                row.id: AgentLoad(
                    row.id,
                    row.available and row.removed_at is None,  # who was removed takes nothing, but may still let go
                    row.do_not_disturb,
                    row.capacity,
                    row.open_conversations,
                    row.last_assigned_at,
                )
                for row in self._db.execute(_AGENTS)
            }
        return self._loads

    def choose(
        self,
        inbox: InboxEntry,
        channel: ChannelEntry,
        team: TeamEntry,
        strategy: str,
        skills: Iterable[str],
        last_served_by: str | None = None,
        returned_by: str | None = None,
    ) -> Choice:
        """Choose an agent of the team; the rotation moves on at once."""
        candidates = [self._candidate(id, team, inbox, channel) for id in team.members if id in self.loads]
        want = AssignRequest(team.id, inbox.id, frozenset(skills), last_served_by, returned_by)
        choice = choose(strategy, candidates, self._rotation(team.id), want, self._now)
        if choice.agent_id is not None:
            self._rotations[team.id] = choice.state
            self._changed_rotations.add(team.id)
        return choice

    def others_wait(self, team_id: str) -> bool:
        """Whether somebody is in the team's queue already: whoever comes now stands behind him."""
        if self._queues is None:
            self._queues = set(self._db.execute(_TEAMS_WITH_QUEUE).scalars())
        return team_id in self._queues

    def joins(self, team_id: str) -> None:
        """One more waits for the team: whoever comes later in this batch stands behind him, too."""
        if self._queues is not None:
            self._queues.add(team_id)

    def queue_length(self, team_id: str) -> int:
        """How many wait in the team's queue, as stored."""
        return int(self._db.execute(_HOW_MANY_WAIT, {"team": team_id}).scalar_one())

    def check(self, inbox: InboxEntry, channel: ChannelEntry, agent_id: str) -> Choice:
        """The choice when exactly this agent is wanted."""
        if agent_id not in self.loads:
            return Choice(None, (), RotationState())
        candidate = self._candidate(agent_id, None, inbox, channel)
        return choose("least_busy", [candidate], RotationState(), AssignRequest(None, inbox.id), self._now)

    def keeps(self, agent_id: str | None) -> str | None:
        """The agent, if a conversation that is opened again may return to him: counted again, too."""
        load = self.loads.get(agent_id or "")
        if load is None or not load.available:
            return None
        load.open += 1
        load.changed = True
        self._forget(load.id)
        return load.id

    def take(self, agent_id: str, channel: ChannelEntry, inbox: InboxEntry) -> datetime:
        """Count one more open conversation for the agent. Returns the moment of the assignment, a microsecond apart
        from the batch's others, so that "longest since last assignment" has an order."""
        load = self.loads[agent_id]
        load.open += 1
        load.changed = True
        if self._book.counts_places:
            self._held(agent_id)[channel.id, inbox.id] += 1
        at = self._now + timedelta(microseconds=sum(other.changed for other in self.loads.values()))
        load.last_assigned_at = max(at, (load.last_assigned_at or at) + timedelta(microseconds=1))
        self._forget(agent_id)
        return load.last_assigned_at

    def release(self, agent_id: str) -> None:
        """Count one open conversation less. Where it was counts as held until the batch has ended: nobody is given
        more than he may have, and the queues are served a moment later."""
        if load := self.loads.get(agent_id):
            load.open = max(0, load.open - 1)
            load.changed = True
            self._forget(agent_id)

    def write(self) -> None:
        if self._loads and (changed := [load for load in self._loads.values() if load.changed]):
            rows = [
                {"row_id": load.id, "open_conversations": load.open, "last_assigned_at": load.last_assigned_at}
                for load in changed
            ]
            self._db.execute(_UPDATE_AGENT, rows)
        for scope in sorted(self._changed_rotations):
            save_rotation(self._db, scope, self._rotations[scope])

    def _candidate(self, agent_id: str, team: TeamEntry | None, inbox: InboxEntry, channel: ChannelEntry) -> Candidate:
        """Kept until the agent's load changes: a batch asks for the same few people again and again."""
        key = (agent_id, team.id if team else "", inbox.id, channel.channel_type)
        known = self._candidates.get(key)
        if known is None:
            known = self._candidates[key] = self._look_up(agent_id, team, inbox, channel)
        return known

    def _forget(self, agent_id: str) -> None:
        for key in [key for key in self._candidates if key[0] == agent_id]:
            del self._candidates[key]

    def _look_up(self, agent_id: str, team: TeamEntry | None, inbox: InboxEntry, channel: ChannelEntry) -> Candidate:
        load = self.loads[agent_id]
        known = self._rooms.directory.current.agents.get(agent_id)
        candidate = Candidate(
            agent_id,
            teams=frozenset((team.id,)) if team else frozenset(),
            inboxes=frozenset((inbox.id,)) if agent_id in inbox.members else frozenset(),
            may_reply=known is not None and self._book.may_reply(known.key),
            queue_on=load.available,
            do_not_disturb=load.do_not_disturb,
            hours=self._book.working_hours(known.key) if known else None,
            weight=self._book.weight(known.key) if known else 1,
            skills=known.skills if known else frozenset(),
            open=load.open,
            capacity=load.capacity,
            last_assigned_at=load.last_assigned_at,
        )
        return self._counted(candidate, known, inbox, channel) if self._book.counts_places and known else candidate

    def _counted(self, candidate: Candidate, known: AgentEntry, inbox: InboxEntry, channel: ChannelEntry) -> Candidate:
        """With what he has on this type of channel and in this inbox, and how much all of it weighs."""
        directory = self._rooms.directory.current
        held = [(directory.channels.get(id), inbox_id, number) for (id, inbox_id), number in
                self._held(candidate.agent_id).items()]  # fmt: skip
        same_type = sum(number for entry, _, number in held if entry and entry.channel_type == channel.channel_type)
        return replace(
            candidate,
            load=sum(self._book.channel_weight(entry.key) * number for entry, _, number in held if entry),
            open_on_channel=same_type,
            channel_capacity=self._book.channel_capacity(known.key, channel.channel_type),
            open_in_inbox=sum(number for _, inbox_id, number in held if inbox_id == inbox.id),
            inbox_capacity=self._book.inbox_capacity(inbox.key),
        )

    def _held(self, agent_id: str) -> Counter[tuple[str, str]]:
        """How many open conversations an agent has, by channel and inbox. True, because agents are locked."""
        if self._places is None:
            self._places = {}
            for row in self._db.execute(_PLACES):
                self._places.setdefault(row.assignee_id, Counter())[row.channel_id, row.inbox_id] = row.number
        return self._places.setdefault(agent_id, Counter())

    def _rotation(self, scope: str) -> RotationState:
        if scope not in self._rotations:
            self._rotations[scope] = load_rotation(self._db, scope)
        return self._rotations[scope]


def waits() -> ColumnElement[bool]:
    """Conversations in a team's queue."""
    return and_(
        conversations.c.status == "open",
        conversations.c.assignee_id.is_(None),
        conversations.c.team_id.is_not(None),
        conversations.c.queued_at.is_not(None),
    )


# Built once: these are asked for every batch, and building them took longer than asking.
_AGENTS = (
    select(
        agents.c.id, agents.c.available, agents.c.removed_at, agents.c.do_not_disturb, agents.c.capacity,
        agents.c.open_conversations, agents.c.last_assigned_at,
    )
    .order_by(agents.c.id)
    .with_for_update(key_share=True)
)  # fmt: skip
_UPDATE_AGENT = update(agents).where(agents.c.id == bindparam("row_id"))
_TEAMS_WITH_QUEUE = select(teams.c.id).where(exists().where(waits(), conversations.c.team_id == teams.c.id))
_HOW_MANY_WAIT = select(func.count()).where(waits(), conversations.c.team_id == bindparam("team"))
_PLACES = (
    select(
        conversations.c.assignee_id, conversations.c.channel_id, conversations.c.inbox_id,
        func.count().label("number"),
    )
    .where(conversations.c.assignee_id.is_not(None), conversations.c.status != "closed")
    .group_by(conversations.c.assignee_id, conversations.c.channel_id, conversations.c.inbox_id)
)  # fmt: skip
_ROTATION = select(rotations.c.state).where(rotations.c.scope == bindparam("of"))
_SAVED_SQLITE = sqlite.insert(rotations)
_SAVE_SQLITE = _SAVED_SQLITE.on_conflict_do_update(
    index_elements=["scope"], set_={"state": _SAVED_SQLITE.excluded.state}
)
_SAVED_POSTGRESQL = postgresql.insert(rotations)
_SAVE_POSTGRESQL = _SAVED_POSTGRESQL.on_conflict_do_update(
    index_elements=["scope"], set_={"state": _SAVED_POSTGRESQL.excluded.state}
)


def lock_agents(db: Connection) -> None:
    """Hold every agent's row, in order: before some are changed in a transaction in which rules may then choose."""
    db.execute(_AGENTS).all()


def load_rotation(db: Connection, scope: str) -> RotationState:
    """Whose turn it is; safe because the agents are locked."""
    state = db.execute(_ROTATION, {"of": scope}).scalar_one_or_none()
    return RotationState.from_json(state) if state else RotationState()


def save_rotation(db: Connection, scope: str, state: RotationState) -> None:
    statement = _SAVE_POSTGRESQL if db.dialect.name == "postgresql" else _SAVE_SQLITE
    db.execute(statement, {"scope": scope, "state": state.as_json()})
