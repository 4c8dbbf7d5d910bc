"""The types of what stands behind an action, among them those with which it names things of the desk.

Validation gets the desk's `Names` as its context; without one (stored rules, tests) names are taken as they are.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo
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


def _some_time(seconds: int) -> int:
    if seconds <= 0:
        raise mistake("this is no time at all", "Write 45s, 10m, 1h30m or 2d")
    return seconds


Duration = Annotated[int, BeforeValidator(_seconds)]
SomeTime = Annotated[int, BeforeValidator(_seconds), AfterValidator(_some_time)]
TeamName = Annotated[str, AfterValidator(DeskName("team"))]
AgentName = Annotated[str, AfterValidator(DeskName("agent"))]
TagName = Annotated[str, AfterValidator(DeskName("tag"))]
InboxName = Annotated[str, AfterValidator(DeskName("inbox"))]
HoursName = Annotated[str, AfterValidator(DeskName("hours"))]
CannedName = Annotated[str, AfterValidator(DeskName("canned"))]
LocaleName = Annotated[str, AfterValidator(DeskName("locale"))]
WebhookName = Annotated[str, AfterValidator(DeskName("webhook"))]
SurveyName = Annotated[str, AfterValidator(DeskName("survey"))]
StrategyName = Annotated[str, AfterValidator(DeskName("strategy"))]
AttributeName = Annotated[str, AfterValidator(DeskName("attribute"))]
Skill = Annotated[str, Field(min_length=1, max_length=60)]
WrittenText = Annotated[str, Field(min_length=1, max_length=MAX_TEXT)]
Priority = Literal["low", "normal", "high", "urgent"]
