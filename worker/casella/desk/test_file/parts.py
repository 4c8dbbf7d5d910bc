"""What stands in tests.yaml: a world as it is given, what happens in it, and what is expected then."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, ValidationInfo, model_validator
from pydantic.json_schema import JsonSchemaValue

from casella.desk.parts.types import Part, Title, key_problem
from casella_rules.language.argument_types import (
    AttributeName,
    DeskName,
    Duration,
    InboxName,
    InSchema,
    LocaleName,
    Priority,
    Skill,
    SomeTime,
    SurveyName,
    TagName,
    TeamName,
    WebhookName,
    as_written,
    mistake,
)
from casella_rules.language.attributes import AttributeValue
from casella_rules.language.builtin.fields import KINDS
from casella_rules.language.model import Place
from casella_rules.language.vocabulary import Names
from casella_rules.yaml.problems import name_hint, quoted

#: When nothing else is said, it is Monday, ten o'clock, in the desk's time zone.
A_MONDAY_AT_TEN = "2026-01-12T10:00"


def _moment(written: object) -> datetime:
    try:
        return datetime.fromisoformat(str(written))
    except ValueError:
        raise mistake(f"{as_written(written)} is not a moment", "Write 2026-11-23T10:00") from None


def _kind(written: str) -> str:
    if written not in KINDS:
        raise mistake(f"{quoted(written)} is not a kind of message", name_hint("Kinds", written, KINDS))
    return written


def _passing_time(written: str) -> str:
    if written in ("conversation_idle", "conversation_waiting", "schedule"):
        raise mistake(f"{quoted(written)} comes when time passes", "Write 'wait: 30m', as long as it takes, or 'at: …'")
    return written


def _sent_reply(written: str, info: ValidationInfo) -> str:
    """Words are free; what is written like a key is meant as one."""
    known = info.context.known if isinstance(info.context, Names) else {}
    if not {"reply", "canned"} <= known.keys() or key_problem(written) is not None:
        return written
    if written not in known["reply"] | known["canned"]:
        hint = name_hint("Canned messages", written, known["canned"])
        raise mistake(f"{quoted(written)} is no canned message, and nothing that a rule replies", hint)
    return written


def _offered_title(written: str, info: ValidationInfo) -> str:
    known = info.context.known.get("offered") if isinstance(info.context, Names) else None
    if known is not None and written not in known:
        raise mistake(f"no rule offers {quoted(written)}", name_hint("Buttons and rows", written, known))
    return written


_MOMENT_SCHEMA: JsonSchemaValue = {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}"}
Moment = Annotated[datetime, BeforeValidator(_moment), InSchema(written=_MOMENT_SCHEMA)]
RuleName = Annotated[str, AfterValidator(DeskName("rule")), InSchema(desk="rule")]
EventName = Annotated[str, AfterValidator(_passing_time), AfterValidator(DeskName("event")), InSchema(desk="event")]
ChannelKey = Annotated[str, AfterValidator(DeskName("channel")), InSchema(desk="channel")]
TagList = Annotated[tuple[TagName, ...], Field(strict=False)]
RuleList = Annotated[tuple[RuleName, ...], Field(strict=False)]
PluginField = Annotated[str, AfterValidator(DeskName("field")), InSchema(desk="field")]
PluginAction = Annotated[str, AfterValidator(DeskName("action")), InSchema(desk="action")]
PluginActions = Annotated[tuple[PluginAction, ...], Field(strict=False)]
FieldFact = str | int | float | bool | list[str] | None
SentReply = Annotated[str, AfterValidator(_sent_reply)]
SentReplies = Annotated[tuple[SentReply, ...], Field(strict=False)]
Offered = Annotated[tuple[Annotated[str, AfterValidator(_offered_title)], ...], Field(strict=False)]
Webhooks = Annotated[tuple[WebhookName, ...], Field(strict=False)]
TextList = Annotated[tuple[str, ...], Field(strict=False)]


class SaidMessage(Part):
    """What the customer writes, when it is more than words."""

    text: str | None = Field(default=None, description="The words", examples=["Where is my order?"])
    kind: Annotated[str, AfterValidator(_kind)] = Field(default="text", description="The kind", examples=["image"])
    attachment: bool = Field(default=False, description="Whether a file comes along", examples=[True])
    language: str | None = Field(default=None, description="The language it is told to be in", examples=["it"])
    quoted: str | None = Field(default=None, description="The message it quotes", examples=["We close at six."])
    button: str | None = Field(default=None, description="The button that was tapped", examples=["Yes please"])
    referral: str | None = Field(default=None, description="The advertisement or link it came by", examples=["ad"])


def _said(value: object) -> object:
    if isinstance(value, bool | int | float):
        raise mistake(f"expected text, got {as_written(value)}", f'Write it in quotes: "{str(value).lower()}"')
    return {"text": value} if isinstance(value, str) else value


Said = Annotated[SaidMessage, BeforeValidator(_said), InSchema(or_text=True)]


class GivenContact(Part):
    """The customer."""

    name: str | None = Field(default=None, description="The name", examples=["Ada Lovelace"])
    phone: str | None = Field(default=None, description="The number, in quotes", examples=["+390612345678"])
    country: str | None = Field(default=None, description="The country", examples=["IT"])
    language: str | None = Field(default=None, description="The language", examples=["it"])
    tags: TagList = Field(default=(), description="The tags", examples=[["vip"]])
    is_new: bool | None = Field(default=None, description="Whether this is the first conversation", examples=[False])
    opted_out: bool = Field(default=False, description="Whether the customer wants no messages", examples=[True])
    favourite: bool = Field(default=False, description="Whether everybody has marked the customer", examples=[True])
    conversations: int = Field(default=1, ge=1, description="How many there were, with this one", examples=[3])
    custom: dict[AttributeName, AttributeValue] = Field(
        default_factory=dict, description="The desk's own attributes", examples=[{"plan": "gold"}]
    )


class GivenAgent(Part):
    """An agent on duty. What is not said is as in desk.yaml; who is not named at all is not on duty."""

    team: TeamName | None = Field(default=None, description="The team, instead of desk.yaml's", examples=["billing"])
    open: int = Field(default=0, ge=0, description="How many conversations are open already", examples=[3])
    capacity: int | None = Field(default=None, ge=0, description="How many may be open", examples=[5])
    skills: Annotated[tuple[Skill, ...], Field(strict=False)] | None = Field(
        default=None, description="What the agent can do", examples=[["refunds"]]
    )
    available: bool = Field(default=True, description="Whether the queue is switched on", examples=[False])
    served_last: bool = Field(default=False, description="Whether the agent served this contact last", examples=[True])


class GivenConversation(Part):
    """The conversation, when it is there before anything happens."""

    status: Literal["open", "snoozed", "closed"] = Field(default="open", description="Its state", examples=["closed"])
    priority: Priority = Field(default="normal", description="How urgent it is", examples=["high"])
    tags: TagList = Field(default=(), description="Its tags", examples=[["refund"]])
    assignee: str | None = Field(default=None, description="The agent who has it", examples=["ann"])
    team: TeamName | None = Field(default=None, description="The team that has it", examples=["billing"])
    subject: str | None = Field(default=None, description="What it is about", examples=["Invoice 7"])
    campaign: str | None = Field(
        default=None, description="The name of the campaign that wrote in it last", examples=["Spring sale"]
    )
    started_by: Literal["contact", "agent", "rule", "campaign"] = Field(
        default="contact", description="Who began it", examples=["agent"]
    )
    messages: int = Field(default=1, ge=1, description="How many messages it has", examples=[4])
    age: Duration = Field(default=3600, description="How long ago it began", examples=["2d"])
    waiting: Duration | None = Field(default=None, description="How long the customer waits", examples=["20m"])


class Given(Part):
    """The world before anything happens."""

    at: Moment = Field(
        default=datetime.fromisoformat(A_MONDAY_AT_TEN),
        description="What time it is, in the desk's time zone; a Monday at ten if not said",
        examples=["2026-11-23T10:00"],
    )
    channel: ChannelKey | None = Field(default=None, description="A channel, or a channel type", examples=["sms"])
    inbox: InboxName | None = Field(default=None, description="The inbox; the channel's if not said",
                                    examples=["support"])  # fmt: skip
    contact: GivenContact = Field(default=GivenContact(), description="The customer", examples=[{"tags": ["vip"]}])
    agents: dict[str, GivenAgent] | None = Field(
        default=None, description="Who is on duty; everybody, with nothing open, if not said",
        examples=[{"ann": {"open": 3}}],
    )  # fmt: skip
    conversation: GivenConversation | None = Field(
        default=None, description="The conversation, if there is one already", examples=[{"assignee": "ann"}]
    )
    queues: dict[TeamName, int] = Field(
        default_factory=dict, description="How many others wait in teams' queues", examples=[{"billing": 4}]
    )
    fields: dict[PluginField, FieldFact] = Field(
        default_factory=dict, description="What plugins' fields are; the others have no value",
        examples=[{"crm.tier": "gold"}],
    )  # fmt: skip
    message: Said | None = Field(default=None, description="What the customer writes", examples=["Hello"])


class Expected(Part):
    """What is expected. Only what is named is looked at; `null` says that there is none."""

    rules: RuleList = Field(default=(), description="The rules that acted, in order", examples=[["Greeting"]])
    watched: RuleList = Field(default=(), description="The rules that only watched", examples=[["Tried out"]])
    delayed: RuleList = Field(default=(), description="The rules that wait", examples=[["Nobody answered"]])
    assignee: str | None = Field(default=None, description="Who has it", examples=["bob"])
    team: TeamName | None = Field(default=None, description="The team that has it", examples=["billing"])
    unassigned: bool = Field(default=False, description="Whether nobody has it", examples=[True])
    priority: Priority = Field(default="normal", description="How urgent it is", examples=["urgent"])
    tags: TagList = Field(default=(), description="Its tags, all of them", examples=[["refund"]])
    status: Literal["open", "snoozed", "closed"] = Field(default="open", description="Its state", examples=["closed"])
    inbox: InboxName = Field(default="", description="The inbox it is in", examples=["sales"])
    reply: SentReply | None = Field(
        default=None,
        description="The only answer: the key of a canned message, the words, or a template's name",
        examples=["greeting"],
    )
    replies: SentReplies = Field(default=(), description="Several answers", examples=[["greeting", "closed"]])
    offered: Offered = Field(default=(), description="The buttons or rows beside it", examples=[["My order"]])
    locale: LocaleName | None = Field(default=None, description="The locale of the answer", examples=["it"])
    notes: TextList = Field(default=(), description="The notes that were left", examples=[["Call back."]])
    notified: TextList = Field(default=(), description="What people were told", examples=[["A VIP waits."]])
    webhooks: Webhooks = Field(default=(), description="The webhooks that were called", examples=[["crm"]])
    survey: SurveyName | None = Field(default=None, description="The survey that was sent", examples=["satisfaction"])
    actions: PluginActions = Field(default=(), description="The actions of plugins that were asked for, in order",
                                   examples=[["crm.open_case"]])  # fmt: skip
    drafts: int = Field(default=0, ge=0, description="How many drafts were asked for", examples=[1])
    opted_out: bool = Field(default=False, description="Whether the customer wants no messages", examples=[True])
    custom: dict[AttributeName, AttributeValue] = Field(
        default_factory=dict, description="Attributes of the contact, those named here", examples=[{"plan": "gold"}]
    )


class Step(Part):
    """One thing that happens, and what is expected then. First the clock moves, then it happens."""

    model_config = ConfigDict(json_schema_extra={"dependencies": {"by": ["agent_replies"]}})

    at: Moment | None = Field(default=None, description="What time it is now", examples=["2026-11-23T10:30"])
    wait: SomeTime | None = Field(default=None, description="How long it waits first", examples=["10m"])
    message: Said | None = Field(default=None, description="What the customer writes", examples=["Hello?"])
    agent_replies: str | None = Field(default=None, description="What an agent answers", examples=["On it."])
    by: str | None = Field(default=None, description="The agent who answers, in agent_replies", examples=["ann"])
    takes: str | None = Field(default=None, description="The agent who takes it", examples=["ann"])
    prioritizes: Priority | None = Field(default=None, description="How urgent an agent makes it", examples=["urgent"])
    closes: bool = Field(default=False, description="Whether an agent closes it", examples=[True])
    event: EventName | None = Field(default=None, description="Something else that happens",
                                    examples=["contact_opted_out"])  # fmt: skip
    score: int | None = Field(default=None, description="The answer, with survey_answered", examples=[5])
    expect: Expected | None = Field(default=None, description="What is expected now", examples=[{"assignee": None}])

    @model_validator(mode="after")
    def _one_time(self) -> Self:
        if self.at is not None and self.wait is not None:
            raise mistake("'at' and 'wait' both say what time it is", "Keep one of them")
        return self

    @model_validator(mode="after")
    def _somebody_does_something(self) -> Self:
        if self.by is not None and self.agent_replies is None:
            raise mistake("'by' says who answers, and nobody does", "Add 'agent_replies', or drop 'by'")
        return self


class TestPart(Part):
    """One test: either what is given with one message, or steps."""

    name: Title = Field(description="What it shows", examples=["A VIP asking for money back is billing's"])
    given: Given = Field(default=Given(), description="The world before", examples=[{"channel": "sms"}])
    steps: Annotated[tuple[Step, ...], Field(strict=False)] = Field(
        default=(), description="What happens, one after the other", examples=[[{"wait": "10m"}]]
    )
    expect: Expected | None = Field(default=None, description="What is expected at the end",
                                    examples=[{"rules": ["Greeting"]}])  # fmt: skip

    @model_validator(mode="after")
    def _something_expected(self) -> Self:
        if self.expect is None and not any(step.expect for step in self.steps):
            raise mistake("this test expects nothing", "Add 'expect:' with what must have happened")
        if self.given.message is None and not self.steps:
            raise mistake("nothing happens in this test", "Add a 'message' to 'given', or 'steps'")
        return self


class TestFile(Part):
    """The whole of a file of tests."""

    tests: Annotated[tuple[TestPart, ...], Field(strict=False)] = Field(
        default=(), description="The tests, each by itself", examples=[[]]
    )


@dataclass(frozen=True, slots=True)
class DeskTest:
    """One test, and where it stands."""

    part: TestPart
    place: Place
