"""One conversation and the people around it, in memory: what rules see, and how time passes."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import count
from zoneinfo import ZoneInfo

from casella.desk.model import Desk
from casella.desk.trials.guest_facts import guest_facts
from casella.desk.trials.parts import Given, GivenAgent, SaidMessage
from casella_rules import AttributeValue, Candidate, FactValue, RotationState, hours_facts, previous_field, time_facts


@dataclass(slots=True)
class TrialConversation:
    """The conversation as it is now."""

    inbox: str
    opened_at: datetime
    status: str = "open"
    priority: str = "normal"
    tags: set[str] = field(default_factory=set)
    assignee: str | None = None
    team: str | None = None
    queued: bool = False
    subject: str | None = None
    started_by: str = "contact"
    messages: int = 0
    waiting_since: datetime | None = None
    last_message_at: datetime | None = None


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
        self.agents = _on_duty(desk, given.agents)
        self.queues = dict(given.queues)
        self.rotations: dict[str, RotationState] = {}
        self.assigned_at: dict[str, datetime] = {}
        self.fired_at: dict[str, datetime] = {}
        self.conversation = self._conversation(given)
        self.is_new_contact = given.contact.is_new
        self._due: list[tuple[datetime, int, Due]] = []
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
        self.conversation = TrialConversation(self.home, self.now, started_by=started_by)
        return self.conversation

    def later(self, moment: datetime, what: Due) -> None:
        """Do this when the clock comes to that moment."""
        heapq.heappush(self._due, (moment, next(self._number), what))

    def move_to(self, moment: datetime) -> None:
        """Let time pass."""
        while self._due and self._due[0][0] <= moment:
            due, _, what = heapq.heappop(self._due)
            self.now = max(self.now, due)
            what()
        self.now = max(self.now, moment)

    def candidates(self, team: str | None) -> Iterator[Candidate]:
        """Everybody on duty, as those who could get a conversation of this team."""
        for key, given in self.agents.items():
            agent = self.desk.parts.agents.get(key)
            teams = (given.team,) if given.team else agent.teams if agent else ()
            if team is None or team in teams:
                yield Candidate(
                    key,
                    teams=frozenset(teams),
                    inboxes=frozenset(self.desk.parts.inboxes) if agent is None else self._inboxes(key, teams),
                    queue_on=given.available,
                    hours=self.desk.hours[agent.hours] if agent and agent.hours else None,
                    skills=frozenset(given.skills if given.skills is not None else agent.skills if agent else ()),
                    open=given.open,
                    capacity=given.capacity if given.capacity is not None else agent.capacity if agent else None,
                    weight=agent.weight if agent else 1,
                    last_assigned_at=self.assigned_at.get(key),
                )

    def change_load(self, agent: str, by: int) -> None:
        """The agent has one conversation more or less."""
        if agent in self.agents:
            known = self.agents[agent]
            self.agents[agent] = known.model_copy(update={"open": max(0, known.open + by)})

    def facts(self, message: SaidMessage | None = None, sent_by: str | None = None) -> dict[str, FactValue]:
        """What rules are told now."""
        return {
            **self.guest_facts,
            **self._house_facts(),
            **self._contact_facts(),
            **(self._conversation_facts(self.conversation) if self.conversation else {}),
            **(_message_facts(message, sent_by) if message else {}),
        }

    def _house_facts(self) -> dict[str, FactValue]:
        parts = self.desk.parts
        inbox = self.conversation.inbox if self.conversation else self.home
        kind = parts.connections[parts.channels[self.channel].connection].channel_type if self.channel else None
        found: dict[str, FactValue] = {
            "channel": frozenset(name for name in (self.channel, kind) if name),
            "channel_type": kind,
            "inbox": inbox,
            **hours_facts(self.desk.hours, self.now),
            **time_facts(self.now, self.desk.timezone_of(inbox) if inbox else parts.timezone),
        }
        for team in parts.teams:
            found[f"team.{team}.available"] = sum(
                1 for one in self.candidates(team)
                if one.queue_on and (one.capacity is None or one.open < one.capacity)
            )  # fmt: skip
            own = self.conversation is not None and self.conversation.queued and self.conversation.team == team
            found[f"team.{team}.waiting"] = self.queues.get(team, 0) + own
        return found

    def _contact_facts(self) -> dict[str, FactValue]:
        contact = self.contact
        return {
            "contact.name": contact.name,
            "contact.phone": contact.phone,
            "contact.country": contact.country,
            "contact.language": contact.language,
            "contact.tags": frozenset(contact.tags),
            "contact.is_new": self.is_new_contact,
            "contact.opted_out": self.opted_out,
            "contact.favourite": contact.favourite,
            "contact.conversations": contact.conversations,
            **{f"contact.custom.{key}": value for key, value in self.custom.items()},
        }

    def _conversation_facts(self, conversation: TrialConversation) -> dict[str, FactValue]:
        found: dict[str, FactValue] = {
            "conversation.status": conversation.status,
            "conversation.priority": conversation.priority,
            "conversation.tags": frozenset(conversation.tags),
            "conversation.assignee": conversation.assignee,
            "conversation.team": conversation.team,
            "conversation.subject": conversation.subject,
            "conversation.started_by": conversation.started_by,
            "conversation.is_new": conversation.messages <= 1,
            "conversation.messages": conversation.messages,
            "conversation.age": (self.now - conversation.opened_at).total_seconds(),
            "conversation.waiting": self._since(conversation.waiting_since),
            "conversation.idle": self._since(conversation.last_message_at),
        }
        return {**found, **(self.agent_facts(conversation.assignee) if conversation.assignee else {})}

    def agent_facts(self, key: str) -> dict[str, FactValue]:
        """What rules are told of an agent."""
        agent = self.desk.parts.agents.get(key)
        on_duty = next((one for one in self.candidates(None) if one.agent_id == key), None)
        return {
            "agent.name": agent.name if agent else key,
            "agent.role": agent.role if agent else "agent",
            "agent.teams": on_duty.teams if on_duty else frozenset(agent.teams if agent else ()),
            "agent.skills": on_duty.skills if on_duty else frozenset(agent.skills if agent else ()),
            "agent.languages": frozenset(agent.languages if agent else ()),
            "agent.available": on_duty.queue_on if on_duty else False,
            "agent.open": on_duty.open if on_duty else 0,
        }

    def _since(self, moment: datetime | None) -> float | None:
        return None if moment is None else (self.now - moment).total_seconds()

    def _inboxes(self, key: str, teams: tuple[str, ...]) -> frozenset[str]:
        parts = self.desk.parts
        own = parts.agents[key].inboxes
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
            written.assignee, written.team, written.team is not None and written.assignee is None, written.subject,
            written.started_by, written.messages, waiting, waiting or self.now,
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


def _on_duty(desk: Desk, given: dict[str, GivenAgent] | None) -> dict[str, GivenAgent]:
    if given is not None:
        return dict(given)
    return {key: GivenAgent() for key, agent in desk.parts.agents.items() if agent.teams}


def _message_facts(message: SaidMessage, sent_by: str | None) -> dict[str, FactValue]:
    return {
        "text": message.text,
        "kind": message.kind,
        "has_attachment": message.attachment,
        "language": message.language,
        "quoted": message.quoted,
        "button": message.button,
        "referral.source": message.referral,
        "sent_by": sent_by,
    }
