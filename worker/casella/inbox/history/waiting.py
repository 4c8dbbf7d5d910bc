"""The teams' queues, modelled for both rule sets alike. A model: its assumptions are said with its figures.

Conversations arrive when the rules gave them to a team. An agent of that team who is within his office hours and has
room takes one at once, the least busy first; otherwise it waits, by priority and then by time, until somebody has
room. It takes up that room for as long as the real conversation took up its agent.
"""

from __future__ import annotations

import heapq
from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from statistics import median

from casella.desk import Desk
from casella_rules import OfficeHours, is_open, next_open

_URGENCY = {"urgent": 0, "high": 1, "normal": 2, "low": 3}
ASSUMPTIONS = (
    "Whoever is in the team today was in it then, and was on duty whenever his office hours are open (always, if he "
    "has none); when people switched their queue on or off is not stored.",
    "A conversation takes up its agent as long as the real one did, whoever answers; where that is not known, as long "
    "as they mostly do.",
    "An agent has as many conversations at a time as his capacity says; one without a limit lets nobody wait. Limits "
    "per channel type or inbox and skills are left out; teams that choose by hand are modelled as if somebody chose.",
    "Only conversations that rules gave to a team count; those that people took or gave by hand are not moved.",
    "Both columns come from the same model, so their difference says more than either of them.",
)


@dataclass(frozen=True, slots=True)
class Server:
    """An agent, as the model sees him. `teams`: the queues he serves (`team billing`). `room` None: no limit."""

    teams: frozenset[str]
    room: int | None
    hours: OfficeHours | None


@dataclass(slots=True)
class Arrivals:
    """Compact, because there is one for every conversation: seconds since 1970, seconds taken, team, urgency."""

    at: array[float] = field(default_factory=lambda: array("d"))
    took: array[float] = field(default_factory=lambda: array("d"))
    team: array[int] = field(default_factory=lambda: array("H"))
    urgency: array[int] = field(default_factory=lambda: array("B"))

    def add(self, at: datetime, took: float, team: int, priority: str) -> None:
        """`took` below zero: not known."""
        self.at.append(at.timestamp())
        self.took.append(took)
        self.team.append(team)
        self.urgency.append(_URGENCY.get(priority, 2))


@dataclass(frozen=True, slots=True)
class TeamWaits:
    """Seconds. `never`: still waiting when the model ends, because nobody of the team ever has room."""

    conversations: int = 0
    median: float = 0.0
    nine_in_ten: float = 0.0
    never: int = 0


def modelled(arrivals: Arrivals, teams: Sequence[str], servers: Sequence[Server]) -> dict[str, TeamWaits]:
    """How long each team's conversations wait."""
    waits = _Model(arrivals, teams, servers).run()
    return {team: _summary(found) for team, found in zip(teams, waits, strict=True) if found}


def _summary(waits: array[float]) -> TeamWaits:
    served = sorted(wait for wait in waits if wait >= 0)
    if not served:
        return TeamWaits(len(waits), never=len(waits))
    ninth = served[min(len(served) - 1, int(len(served) * 0.9))]
    return TeamWaits(len(waits), round(median(served), 1), round(ninth, 1), len(waits) - len(served))


class _Model:
    def __init__(self, arrivals: Arrivals, teams: Sequence[str], servers: Sequence[Server]) -> None:
        self._arrivals = arrivals
        self._servers = servers
        self._members = [[n for n, server in enumerate(servers) if team in server.teams] for team in teams]
        self._teams_of = [[n for n, team in enumerate(teams) if team in server.teams] for server in servers]
        self._busy = [0] * len(servers)
        self._queues: list[list[tuple[int, float, int]]] = [[] for _ in teams]
        self._waits = [array("d") for _ in teams]
        # (moment, what first, whose): an end before an arrival of the same moment
        self._events: list[tuple[float, int, int]] = []
        self._wakes: set[tuple[int, float]] = set()
        self._open: dict[tuple[int, int], bool] = {}
        self._usual = median([t for t in arrivals.took if t >= 0] or [600.0])

    def run(self) -> list[array[float]]:
        for number in sorted(range(len(self._arrivals.at)), key=self._arrivals.at.__getitem__):
            at = self._arrivals.at[number]
            self._until(at)
            self._arrive(number, at)
        self._until(float("inf"))
        for team, queue in enumerate(self._queues):
            self._waits[team].extend([-1.0] * len(queue))
        return self._waits

    def _until(self, moment: float) -> None:
        while self._events and self._events[0][0] <= moment:
            at, ends, server = heapq.heappop(self._events)
            self._busy[server] -= ends
            self._wakes.discard((server, at))
            self._serve(server, at)

    def _arrive(self, number: int, at: float) -> None:
        team = self._arrivals.team[number]
        free = [server for server in self._members[team] if self._is_free(server, at)]
        if free and not self._queues[team]:
            self._start(min(free, key=lambda server: (self._busy[server], server)), number, at)
            return
        heapq.heappush(self._queues[team], (self._arrivals.urgency[number], at, number))
        for server in self._members[team]:
            self._wake(server, at)

    def _serve(self, server: int, at: float) -> None:
        """Give whoever has room the most urgent and oldest of his teams' queues."""
        while self._is_free(server, at):
            waiting = [self._queues[team] for team in self._teams_of[server] if self._queues[team]]
            if not waiting:
                return
            self._start(server, heapq.heappop(min(waiting))[2], at)
        self._wake(server, at)

    def _start(self, server: int, number: int, at: float) -> None:
        took = self._arrivals.took[number]
        self._busy[server] += 1
        self._waits[self._arrivals.team[number]].append(at - self._arrivals.at[number])
        heapq.heappush(self._events, (at + (took if took >= 0 else self._usual), 1, server))

    def _is_free(self, server: int, at: float) -> bool:
        known = self._servers[server]
        if known.room is not None and self._busy[server] >= known.room:
            return False
        return known.hours is None or self._is_open(known.hours, at)

    def _is_open(self, hours: OfficeHours, at: float) -> bool:
        """Office hours change on the minute, and are asked for every agent at every arrival."""
        key = id(hours), int(at // 60)
        if key not in self._open:
            self._open[key] = is_open(hours, datetime.fromtimestamp(at, UTC))
        return self._open[key]

    def _wake(self, server: int, at: float) -> None:
        """He looks at the queues again when his office opens; when he has room, the end of something wakes him."""
        hours, now = self._servers[server].hours, datetime.fromtimestamp(at, UTC)
        if hours is None or is_open(hours, now) or not any(self._queues[team] for team in self._teams_of[server]):
            return
        opens = next_open(hours, now)
        if opens is not None and (server, opens.timestamp()) not in self._wakes:
            self._wakes.add((server, opens.timestamp()))
            heapq.heappush(self._events, (opens.timestamp(), 0, server))


def servers_of(desk: Desk) -> list[Server]:
    """The agents of a desk. Each is a queue of his own as well, for what rules give to him by name."""
    return [
        Server(frozenset({f"agent {key}", *(f"team {team}" for team in agent.teams)}), agent.capacity,
               desk.hours[agent.hours] if agent.hours else None)
        for key, agent in sorted(desk.parts.agents.items())
        if agent.role == "agent"
    ]  # fmt: skip
