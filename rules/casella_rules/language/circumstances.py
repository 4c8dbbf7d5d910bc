"""What can be at all, whatever rules ask: what the fields' tables say, and what a desk says about itself.

The check uses it to tell what can never match. Whatever is not known here counts as possible.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from casella_rules.hours import OfficeHours
from casella_rules.language.builtin.complete import builtin_vocabulary
from casella_rules.language.durations import span_of
from casella_rules.language.limits import NO_LIMITS, FieldLimits
from casella_rules.language.model import event_of
from casella_rules.language.open_time import measured_in
from casella_rules.language.vocabulary import FieldSpec, Vocabulary


@dataclass(frozen=True, slots=True)
class AgentSketch:
    """What the desk says of an agent, by the names of the fields of `agent.*`."""

    name: str
    role: str
    teams: frozenset[str] = frozenset()
    skills: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()


@dataclass(frozen=True, eq=False)
class Circumstances:
    """`channels`: the type of each, by key. `agents`: by key. `hours`: the desk's own. `zones`: the time zone of each
    inbox. None and nothing mean "not known"."""

    vocabulary: Vocabulary = field(default_factory=builtin_vocabulary)
    channels: Mapping[str, str] | None = None
    agents: Mapping[str, AgentSketch] | None = None
    hours: Mapping[str, OfficeHours] = field(default_factory=dict)
    zones: Mapping[str, str] = field(default_factory=dict)

    def limits(self, name: str, trigger: str = "") -> FieldLimits:
        """The limits of a field, when this happens (`conversation_waiting 30m`; empty: whatever happens)."""
        spec = self._spec(name)
        found = spec.limits if spec else NO_LIMITS
        event, _, parameter = trigger.partition(" ")
        field, counted_in = measured_in(name)
        span = span_of(parameter) if field == _MEASURED.get(event) else None
        if span and counted_in in ("", span.hours):
            return FieldLimits(span.seconds)  # counted in open time, at least so much of all time has passed
        if self.agents is not None and name.startswith("team.") and name.endswith(".available"):
            team = name.removeprefix("team.").removesuffix(".available")
            return FieldLimits(0, sum(team in agent.teams for agent in self.agents.values()), whole=True, always=True)
        return found

    def may_be_known(self, name: str, trigger: str) -> bool:
        """Whether the field can have a value when this happens."""
        event = event_of(trigger)
        if not event:
            return True
        spec = self.vocabulary.events.get(event)
        if spec is not None and spec.about == "agent" and name.partition(".")[0] not in _OF_AN_AGENT:
            return False
        known_with = self.limits(name, trigger).known_with
        return not known_with or event in known_with

    def is_always_known(self, name: str, trigger: str) -> bool:
        """Whether the field is never without a value when this happens."""
        event = event_of(trigger)
        if name == "event":
            return True
        if event == "message_received" and name in _OF_EVERY_MESSAGE:
            return True
        return self.limits(name, trigger).always and bool(event) and self.may_be_known(name, trigger)

    def values(self, name: str, trigger: str) -> tuple[str, ...]:
        """All the values a word can have, where they are known."""
        event = event_of(trigger)
        if name == "event" and event:
            return (event,)
        if name == SENT_BY and event in _FROM_THE_CUSTOMER:
            return ("contact",)
        spec = self._spec(name)
        values = spec.values if spec else ()
        if name == SENT_BY and event in _FROM_THE_HOUSE:
            return tuple(value for value in values if value != "contact")
        return values

    def _spec(self, name: str) -> FieldSpec | None:
        return self.vocabulary.field_of(measured_in(name)[0])


#: The field that says who wrote the message.
SENT_BY = "sent_by"
#: How long has passed when these events come, is said with them.
_MEASURED = {"conversation_waiting": "conversation.waiting", "conversation_idle": "conversation.idle"}
_OF_AN_AGENT = ("event", "agent", "team", "hours", "time")
_OF_EVERY_MESSAGE = ("kind", "has_attachment", SENT_BY)
_FROM_THE_CUSTOMER = ("message_received", "survey_answered")
_FROM_THE_HOUSE = ("message_sent", "message_failed")
