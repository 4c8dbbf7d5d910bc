"""Who gets a conversation. Pure: candidates and state in, the choice and the new state out; the caller makes the claim.

Everybody who is passed over is recorded with a reason, so that "why not me?" has an answer.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import ClassVar

from casella_rules.hours import OfficeHours, is_open
from casella_rules.reasons import Reason
from casella_rules.yaml.problems import RulesError, name_hint, quoted

#: Who chooses while a plugin's strategy cannot be asked.
FALLBACK = "least_busy"
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Candidate:
    """One agent at the moment of choosing. The sets and limits say what holds now, not what is planned.

    `capacity`, `channel_capacity`, `inbox_capacity`: None is without limit. `load`: open conversations weighted by
    channel, when channels weigh differently; None counts `open`. `hours`: None works at any time.
    """

    agent_id: str
    teams: frozenset[str] = frozenset()
    inboxes: frozenset[str] = frozenset()
    may_reply: bool = True
    queue_on: bool = True
    do_not_disturb: bool = False
    hours: OfficeHours | None = None
    skills: frozenset[str] = frozenset()
    open: int = 0
    capacity: int | None = None
    open_on_channel: int = 0
    channel_capacity: int | None = None
    open_in_inbox: int = 0
    inbox_capacity: int | None = None
    load: float | None = None
    weight: int = 1
    last_assigned_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class AssignRequest:
    """What is to be assigned. `team` None: any member of the inbox; `inbox` None: any member of the team.
    `let_go`: who had it and did not answer in time; it does not go back to them while others are at work, nor, unless
    they are among `seen`, when nobody is."""

    team: str | None = None
    inbox: str | None = None
    skills: frozenset[str] = frozenset()
    last_served_by: str | None = None
    let_go: frozenset[str] = frozenset()
    seen: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class RotationState:
    """Whose turn it is, kept by the caller per team in the database.

    Every turn costs (1, or 1/weight); who has paid least is next. `clock` is where the last one chosen stood, and
    nobody stands behind it: who was away has not saved up turns, and a newcomer need not catch up. Agents who stand at
    the clock are not listed, so that the state stays small.
    """

    clock: float = 0.0
    ahead: Mapping[str, float] = field(default_factory=dict)

    def stand(self, agent_id: str) -> float:
        """Where an agent stands now."""
        return max(self.ahead.get(agent_id, self.clock), self.clock)

    def after(self, agent_id: str, turn: float) -> RotationState:
        """The state when this agent has paid for a turn."""
        clock = self.stand(agent_id)
        moved = {**self.ahead, agent_id: clock + turn}
        return RotationState(clock, {agent: stand for agent, stand in sorted(moved.items()) if stand > clock})

    def as_json(self) -> str:
        """Compact JSON."""
        return json.dumps({"clock": self.clock, "ahead": dict(self.ahead)}, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> RotationState:
        """The state as it was stored."""
        stored = json.loads(text)
        return cls(stored["clock"], stored["ahead"])


@dataclass(frozen=True, slots=True)
class Choice:
    """`agent_id` None: nobody was eligible (or nobody is to be chosen), the conversation waits in the queue. `instead`:
    the strategy that chose, because the one asked for was not available."""

    agent_id: str | None
    passed_over: tuple[tuple[str, Reason], ...]
    state: RotationState
    instead: str = ""


class UnknownStrategyError(RulesError):
    """There is no assignment strategy of this name; use one that is built in or install the plugin that brings it."""

    code: ClassVar[str] = "rules_unknown_strategy"


class StrategyUnavailableError(RulesError):
    """The strategy cannot be asked now: its plugin is not there. Whoever is least busy gets it meanwhile."""

    code: ClassVar[str] = "rules_strategy_unavailable"


@dataclass(frozen=True, slots=True)
class Ranking:
    """What a strategy says: eligible candidates, best first (none: leave it to people), why the others lost, and
    what the winner pays for his turn in the rotation (0: the strategy does not rotate). `compared`: why one lost
    against the winner, where not all lost alike."""

    order: Sequence[Candidate]
    lost: Reason
    turn: float = 0.0
    compared: Callable[[Candidate, Candidate], Reason] | None = None

    def why_lost(self, candidate: Candidate) -> Reason:
        """Why this one did not win."""
        return self.compared(candidate, self.order[0]) if self.compared and self.order else self.lost


#: Ranks eligible candidates; there is at least one, and they come in the order of their ids. May raise
#: StrategyUnavailableError.
Strategy = Callable[[Sequence[Candidate], RotationState, AssignRequest], Ranking]


def choose(
    strategy: str,
    candidates: Sequence[Candidate],
    state: RotationState,
    want: AssignRequest,
    at: datetime,
    strategies: Mapping[str, Strategy] | None = None,
) -> Choice:
    """The agent who gets the conversation, and why not each of the others. Raises UnknownStrategyError.

    Deterministic: equal arguments give an equal choice, in whatever order the candidates come.
    """
    known = STRATEGIES if strategies is None else strategies
    if strategy not in known:
        raise UnknownStrategyError(f"no strategy {quoted(strategy)}. {name_hint('Strategies', strategy, known)}")
    ordered = sorted(candidates, key=lambda candidate: candidate.agent_id)
    unfit = _unfit(ordered, want, at)
    eligible = [c for c in ordered if c.agent_id not in unfit]
    ranking, instead = _ranked(strategy, known, eligible, state, want)
    chosen = ranking.order[0] if ranking.order else None
    passed = tuple((c.agent_id, unfit.get(c.agent_id) or ranking.why_lost(c)) for c in ordered if c is not chosen)
    if chosen is None:
        return Choice(None, passed, state, instead)
    moved = state.after(chosen.agent_id, ranking.turn) if ranking.turn else state
    return Choice(chosen.agent_id, passed, moved, instead)


def _ranked(
    strategy: str,
    known: Mapping[str, Strategy],
    eligible: Sequence[Candidate],
    state: RotationState,
    want: AssignRequest,
) -> tuple[Ranking, str]:
    """The ranking, and who made it instead of the strategy that was asked for."""
    if not eligible:
        return Ranking((), Reason.NOT_ASKED), ""
    try:
        return known[strategy](eligible, state, want), ""
    except StrategyUnavailableError:
        return _least_busy(eligible, state, want), FALLBACK


def who_can(candidates: Sequence[Candidate], want: AssignRequest, at: datetime) -> frozenset[str]:
    """Everybody who could get it now, whatever the strategy."""
    unfit = _unfit(candidates, want, at)
    return frozenset(c.agent_id for c in candidates if c.agent_id not in unfit)


def _unfit(candidates: Sequence[Candidate], want: AssignRequest, at: datetime) -> dict[str, Reason]:
    unfit = {c.agent_id: reason for c in candidates if (reason := why_not(c, want, at)) is not None}
    if want.let_go:
        others = any(_is_at_work(c, want, at) for c in candidates)
        unfit = dict.fromkeys(want.let_go if others else want.let_go - want.seen, Reason.LET_IT_GO) | unfit
    return unfit


def why_not(candidate: Candidate, want: AssignRequest, at: datetime) -> Reason | None:
    """The first reason why this agent cannot get it, or None."""
    checks = (
        (want.team is not None and want.team not in candidate.teams, Reason.NOT_IN_TEAM),
        (want.inbox is not None and want.inbox not in candidate.inboxes, Reason.NOT_IN_INBOX),
        (not candidate.may_reply, Reason.MAY_NOT_REPLY),
        (not candidate.queue_on, Reason.QUEUE_OFF),
        (candidate.do_not_disturb, Reason.DO_NOT_DISTURB),
        (candidate.hours is not None and not is_open(candidate.hours, at), Reason.OUT_OF_HOURS),
        (not want.skills <= candidate.skills, Reason.LACKS_SKILLS),
        (_full(candidate.open, candidate.capacity), Reason.AT_CAPACITY),
        (_full(candidate.open_on_channel, candidate.channel_capacity), Reason.AT_CHANNEL_CAPACITY),
        (_full(candidate.open_in_inbox, candidate.inbox_capacity), Reason.AT_INBOX_CAPACITY),
    )
    return next((reason for failed, reason in checks if failed), None)


def _is_at_work(candidate: Candidate, want: AssignRequest, at: datetime) -> bool:
    """Whether somebody else could have it sooner or later: what he has now will be closed."""
    reason = why_not(candidate, want, at)
    full = (Reason.AT_CAPACITY, Reason.AT_CHANNEL_CAPACITY, Reason.AT_INBOX_CAPACITY)
    return candidate.agent_id not in want.let_go and (reason is None or reason in full)


def _full(has: int, limit: int | None) -> bool:
    return limit is not None and has >= limit


def _round_robin(eligible: Sequence[Candidate], state: RotationState, want: AssignRequest) -> Ranking:
    return Ranking(_by_stand(eligible, state), Reason.LATER_TURN, turn=1.0)


def _weighted(eligible: Sequence[Candidate], state: RotationState, want: AssignRequest) -> Ranking:
    ranked = _by_stand(eligible, state)
    return Ranking(ranked, Reason.LATER_TURN, turn=1 / max(ranked[0].weight, 1))


def _by_stand(eligible: Sequence[Candidate], state: RotationState) -> list[Candidate]:
    return sorted(eligible, key=lambda c: (state.stand(c.agent_id), c.agent_id))


def _least_busy(eligible: Sequence[Candidate], state: RotationState, want: AssignRequest) -> Ranking:
    ranked = sorted(eligible, key=lambda c: (_load(c), _last(c), c.agent_id))
    return Ranking(ranked, Reason.BUSIER, compared=_busier)


def _busier(candidate: Candidate, chosen: Candidate) -> Reason:
    if _load(candidate) > _load(chosen):
        return Reason.BUSIER if candidate.open > chosen.open else Reason.HEAVIER
    return _later(candidate, chosen)


def _longest_idle(eligible: Sequence[Candidate], state: RotationState, want: AssignRequest) -> Ranking:
    ranked = sorted(eligible, key=lambda c: (_last(c), c.agent_id))
    return Ranking(ranked, Reason.SERVED_RECENTLY, compared=_later)


def _later(candidate: Candidate, chosen: Candidate) -> Reason:
    return Reason.SERVED_RECENTLY if _last(candidate) > _last(chosen) else Reason.EQUAL


def _sticky(eligible: Sequence[Candidate], state: RotationState, want: AssignRequest) -> Ranking:
    last = [c for c in eligible if c.agent_id == want.last_served_by]
    return Ranking(last, Reason.NOT_LAST_SERVED) if last else _least_busy(eligible, state, want)


def _manual(eligible: Sequence[Candidate], state: RotationState, want: AssignRequest) -> Ranking:
    return Ranking((), Reason.NOT_ASKED)


def _load(candidate: Candidate) -> float:
    return candidate.open if candidate.load is None else candidate.load


def _last(candidate: Candidate) -> datetime:
    return candidate.last_assigned_at or _LONG_AGO


STRATEGIES: Mapping[str, Strategy] = {
    "round_robin": _round_robin,
    "least_busy": _least_busy,
    "longest_idle": _longest_idle,
    "sticky": _sticky,
    "weighted": _weighted,
    "manual": _manual,
}
