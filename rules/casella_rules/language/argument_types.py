"""The types of what stands behind an action, among them those with which it names things of the desk.

Validation gets the desk's `Names` as its context; without one (stored rules, tests) names are taken as they are.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetJsonSchemaHandler,
    PlainSerializer,
    PlainValidator,
    ValidationInfo,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError

from casella_rules.language.durations import Span, how_written, seconds_of
from casella_rules.language.open_time import read_span
from casella_rules.language.vocabulary import Names
from casella_rules.yaml.problems import quoted

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


class InSchema:
    """What JSON Schema says of a type that is more than its validator shows: `desk` names the kind of the desk's
    names it takes (filled in from the live desk), `written` replaces the schema, `or_text` allows plain text too."""

    def __init__(self, *, desk: str = "", written: JsonSchemaValue | None = None, or_text: bool = False) -> None:
        self._desk, self._written, self._or_text = desk, written, or_text

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        made = dict(self._written) if self._written is not None else handler(schema)
        named = {**made, DESK_NAMES: self._desk} if self._desk else made
        return {"anyOf": [{"type": "string"}, named]} if self._or_text else named


#: Stands in a schema where the names of the desk belong.
DESK_NAMES = "x-desk-names"
#: Stands in the schema of a length of time that may be counted in the desk's office hours.
OPEN_TIME = "x-open-time"
#: How a duration is written: `1h30m`.
_LENGTH = "".join(f"([0-9]{{1,6}}{unit})?" for unit in "wdhms")
DURATION_SCHEMA: JsonSchemaValue = {"type": "string", "pattern": f"^{_LENGTH}$", "minLength": 2}
#: The same, of a time that must not be none at all.
SOME_TIME_SCHEMA: JsonSchemaValue = {**DURATION_SCHEMA, "pattern": f"^(?=.*[1-9]){_LENGTH}$"}


def mistake(message: str, hint: str = "") -> PydanticCustomError:
    """The error a validator raises so that its sentence reaches the manager as it is."""
    return PydanticCustomError("casella", "{message}", {"message": message, "hint": hint})


def _seconds(value: object, info: ValidationInfo) -> object:
    if isinstance(value, int) and not isinstance(value, bool) and not isinstance(info.context, Names):
        return value  # stored rules carry seconds, and know no names; in a file a number says no unit
    seconds = seconds_of(value) if isinstance(value, str) else None
    if seconds is None:
        raise mistake(f"{as_written(value)} is not a duration", how_written(str(value)))
    return seconds


def as_written(value: object) -> str:
    """A value as a message quotes it, in the words of YAML."""
    match value:
        case None:
            return "nothing"
        case bool():
            return quoted(str(value).lower())
        case list() | tuple():
            return "a list"
        case dict():
            return "a group of keys"
    return quoted(str(value))


def _some_time(seconds: int) -> int:
    if seconds <= 0:
        raise mistake("this is no time at all", "Write 45s, 10m, 1h30m or 2d")
    return seconds


def _span(value: object, info: ValidationInfo) -> Span:
    """A length of time that may be counted in office hours. Stored rules carry seconds, or `2h of support`."""
    names = info.context if isinstance(info.context, Names) else None
    if isinstance(value, int) and not isinstance(value, bool) and names is None:
        return Span(_some_time(value))
    if isinstance(value, Span):
        return value
    if not isinstance(value, str):
        raise mistake(f"{as_written(value)} is not a duration", how_written(str(value)))
    span = read_span(value, names or Names())
    if not isinstance(span, Span):
        raise mistake(*span)
    _some_time(span.seconds)
    return span


def _stored(span: Span) -> int | str:
    return str(span) if span.hours else span.seconds


Duration = Annotated[int, BeforeValidator(_seconds), InSchema(written=DURATION_SCHEMA)]
SomeTime = Annotated[int, BeforeValidator(_seconds), AfterValidator(_some_time), InSchema(written=SOME_TIME_SCHEMA)]
SomeOpenTime = Annotated[
    Span,
    PlainValidator(_span, json_schema_input_type=str),
    PlainSerializer(_stored),
    InSchema(written={**SOME_TIME_SCHEMA, OPEN_TIME: True}),
]
TeamName = Annotated[str, AfterValidator(DeskName("team")), InSchema(desk="team")]
AgentName = Annotated[str, AfterValidator(DeskName("agent")), InSchema(desk="agent")]
TagName = Annotated[str, AfterValidator(DeskName("tag")), InSchema(desk="tag")]
InboxName = Annotated[str, AfterValidator(DeskName("inbox")), InSchema(desk="inbox")]
HoursName = Annotated[str, AfterValidator(DeskName("hours")), InSchema(desk="hours")]
CannedName = Annotated[str, AfterValidator(DeskName("canned")), InSchema(desk="canned")]
LocaleName = Annotated[str, AfterValidator(DeskName("locale")), InSchema(desk="locale")]
WebhookName = Annotated[str, AfterValidator(DeskName("webhook")), InSchema(desk="webhook")]
SurveyName = Annotated[str, AfterValidator(DeskName("survey")), InSchema(desk="survey")]
StrategyName = Annotated[str, AfterValidator(DeskName("strategy")), InSchema(desk="strategy")]
AttributeName = Annotated[str, AfterValidator(DeskName("attribute")), InSchema(desk="attribute")]
Skill = Annotated[str, Field(min_length=1, max_length=60)]
WrittenText = Annotated[str, Field(min_length=1, max_length=MAX_TEXT)]
Priority = Literal["low", "normal", "high", "urgent"]
