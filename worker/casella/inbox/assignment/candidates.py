"""The agents as they stand for a conversation at this moment: what the pure choice is told of them.

Read once per transaction; what the transaction gives and takes is counted along.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from casella.inbox.house import AgentEntry, ChannelEntry, InboxEntry, Rooms, TeamEntry
from casella.store.prepared import Query
from casella.store.sessions import hold_briefly
from casella.store.tables import agents, conversations
from casella_rules.assignment import Candidate


@dataclass(slots=True, eq=False)
class AgentLoad:
    """An agent's row. `gone`: removed from the desk. `change`: how many open conversations more he has than it says;
    `taken`: how many he was given, whatever was taken away again; `by_hand`: how many of these he took himself."""

    id: str
    available: bool
    do_not_disturb: bool
    capacity: int | None
    open: int
    last_assigned_at: datetime | None
    gone: bool = False
    change: int = 0
    taken: int = 0
    by_hand: int = 0

    def move(self, by: int) -> None:
        self.open = max(0, self.open + by)
        self.change += by
        self.taken += by > 0


class Candidates:
    """`holds`: the agents' rows are held from the first question until the transaction ends."""

    def __init__(self, rooms: Rooms, db: Connection, *, holds: bool) -> None:
        self._rooms, self._db, self._book = rooms, db, rooms.desk.current
        self._agents = AGENTS if holds else _LOOK_AT_AGENTS
        self._loads: dict[str, AgentLoad] | None = None
        self._known: dict[tuple[str, str, str, str], Candidate] = {}
        self._places: dict[str, Counter[tuple[str, str]]] | None = None

    @property
    def loads(self) -> Mapping[str, AgentLoad]:
        if self._loads is None:
            if self._agents is AGENTS:
                hold_briefly(self._db)
            self._loads = {
                row.id: AgentLoad(
                    row.id,
                    row.available and row.removed_at is None,  # who was removed takes nothing, but may still let go
                    row.do_not_disturb,
                    row.capacity,
                    row.open_conversations,
                    row.last_assigned_at,
                    row.removed_at is not None,
                )
                for row in self._agents(self._db)
            }
        return self._loads

    @property
    def touched(self) -> Iterable[AgentLoad]:
        """Those of whom anything may have changed; asks nothing."""
        return (self._loads or {}).values()

    def members(self, team: TeamEntry, inbox: InboxEntry, channel: ChannelEntry) -> list[Candidate]:
        """The agents of a team, as they stand for a conversation of this inbox and channel."""
        return [self.of(id, team, inbox, channel) for id in team.members if id in self.loads]

    def count(self, agent_id: str, channel: ChannelEntry, inbox: InboxEntry) -> AgentLoad:
        """One more open conversation, there."""
        load = self.loads[agent_id]
        load.move(1)
        self._forget(agent_id)
        if self._book.counts_places:
            self.stands(agent_id, channel, inbox)
        return load

    def release(self, agent_id: str) -> None:
        """One open conversation less; where it was counts as held until the batch has ended."""
        if load := self.loads.get(agent_id):
            load.move(-1)
            self._forget(agent_id)

    def stands(self, agent_id: str, channel: ChannelEntry, inbox: InboxEntry) -> None:
        """One of the agent's conversations is there from now on."""
        self._held(agent_id)[channel.id, inbox.id] += 1
        self._forget(agent_id)

    def are_where_they_were_counted(self, agent_ids: Iterable[str]) -> bool:
        """Counted anew: whether these agents have nowhere more conversations than this batch knows of."""
        known, self._places = self._places or {}, None
        return not any(self._held(id) - known.get(id, Counter()) for id in agent_ids)

    def of(self, agent_id: str, team: TeamEntry | None, inbox: InboxEntry, channel: ChannelEntry) -> Candidate:
        """Kept until the agent's load changes: a batch asks for the same few people again and again."""
        key = (agent_id, team.id if team else "", inbox.id, channel.channel_type)
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = self._look_up(agent_id, team, inbox, channel)
        return known

    def _forget(self, agent_id: str) -> None:
        for key in [key for key in self._known if key[0] == agent_id]:
            del self._known[key]

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
            for row in _PLACES(self._db):
                self._places.setdefault(row.assignee_id, Counter())[row.channel_id, row.inbox_id] = row.number
        return self._places.setdefault(agent_id, Counter())


class _Agent(NamedTuple):
    id: str
    available: bool
    removed_at: datetime | None
    do_not_disturb: bool
    capacity: int | None
    open_conversations: int
    last_assigned_at: datetime | None


class _Place(NamedTuple):
    assignee_id: str
    channel_id: str
    inbox_id: str
    number: int


_ALL = select(*(agents.c[name] for name in _Agent._fields)).order_by(agents.c.id)
_LOOK_AT_AGENTS = Query(_Agent, _ALL)
AGENTS = Query(_Agent, _ALL.with_for_update(key_share=True))
_PLACES = Query(
    _Place,
    select(
        conversations.c.assignee_id, conversations.c.channel_id, conversations.c.inbox_id,
        func.count().label("number"),
    )
    .where(conversations.c.assignee_id.is_not(None), conversations.c.status != "closed")
    .group_by(conversations.c.assignee_id, conversations.c.channel_id, conversations.c.inbox_id),
)  # fmt: skip
