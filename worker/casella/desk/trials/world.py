"""One conversation and the people around it, in memory: what rules see, and how time passes."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import count
from zoneinfo import ZoneInfo

from casella.desk.model import Desk
from casella.desk.trials.guest_facts import guest_facts
from casella.desk.trials.parts import Given, GivenAgent
from casella_rules import (
    AssignRequest,
    AttributeValue,
    Candidate,
    FactValue,
    OfficeHours,
    RotationState,
    is_open,
    previous_field,
)
from casella_rules.assignment import why_not
from casella_rules.reasons import Reason


@dataclass(frozen=True, slots=True)
class Wish:
    """What an `assign` asked for besides the team; whoever gets it later is chosen by that. `otherwise`: the team of
    `else`, which gets it `after` so many seconds; 0: it may take it, too. `rule`: who asked for something."""

    skills: tuple[str, ...] = ()
    strategy: str | None = None
    otherwise: str | None = None
    after: int = 0
    rule: str = ""

    @property
    def also(self) -> str | None:
        """Another team that may take it now."""
        return None if self.after else self.otherwise


@dataclass(slots=True, eq=False)
class TrialConversation:
    """A conversation as it is now. `spoken_at`: when somebody last wrote; rules are nobody. `assigned_at`: tells one
    assignment from the next. `fired_at`: when rules last acted on it. `lulls`: the silences that are looked after.
    `let_go`: who did not answer in time; `seen`: of these, who has been away since; `noted`: of whom it was noted, and
    since when the customer waited. `overflow`: counts the times of `else` that were set; the last one counts."""

    inbox: str
    opened_at: datetime
    status: str = "open"
    priority: str = "normal"
    tags: set[str] = field(default_factory=set)
    assignee: str | None = None
    team: str | None = None
    subject: str | None = None
    started_by: str = "contact"
    messages: int = 0
    waiting_since: datetime | None = None
    spoken_at: datetime | None = None
    assigned_at: datetime | None = None
    queued_at: datetime | None = None
    snoozed_until: datetime | None = None
    let_go: frozenset[str] = frozenset()
    seen: frozenset[str] = frozenset()
    noted: set[tuple[str, datetime | None]] = field(default_factory=set)
    wanted: Wish = field(default_factory=Wish)
    overflow: int = 0
    answered_at: datetime | None = None
    fired_at: dict[str, datetime] = field(default_factory=dict)
    lulls: set[tuple[str, int, datetime]] = field(default_factory=set)

    @property
    def queued(self) -> bool:
        """Whether it waits in its team's queue."""
        waits = self.queued_at is not None and self.team is not None
        return waits and self.assignee is None and self.status == "open"

    @property
    def answered(self) -> bool:
        """Whether an agent has answered since it was given to one."""
        given, answered = self.assigned_at, self.answered_at
        return given is not None and answered is not None and answered >= given


@dataclass(frozen=True, slots=True)
class HouseView:
    """The house as one run of the rules sees it, from its beginning to its end: how many conversations each agent has,
    how many wait for each team."""

    open: Mapping[str, int]
    waiting: Mapping[str, int]


Due = Callable[[], None]


