"""What may stand behind each built-in action."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, JsonValue, ValidationInfo, model_validator

from casella_rules.language.argument_types import (
    AgentName,
    Argument,
    AttributeName,
    CannedName,
    HoursName,
    InboxName,
    LocaleName,
    Priority,
    SomeOpenTime,
    SurveyName,
    TagName,
    TeamName,
    WebhookName,
    WrittenText,
    mistake,
)
from casella_rules.language.assign_arguments import Assign, OtherwiseTo, Unassign
from casella_rules.language.attributes import AttributeValue, value_problem
from casella_rules.language.reply_parts import Choices, ReplyList, ReplyPlace, ReplyTemplate
from casella_rules.language.vocabulary import Names


def _one_of(*keys: str) -> dict[str, JsonValue]:
    """The schema of a choice between keys."""
    return {"oneOf": [{"required": [key]} for key in keys]}


def _at_least_one(tags: tuple[str, ...]) -> tuple[str, ...]:
    # Not `min_length`: pydantic counts after dropping mistaken names, and would report one mistake as two.
    if not tags:
        raise mistake("this list is empty", "Name at least one tag")
    return tags


def _listed(value: object) -> object:
    return (value,) if isinstance(value, str) else value


_TagNames = Annotated[
    tuple[TagName, ...],
    Field(strict=False),
    AfterValidator(_at_least_one),
    BeforeValidator(_listed, tuple[TagName, ...] | TagName),
]


class Tags(Argument):
    """Tags of the conversation, one or several; and of the contact, which his next conversations see."""

    model_config = ConfigDict(json_schema_extra={"anyOf": [{"required": ["tags"]}, {"required": ["contact"]}]})

    tags: _TagNames = Field((), description="One tag or several", examples=[["refund"]])
    contact: _TagNames = Field((), description="One tag or several of the contact", examples=["vip"])

    @model_validator(mode="after")
    def _some(self) -> Self:
        if not (self.tags or self.contact):
            raise mistake("this names no tag", "Name at least one tag")
        return self


class SetPriority(Argument):
    """How urgent the conversation is."""

    priority: Priority = Field(description="How urgent it is from now on", examples=["urgent"])


class Reply(Argument):
    """Answer the customer with a canned message, a text, a template or a place; at once, or when these office hours
    open. Beside words there may be buttons or a list."""

    model_config = ConfigDict(json_schema_extra=_one_of("canned", "text", "template", "location"))

    canned: CannedName | None = Field(default=None, description="A message of canned.yaml", examples=["greeting"])
    text: WrittenText | None = Field(default=None, description="The words themselves", examples=["We are on it."])
    template: ReplyTemplate | None = Field(
        default=None, description="A template of the provider, with its values",
        examples=[{"name": "order_update", "language": "en", "body": ["{{ contact.first_name }}"]}],
    )  # fmt: skip
    location: ReplyPlace | None = Field(
        default=None, description="A place", examples=[{"latitude": 45.07, "longitude": 7.69, "name": "Our shop"}]
    )
    buttons: Choices | None = Field(
        default=None, description="Buttons beside the words", examples=[["My order", "Talk to a person"]]
    )
    list: ReplyList | None = Field(
        default=None, description="A list beside the words", examples=[{"button": "Topics", "rows": ["Orders"]}]
    )
    quote: bool = Field(default=False, description="Quote the message it answers", examples=[True])
    locale: LocaleName | None = Field(
        default=None, description="In which locale; the inbox's if not said", examples=["it"]
    )
    when_open: HoursName | None = Field(
        default=None, description="Wait until these office hours are open", examples=["support"]
    )

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if sum(source is not None for source in (self.canned, self.text, self.template, self.location)) != 1:
            hint = "Write {canned: …}, {text: …}, {template: …} or {location: …}"
            raise mistake("'reply' needs either a canned message, a text, a template or a place", hint)
        if self.canned is None and self.locale is not None:
            raise mistake("'locale' chooses among the texts of a canned message", "Drop it")
        return self

    @model_validator(mode="after")
    def _choices_beside_words(self) -> Self:
        if self.buttons is not None and self.list is not None:
            raise mistake("'buttons' and 'list' cannot stand in one message", "Keep one of them")
        if (self.buttons or self.list) and self.canned is None and self.text is None:
            raise mistake("'buttons' and 'list' stand beside words", "Add {canned: …} or {text: …}")
        return self

    @property
    def words(self) -> tuple[str, ...]:
        """What the rule writes itself and may hold variables."""
        return ((self.text,) if self.text else ()) + (self.template.written if self.template else ())

    @property
    def offered(self) -> tuple[str, ...]:
        """The titles of the buttons, or of the list's rows."""
        rows = (choice for part in (self.list.parts if self.list else ()) for choice in part.rows)
        return tuple(choice.title for choice in (self.buttons or rows))

    @property
    def label(self) -> str:
        """How traces and tests call it: the canned message's key, the words, the template's name, the place."""
        if self.template is not None:
            return self.template.name
        if self.location is not None:
            place = self.location
            return place.name or f"{place.latitude:g}, {place.longitude:g}"
        return self.canned or self.text or ""


