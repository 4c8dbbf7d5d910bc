"""What effects need of the play they take place in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from casella.desk.trials.parts import SaidMessage
from casella.desk.trials.world import TrialConversation, World
from casella_rules import FactValue, PlannedAction


@dataclass(slots=True)
class Happening:
    """One event: its name, with its parameter as the trigger, and what it alone knows."""

    event: str
    trigger: str = ""
    message: SaidMessage | None = None
    sent_by: str | None = None
    agent: str = ""
    extra: Mapping[str, FactValue] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.trigger = self.trigger or self.event


class Notes(Protocol):
    """What effects write down."""

    replies: list[tuple[str, str]]
    offered: list[str]
    notes: list[str]
    notified: list[str]
    webhooks: list[str]
    surveys: list[str]
    drafts: int
    choices: list[str]


class Stage(Protocol):
    """Where effects take place."""

    @property
    def world(self) -> World: ...  # pragma: no cover - a protocol
    @property
    def log(self) -> Notes: ...  # pragma: no cover - a protocol
    def skip(self, action: PlannedAction, why: str) -> list[Happening]: ...  # pragma: no cover - a protocol
    def survey_once(self, survey: str) -> bool: ...  # pragma: no cover - a protocol
    def happens(self, happenings: list[Happening]) -> None: ...  # pragma: no cover - a protocol


Effect = Callable[[Stage, PlannedAction], list[Happening]]


def open_conversation(stage: Stage) -> TrialConversation:
    """The conversation that rules act on."""
    conversation = stage.world.conversation
    assert conversation is not None, "rules without a conversation have no such action"
    return conversation