class World:
    """A desk with one customer. The clock moves only by `move_to`, and what is due on the way is done in order."""

    def __init__(self, desk: Desk, given: Given) -> None:
        self.desk = desk
        self.zone = ZoneInfo(desk.parts.timezone)
        self.now = self.local(given.at)
        self.contact = given.contact
        self.opted_out = given.contact.opted_out
        self.guest_facts = guest_facts(desk.rules.vocabulary, given.fields)
        self.custom: dict[str, FactValue] = {}
        self.learn(given.contact.custom)
        self.channel, self.home = channel_of(desk, given)
        self.agents = _on_duty(desk, given)
        self.queues = dict(given.queues)
        self.served_last = next((key for key, agent in self.agents.items() if agent.served_last), None)
        self.contact_conversations = max(given.contact.conversations, 1 if given.contact.is_new is not False else 2)
        self.rotations: dict[str, RotationState] = {}
        self.assigned_at: dict[str, datetime] = {}
        self.conversation = self._conversation(given)
        self._newest = self.conversation
        self.house = self.look_around()
        self._due: list[tuple[datetime, int, Due]] = []
        self._moments: set[datetime] = set()
        self._number = count()

    def local(self, written: datetime) -> datetime:
        """A moment as written in a test: on the desk's clock, unless it says its zone."""
        return written if written.tzinfo else written.replace(tzinfo=self.zone)

    def learn(self, attributes: Mapping[str, AttributeValue]) -> None:
        """Note attributes of the contact; None forgets one."""
        for key, value in attributes.items():
            kind = self.desk.parts.attributes[key].type
            self.custom[key] = date.fromisoformat(value) if kind == "date" and isinstance(value, str) else value

    def begin(self, started_by: str) -> TrialConversation:
        """A new conversation."""
        self.contact_conversations += self._newest is not None
        self.conversation = self._newest = TrialConversation(self.home, self.now, started_by=started_by)
        return self.conversation

    def why_not(self, key: str, inbox: str) -> Reason | None:
        """Why an agent could not get a conversation of this inbox now; None when he could."""
        candidate = next((one for one in self.candidates(None) if self.key_of(one.agent_id) == key), None)
        if candidate is None:
            return Reason.QUEUE_OFF
        return why_not(candidate, AssignRequest(None, inbox), self.now)

    def look_around(self) -> HouseView:
        """What the next run of the rules sees of the house."""
        waiting, own = dict(self.queues), self._newest
        if own is not None and own.queued and own.team:
            waiting[own.team] = waiting.get(own.team, 0) + 1
        self.house = HouseView({key: given.open for key, given in self.agents.items()}, waiting)
        return self.house

    def has_newer(self, conversation: TrialConversation) -> bool:
        """Whether the customer has another open one by now."""
        return self._newest is not None and self._newest is not conversation and self._newest.status != "closed"

    @contextmanager
    def about(self, conversation: TrialConversation | None) -> Iterator[None]:
        """What happens now, happens to this conversation: an older one, or none."""
        newest, self.conversation = self.conversation, conversation
        try:
            yield
        finally:
            self.conversation = newest

    def later(self, moment: datetime, what: Due) -> None:
        """Do this when the clock comes to that moment."""
        heapq.heappush(self._due, (moment, next(self._number), what))

    def once_at(self, moment: datetime, what: Due) -> None:
        """The same, once for each moment, however often it is asked for."""
        if moment not in self._moments:
            self._moments.add(moment)
            self.later(moment, what)

    def next_moment(self) -> datetime:
        """Now, a microsecond after the one before, so that who was given something longest ago can be told."""
        latest = max(self.assigned_at.values(), default=self.now)
        return max(self.now, latest) + timedelta(microseconds=1)

    def move_to(self, moment: datetime) -> None:
        """Let time pass."""
        while self._due and self._due[0][0] <= moment:
            due, _, what = heapq.heappop(self._due)
            self.now = max(self.now, due)
            what()
        self.now = max(self.now, moment)

    def candidates(self, team: str | None) -> Iterator[Candidate]:
        """Everybody on duty, as those who could get a conversation of this team. Known by their place in the desk:
        among equals whoever stands there first comes first."""
        for key, given in self.agents.items():
            agent = self.desk.parts.agents.get(key)
            teams = self.teams_of(key)
            if team is None or team in teams:
                yield Candidate(
                    self._place(key),
                    teams=frozenset(teams),
                    inboxes=self.inboxes_of(key),
                    may_reply=agent is None or agent.may_reply,
                    queue_on=given.available,
                    hours=self.hours_of(key),
                    skills=frozenset(given.skills if given.skills is not None else agent.skills if agent else ()),
                    open=given.open,
                    capacity=given.capacity if given.capacity is not None else agent.capacity if agent else None,
                    weight=agent.weight if agent else 1,
                    last_assigned_at=self.assigned_at.get(key),
                )

    def _place(self, key: str) -> str:
        order = list(self.desk.parts.agents)
        return f"{order.index(key) if key in order else len(order):06}/{key}"

    @staticmethod
    def key_of(candidate: str) -> str:
        """The agent's own key."""
        return candidate.partition("/")[2]

    def takes_work(self, key: str) -> bool:
        """Whether the agent is there, has the queue switched on, and is within his hours."""
        given, hours = self.agents.get(key), self.hours_of(key)
        return given is not None and given.available and (hours is None or is_open(hours, self.now))

    def hours_of(self, key: str) -> OfficeHours | None:
        """When the agent works; None: whenever his queue is switched on."""
        agent = self.desk.parts.agents.get(key)
        return self.desk.hours[agent.hours] if agent and agent.hours else None

    def change_load(self, agent: str, by: int) -> None:
        """The agent has one conversation more or less."""
        if agent in self.agents:
            known = self.agents[agent]
            self.agents[agent] = known.model_copy(update={"open": max(0, known.open + by)})

    def teams_of(self, key: str) -> tuple[str, ...]:
        """The teams an agent works in."""
        given, agent = self.agents.get(key), self.desk.parts.agents.get(key)
        return (given.team,) if given and given.team else agent.teams if agent else ()

    def inboxes_of(self, key: str) -> frozenset[str]:
        """The inboxes an agent is a member of; all of them for one whom only this test knows."""
        parts = self.desk.parts
        if key not in parts.agents:
            return frozenset(parts.inboxes)
        own, teams = parts.agents[key].inboxes, self.teams_of(key)
        return frozenset(
            inbox for inbox, part in parts.inboxes.items() if inbox in own or not set(part.teams).isdisjoint(teams)
        )

    def _conversation(self, given: Given) -> TrialConversation | None:
        written = given.conversation
        if written is None:
            return None
        waiting = self.now - timedelta(seconds=written.waiting) if written.waiting is not None else None
        return TrialConversation(
            self.home, self.now - timedelta(seconds=written.age), written.status, written.priority, set(written.tags),
            written.assignee, written.team, written.subject, written.started_by, written.messages, waiting,
            waiting or self.now, queued_at=self.now,
        )  # fmt: skip


def channel_of(desk: Desk, given: Given) -> tuple[str, str]:
    """The channel and the inbox of a test: as named, else the first there is."""
    parts = desk.parts
    fitting = [
        key for key, channel in parts.channels.items()
        if given.channel in (None, key, parts.connections[channel.connection].channel_type)
        and given.inbox in (None, channel.inbox)
    ]  # fmt: skip
    channel = fitting[0] if fitting else ""
    inbox = given.inbox or (parts.channels[channel].inbox if channel else next(iter(parts.inboxes), ""))
    return channel, inbox


def changed(before: str, value: FactValue) -> dict[str, FactValue]:
    """The fact that an event changed a field, and what it was."""
    return {previous_field(f"conversation.{before}"): value}


def _on_duty(desk: Desk, given: Given) -> dict[str, GivenAgent]:
    everybody = {key: GivenAgent() for key, agent in desk.parts.agents.items() if agent.teams}
    found = dict(given.agents) if given.agents is not None else everybody
    has = given.conversation.assignee if given.conversation and given.conversation.status != "closed" else None
    if has in found and not found[has].open:  # the conversation of the test is one of those that are open
        found[has] = found[has].model_copy(update={"open": 1})
    return found