class Note(Argument):
    """Leave an internal note that only agents see."""

    text: WrittenText = Field(description="What the note says", examples=["Asked for money back twice."])


class Snooze(Argument):
    """Put the conversation aside: for so long, or until these office hours open again. A new message wakes it."""

    model_config = ConfigDict(json_schema_extra=_one_of("for", "until_open"))

    duration: SomeOpenTime | None = Field(
        default=None, alias="for", description="For how long, or for so long of office hours", examples=["2h"]
    )
    until_open: HoursName | None = Field(
        default=None, description="Until these office hours open again", examples=["support"]
    )

    @model_validator(mode="after")
    def _one_end(self) -> Self:
        if (self.duration is None) == (self.until_open is None):
            raise mistake("'snooze' needs either 'for' or 'until_open'", "Write 'snooze: 2h', or {until_open: …}")
        return self


class Move(Argument):
    """Put the conversation into another inbox. Answers still leave by the channel the customer wrote to."""

    inbox: InboxName = Field(description="The inbox it belongs to from now on", examples=["sales"])


class Notify(Argument):
    """Tell people of the house something: agents, the members of teams, managers, or whoever has the conversation."""

    text: WrittenText = Field(description="What they read", examples=["A VIP has been waiting for ten minutes."])
    agents: Annotated[tuple[AgentName, ...], Field(strict=False)] = Field(
        default=(), description="These agents", examples=[["ann"]]
    )
    teams: Annotated[tuple[TeamName, ...], Field(strict=False)] = Field(
        default=(), description="Everybody in these teams", examples=[["billing"]]
    )
    managers: bool = Field(default=False, description="The managers of the inbox", examples=[True])
    assignee: bool = Field(default=False, description="Who has the conversation", examples=[True])

    @model_validator(mode="after")
    def _somebody(self) -> Self:
        if not (self.agents or self.teams or self.managers or self.assignee):
            raise mistake("'notify' tells nobody", "Add agents: […], teams: […], managers: true or assignee: true")
        return self


class CallWebhook(Argument):
    """Tell another system, by one of the desk's webhooks, what has happened."""

    to: WebhookName = Field(description="One of the desk's webhooks", examples=["crm"])


class SendSurvey(Argument):
    """Ask the customer how it was. Sent at most once per conversation and survey."""

    survey: SurveyName | None = Field(
        default=None, description="One of the desk's surveys; the only one if not said", examples=["satisfaction"]
    )

    @model_validator(mode="after")
    def _some_survey(self, info: ValidationInfo) -> Self:
        known = info.context.known.get("survey") if isinstance(info.context, Names) else None
        if self.survey is None and known is not None and not known:
            raise mistake("there is no survey to send: desk.yaml has no 'surveys'", "Write one there, or drop 'survey'")
        return self


class SetAttributes(Argument):
    """Note something about the contact, in the desk's own attributes. `null` forgets it."""

    attributes: dict[AttributeName, AttributeValue] = Field(
        min_length=1, description="Attributes and their values", examples=[{"plan": "gold"}]
    )

    @model_validator(mode="after")
    def _of_their_types(self, info: ValidationInfo) -> Self:
        known = info.context.attributes if isinstance(info.context, Names) else {}
        for key, value in self.attributes.items():
            problem = value_problem(known[key], value) if key in known and value is not None else None
            if problem:
                raise mistake(*problem)
        return self


class AskForDraft(Argument):
    """Ask the assistant for a draft that an agent may send. It is never sent by itself."""

    instruction: WrittenText | None = Field(
        default=None, description="What the draft is to say", examples=["Ask for the order number."]
    )


class Nothing(Argument):
    """An action that takes nothing: write its name alone."""


__all__ = [
    "Argument",
    "AskForDraft",
    "Assign",
    "CallWebhook",
    "Move",
    "Note",
    "Nothing",
    "Notify",
    "OtherwiseTo",
    "Reply",
    "SendSurvey",
    "SetAttributes",
    "SetPriority",
    "Snooze",
    "Tags",
    "Unassign",
]
