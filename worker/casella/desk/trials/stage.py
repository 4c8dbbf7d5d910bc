"""What effects need of the play they take place in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from casella.desk.trials.parts import SaidMessage
from casella.desk.trials.world import TrialConversation, World
from casella_rules import Chain, FactValue, PlannedAction


@dataclass(slots=True, eq=False)
class Happening:
    """One event: its name, with its parameter as the trigger, and what it alone knows.

    `sender`: the agent who wrote the message, if one did, and `written_at`, when. `conversation`: what it happens to;
    the newest one if not said. `chain`: of the rule that caused it; of its own if nobody did. `aside`: it belongs to no
    conversation.
    """

    event: str
    trigger: str = ""
    message: SaidMessage | None = None
    sent_by: str | None = None
    sender: str = ""
    written_at: datetime | None = None
    agent: str = ""
    extra: Mapping[str, FactValue] = field(default_factory=dict)
    conversation: TrialConversation | None = None
    chain: Chain | None = None
    aside: bool = False

    def __post_init__(self) -> None:
        self.trigger = self.trigger or self.event


@dataclass(frozen=True, slots=True)
class SentReply:
    """A message that left for the customer. `what`: the key of a canned message, or the words that were asked for;
    `text`: what the customer read."""

    what: str
    locale: str
    text: str


class Notes(Protocol):
    """What effects write down."""

    replies: list[SentReply]
    offered: list[str]
    notes: list[str]
    notified: list[str]
    webhooks: list[str]
    surveys: list[str]
    drafts: int
    choices: list[str]
    waits: list[tuple[str, str, str]]


class Stage(Protocol):
    """Where effects take place."""

    @property
    def world(self) -> World: ...  # pragma: no cover - a protocol
    @property
    def log(self) -> Notes: ...  # pragma: no cover - a protocol
    @property
    def surveys(self) -> SurveyBook: ...  # pragma: no cover - a protocol
    @property
    def sender(self) -> str: ...  # pragma: no cover - a protocol
    @property
    def written_at(self) -> datetime | None: ...  # pragma: no cover - a protocol
    def skip(self, action: PlannedAction, why: str) -> list[Happening]: ...  # pragma: no cover - a protocol
    def happens(self, happenings: list[Happening]) -> None: ...  # pragma: no cover - a protocol
    def chain_of(self, action: PlannedAction) -> Chain: ...  # pragma: no cover - a protocol
    def leaves(self, happening: Happening, action: PlannedAction) -> None: ...  # pragma: no cover - a protocol


@dataclass(slots=True)
class SurveyBook:
    """Surveys that were sent, the newest last: the key, the conversation, when, and whether it was answered."""

    sent: list[SentSurvey] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class SentSurvey:
    """One survey that was sent. `at`: seconds since the epoch."""

    key: str
    conversation: TrialConversation
    at: float
    answered: bool = False


def chained(happenings: list[Happening], chain: Chain | None) -> list[Happening]:
    """What a timer makes happen belongs to the chain of the rule that armed it."""
    for happening in happenings:
        happening.chain = chain
    return happenings


Effect = Callable[[Stage, PlannedAction], list[Happening]]


def open_conversation(stage: Stage) -> TrialConversation:
    """The conversation that rules act on."""
    conversation = stage.world.conversation
    assert conversation is not None, "what belongs to no conversation is told before"
    return conversation
