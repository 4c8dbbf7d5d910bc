"""Who can take a conversation right now, and giving it to them within a batch.

Agents' rows are held (in order of id, after the conversations') the first time a batch assigns anything, so that
workers who choose at once do so one after the other. What is true is decided by the statements that write it: each of
them is one conditional UPDATE (`slots`). The choice itself is pure: `casella_rules`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import Connection

from casella.errors import ClaimLost
from casella.inbox.assignment import capacity, queue
from casella.inbox.assignment.candidates import AGENTS, Candidates
from casella.inbox.assignment.queue import Kind
from casella.inbox.house import ChannelEntry, InboxEntry, Rooms, TeamEntry
from casella.inbox.state import NOBODY, Released
from casella.inbox.views import AssignmentRequest
from casella.store.sessions import hold_briefly
from casella_rules.assignment import AssignRequest, Choice, RotationState, choose, who_can, why_not
from casella_rules.reasons import Reason

_FULL = frozenset((Reason.AT_CAPACITY, Reason.AT_CHANNEL_CAPACITY, Reason.AT_INBOX_CAPACITY))
_MANUAL = "manual"
#: What keeps even an agent who has written already from having the conversation.
_BARRED = frozenset((Reason.NOT_IN_INBOX, Reason.MAY_NOT_REPLY))


class AgentRoster:
    """Loaded on first use, written at the end of the transaction; `verify` last of all."""

    def __init__(self, rooms: Rooms, db: Connection, now: datetime, *, holds: bool = True) -> None:
        """`holds` False: only to look, in a transaction that gives nobody anything."""
        self._rooms = rooms
        self.db = db
        self._now = now
        self._people = Candidates(rooms, db, holds=holds)
        self._stored_rotations: dict[str, str | None] = {}
        self._rotations: dict[str, RotationState] = {}
        self._moved_rotations: dict[str, RotationState] = {}
        self.book = rooms.desk.current
        self._kinds: set[Kind] | None = None
        self._joined: Counter[str] = Counter()

    # --- choosing -----------------------------------------------------------------------------------------------

    def choose(
        self,
        inbox: InboxEntry,
        channel: ChannelEntry,
        team: TeamEntry,
        strategy: str,
        skills: Iterable[str] = (),
        last_served_by: str | None = None,
        let_go: Released = NOBODY,
    ) -> Choice:
        """Choose an agent of the team. Nothing moves before `take`."""
        want = AssignRequest(team.id, inbox.id, frozenset(skills), last_served_by, let_go.agents, let_go.seen)
        people = self._people.members(team, inbox, channel)
        return choose(strategy, people, self._rotation(team.id), want, self._now, self.book.strategies)

    def check(self, inbox: InboxEntry, channel: ChannelEntry, agent_id: str) -> Choice:
        """The choice when exactly this agent is wanted."""
        if agent_id not in self._people.loads:
            return Choice(None, (), RotationState())
        candidate = self._people.of(agent_id, None, inbox, channel)
        return choose("least_busy", [candidate], RotationState(), AssignRequest(None, inbox.id), self._now)

    def who_wrote(self, inbox: InboxEntry, channel: ChannelEntry, agent_id: str) -> Choice:
        """The choice when this agent has answered already, and so taken it up by hand: however much he has and whether
        or not his queue is on; but not when he has left the house or the inbox, or may not answer any more."""
        load = self._people.loads.get(agent_id)
        if load is None or load.gone:
            return Choice(None, (), RotationState())
        reason = why_not(self._people.of(agent_id, None, inbox, channel), AssignRequest(None, inbox.id), self._now)
        if reason in _BARRED:
            return Choice(None, ((agent_id, reason),), RotationState())
        return Choice(agent_id, (), RotationState())

    def may_keep(self, inbox: InboxEntry, channel: ChannelEntry, agent_id: str) -> bool:
        """Whether a conversation that was put aside may come back to the agent who has it: however much else he has,
        this one is counted among it already."""
        if agent_id not in self._people.loads:
            return False
        reason = why_not(self._people.of(agent_id, None, inbox, channel), AssignRequest(None, inbox.id), self._now)
        return reason is None or reason in _FULL

    def who_can(self, kind: Kind) -> frozenset[str]:
        """Everybody who could be given a conversation of this kind now."""
        directory = self._rooms.directory.current
        inbox, channel = directory.inboxes.get(kind.inbox_id), directory.channels.get(kind.channel_id)
        team, wanted = directory.teams.get(kind.team_id), AssignmentRequest.from_text(kind.wanted)
        back = Released.from_text(kind.returned_by)
        if inbox is None or channel is None or team is None:
            return frozenset()
        found: frozenset[str] = frozenset()
        if (wanted.strategy or self.book.strategy(team.key)) != _MANUAL:
            want = AssignRequest(team.id, inbox.id, frozenset(wanted.skills), None, back.agents, back.seen)
            found = who_can(self._people.members(team, inbox, channel), want, self._now)
        other = directory.team(wanted.also)
        if other is not None and self.book.strategy(other.key) != _MANUAL:
            want = AssignRequest(other.id, inbox.id, let_go=back.agents, seen=back.seen)
            found |= who_can(self._people.members(other, inbox, channel), want, self._now)
        return found

    def would_overtake(self, agent_id: str) -> bool:
        """Whether somebody waits who could be given to this agent: whoever comes now stands behind him. Those whom
        this agent cannot take keep nobody waiting."""
        if self._kinds is None:
            self._kinds = set(queue.kinds_waiting(self.db))
        return any(agent_id in self.who_can(kind) for kind in self._kinds)

    def joins(self, kind: Kind) -> None:
        """One more waits: whoever comes later in this batch stands behind him, too."""
        self._joined[kind.team_id] += 1
        if self._kinds is not None:
            self._kinds.add(kind)

    def queue_length(self, team_id: str) -> int:
        """How many wait in the team's queue, those of this batch included."""
        return queue.queue_length(self.db, team_id) + self._joined[team_id]

    def hold(self) -> None:
        """From now on nobody else gives anybody anything until this transaction ends."""
        assert self._people.loads is not None

    # --- giving and taking --------------------------------------------------------------------------------------

    def take(
        self,
        choice: Choice,
        channel: ChannelEntry,
        inbox: InboxEntry,
        team: TeamEntry | None = None,
        *,
        by_hand: bool = False,
    ) -> datetime:
        """Count one more open conversation for the agent who was chosen, of the team whose turn it was. `by_hand`: he
        has taken it up himself, and is not asked whether he has room. Returns the moment of the assignment, a
        microsecond apart from the batch's others, so that "longest since last assignment" has an order."""
        assert choice.agent_id is not None, "somebody was chosen"
        load = self._people.count(choice.agent_id, channel, inbox)
        load.by_hand += by_hand
        at = self._now + timedelta(microseconds=sum(bool(other.taken) for other in self._people.loads.values()))
        load.last_assigned_at = max(at, (load.last_assigned_at or at) + timedelta(microseconds=1))
        if team is not None and choice.state is not self._rotation(team.id):
            self._rotations[team.id] = self._moved_rotations[team.id] = choice.state
        return load.last_assigned_at

    def returns_to(self, inbox: InboxEntry, channel: ChannelEntry, agent_id: str | None) -> str | None:
        """The agent, if a conversation that is opened again may go back to him: he is there and has room. It is
        counted again, too."""
        if agent_id is None or self.check(inbox, channel, agent_id).agent_id is None:
            return None
        self._people.count(agent_id, channel, inbox)
        return agent_id

    def moves(self, agent_id: str, channel: ChannelEntry, inbox: InboxEntry) -> bool:
        """Whether the agent may keep a conversation that is moved to this inbox: he sees it, and may have one more
        there. It is counted there."""
        if agent_id not in inbox.members:
            return False
        if not self.book.counts_places:
            return True
        candidate = self._people.of(agent_id, None, inbox, channel) if agent_id in self._people.loads else None
        if candidate is None or (
            candidate.inbox_capacity is not None and candidate.open_in_inbox >= candidate.inbox_capacity
        ):
            return False
        self._people.stands(agent_id, channel, inbox)
        return True

    def release(self, agent_id: str, *, by_hand: bool = False) -> None:
        """Count one open conversation less. Where it was counts as held until the batch has ended: nobody is given
        more than he may have, and the queues are served a moment later. `by_hand`: one taken so in this transaction."""
        self._people.release(agent_id)
        if by_hand:
            self._people.loads[agent_id].by_hand -= 1

    def write(self) -> None:
        """Claim what was given. Raises ClaimLost: then nothing of this transaction may stay."""
        changed = [load for load in self._people.touched if load.change or load.taken]
        capacity.claim_room(
            self.db,
            [
                {
                    "row_id": load.id,
                    "change": load.change,
                    "at": load.last_assigned_at,
                    "takes": load.taken > load.by_hand,
                    "room_for": load.change - load.by_hand,
                }
                for load in changed
            ],
        )
        capacity.save_rotations(self.db, self._stored_rotations, self._moved_rotations)

    def verify(self) -> None:
        """What agents may have of one type of channel or in one inbox is counted over conversations, which no single
        UPDATE can ask about: so it is counted once more when everything is written and their rows are ours. Raises
        ClaimLost."""
        if self.book.counts_places:
            took = [load.id for load in self._people.touched if load.taken]
            if took and not self._people.are_where_they_were_counted(took):
                raise ClaimLost

    def _rotation(self, scope: str) -> RotationState:
        if scope not in self._rotations:
            state = capacity.load_rotation(self.db, scope)
            self._stored_rotations[scope] = state
            self._rotations[scope] = RotationState.from_json(state) if state else RotationState()
        return self._rotations[scope]


def lock_agents(db: Connection) -> None:
    """Hold every agent's row, in order: before some are changed in a transaction in which rules may then choose."""
    hold_briefly(db)
    AGENTS(db)
