"""Facts about the house itself: agents and teams' queues, as they are at this moment."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, func, select

from casella.desk import first_name
from casella.inbox.assignment import waits
from casella.inbox.house import Rooms
from casella.store.rows import TableRow
from casella.store.tables import agents, conversations
from casella_rules import FactValue, is_open


class HouseFacts:
    """`agent.*` and `team.*`, each asked of the database once per transaction, and without keeping anybody waiting:
    what is true now may be another thing when somebody is chosen, who then is locked."""

    def __init__(self, rooms: Rooms, db: Connection, now: datetime) -> None:
        self._rooms, self._db, self._now = rooms, db, now
        self._book = rooms.desk.current
        self._agents: Mapping[str, TableRow] | None = None
        self._waiting: dict[str, int] | None = None

    def agent(self, agent_id: str | None, name: str) -> FactValue:
        """One of `agent.name`, `.first_name`, `.role`, `.teams`, `.skills`, `.languages`, `.available`, `.open`."""
        entry = self._rooms.directory.current.agents.get(agent_id or "")
        if entry is None:
            return None
        match name.removeprefix("agent."):
            case "name":
                return entry.name
            case "first_name":
                return first_name(entry.name)
            case "role":
                return entry.role
            case "skills":
                return frozenset(entry.skills)
            case "teams":
                teams = self._rooms.directory.current.teams.values()
                return frozenset(team.key for team in teams if entry.id in team.members)
            case "languages":
                return frozenset(self._book.languages(entry.key))
            case "available":
                return self._takes_work(entry.id)
            case "open":
                row = self._rows.get(entry.id)
                return int(row.open_conversations) if row else None
        return None

    def team(self, name: str) -> FactValue:
        """`team.billing.available` or `team.billing.waiting`."""
        key, _, what = name.removeprefix("team.").rpartition(".")
        team = next((entry for entry in self._rooms.directory.current.teams.values() if entry.key == key), None)
        if team is None:
            return None
        if what == "waiting":
            return self._queues.get(team.id, 0)
        return sum(self._takes_work(agent_id) and self._has_room(agent_id) for agent_id in team.members)

    @property
    def _rows(self) -> Mapping[str, TableRow]:
        if self._agents is None:
            query = select(agents).where(agents.c.removed_at.is_(None))
            self._agents = {row.id: row for row in self._db.execute(query)}
        return self._agents

    @property
    def _queues(self) -> Mapping[str, int]:
        if self._waiting is None:
            query = select(conversations.c.team_id, func.count().label("number")).where(waits())
            rows = self._db.execute(query.group_by(conversations.c.team_id))
            self._waiting = {row.team_id: row.number for row in rows}
        return self._waiting

    def _takes_work(self, agent_id: str) -> bool:
        row = self._rows.get(agent_id)
        entry = self._rooms.directory.current.agents.get(agent_id)
        if row is None or entry is None or not row.available or row.do_not_disturb:
            return False
        hours = self._book.working_hours(entry.key)
        return hours is None or is_open(hours, self._now)

    def _has_room(self, agent_id: str) -> bool:
        row = self._rows.get(agent_id)
        return row is not None and (row.capacity is None or row.open_conversations < row.capacity)
