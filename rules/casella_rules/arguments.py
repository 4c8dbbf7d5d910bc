"""What may stand behind each built-in action, and the types with which an argument names things of the desk.

Validation gets the desk's `Names` as its context; without one (stored rules, tests) names are taken as they are.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, model_validator
from pydantic_core import PydanticCustomError

from .durations import seconds_of
from .problems import quoted
from .vocabulary import Names

#: A message of this length is refused by every channel; it is a mistake in the file.
MAX_TEXT = 4_096


class Argument(BaseModel):
    """Base of the built-in arguments: strict, closed, immutable."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, validate_by_name=True, validate_by_alias=True)


class DeskName:
    """Marks a text as the name of something in the desk: `Annotated[str, AfterValidator(DeskName("team"))]`."""

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def __call__(self, name: str, info: ValidationInfo) -> str:
        unknown = info.context.unknown(self.kind, name) if isinstance(info.context, Names) else None
        if unknown:
            raise mistake(*unknown)
        return name


def mistake(message: str, hint: str = "") -> PydanticCustomError:
    """The error a validator raises so that its sentence reaches the manager as it is."""
    return PydanticCustomError("casella", "{message}", {"message": message, "hint": hint})


def _seconds(value: object) -> object:
    if isinstance(value, int) and not isinstance(value, bool):
        return value  # stored rules carry seconds; a number in YAML has been made text before it comes here
    seconds = seconds_of(value) if isinstance(value, str) else None
    if seconds is None:
        raise mistake(f"{quoted(str(value))} is not a duration", "Write 45s, 10m, 1h30m or 2d")
    return seconds


Duration = Annotated[int, BeforeValidator(_seconds)]
TeamName = Annotated[str, AfterValidator(DeskName("team"))]
AgentName = Annotated[str, AfterValidator(DeskName("agent"))]
TagName = Annotated[str, AfterValidator(DeskName("tag"))]
CannedName = Annotated[str, AfterValidator(DeskName("canned"))]
StrategyName = Annotated[str, AfterValidator(DeskName("strategy"))]
Skill = Annotated[str, Field(min_length=1, max_length=60)]
WrittenText = Annotated[str, Field(min_length=1, max_length=MAX_TEXT)]
Priority = Literal["low", "normal", "high", "urgent"]


class OtherwiseTo(Argument):
    """Where a conversation goes when nobody was eligible for so long."""

    team: TeamName
    after: Duration = Field(default=0, description="How long to wait first", examples=["5m"])


class Assign(Argument):
    """Give the conversation to a team (which chooses an agent by its strategy) or to one agent."""

    team: TeamName | None = Field(default=None, description="The team that gets it", examples=["billing"])
    agent: AgentName | None = Field(default=None, description="The agent that gets it", examples=["ann"])
    strategy: StrategyName | None = Field(default=None, description="How to choose; the team's own if not said")
    skills: Annotated[tuple[Skill, ...], Field(strict=False)] = Field(
        default=(), description="What the agent must be able to do", examples=[["refunds"]]
    )
    otherwise: OtherwiseTo | None = Field(default=None, alias="else", description="Where to, when nobody is free")

    @model_validator(mode="after")
    def _one_target(self) -> Self:
        if (self.team is None) == (self.agent is None):
            raise mistake("'assign' needs either a team or an agent", "Write {team: …} or {agent: …}")
        if self.agent is not None and (self.strategy or self.skills):
            raise mistake("'strategy' and 'skills' choose within a team", "Drop them, or write {team: …}")
        return self


def _at_least_one(tags: tuple[str, ...]) -> tuple[str, ...]:
    # Not `min_length`: pydantic counts after dropping mistaken names, and would report one mistake as two.
    if not tags:
        raise mistake("this list is empty", "Name at least one tag")
    return tags


class Tags(Argument):
    """Tags of the conversation, one or several."""

    tags: Annotated[tuple[TagName, ...], Field(strict=False), AfterValidator(_at_least_one)]


class SetPriority(Argument):
    """How urgent the conversation is."""

    priority: Priority


class Reply(Argument):
    """Answer the customer with a canned message, or with a text."""

    canned: CannedName | None = Field(default=None, description="A message of canned.yaml", examples=["greeting"])
    text: WrittenText | None = Field(default=None, description="The words themselves", examples=["We are on it."])

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if (self.canned is None) == (self.text is None):
            raise mistake("'reply' needs either a canned message or a text", "Write {canned: …} or {text: …}")
        return self


class Note(Argument):
    """Leave an internal note that only agents see."""

    text: WrittenText


class Nothing(Argument):
    """An action that takes nothing: write its name alone."""
