"""What stands in desk.yaml, part by part. Everything is checked here that can be checked without looking elsewhere."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from casella.desk.parts.assistant import AssistantPart
from casella.desk.parts.links import Link
from casella.desk.parts.outward import Attribute, Survey, Webhook
from casella.desk.parts.types import (
    FEATURES,
    ChannelType,
    ConnectionName,
    Country,
    Day,
    Days,
    Email,
    Face,
    Feature,
    Key,
    Locale,
    Locales,
    Part,
    Ranges,
    Reopening,
    Role,
    Secret,
    Title,
    Zone,
)
from casella_rules.language.argument_types import (
    AgentName,
    HoursName,
    InboxName,
    SomeTime,
    StrategyName,
    TeamName,
    mistake,
)

Count = Annotated[int, Field(ge=0, le=1000)]
Skills = Annotated[tuple[Key, ...], Field(strict=False)]


class Inbox(Part):
    """A shared inbox. Its members are the agents of its teams, and those who name it among their own inboxes."""

    name: Title = Field(description="What people read", examples=["Support"])
    teams: Annotated[tuple[TeamName, ...], Field(strict=False)] = Field(
        default=(), description="The teams whose agents see it", examples=[["front-desk"]]
    )
    assignment_mode: bool = Field(
        default=True, description="Whether agents may take conversations, and managers may give them", examples=[True]
    )
    timezone: Zone | None = Field(
        default=None, description="Its time zone; the desk's if not said", examples=["Europe/Rome"]
    )
    locale: Locale | None = Field(
        default=None, description="In which locale it writes; the desk's first one if not said", examples=["it"]
    )
    agent_capacity: Count | None = Field(
        default=None, description="How many open conversations of this inbox one agent has at most", examples=[4]
    )
    archive_after: SomeTime = Field(
        default=7_776_000, description="How long after closing a conversation is put away", examples=["90d"]
    )
    face: Face = Field(
        default="engagement", description="Customer engagement, or a contact center: which helpers its agents have",
        examples=["contact_center"],
    )  # fmt: skip
    features: Annotated[tuple[Feature, ...], Field(strict=False)] = Field(
        default=FEATURES, description="What of the plan its agents may use; all of it if not said",
        examples=[["assign", "canned"]],
    )  # fmt: skip
    reopen: Reopening = Field(
        default="never", description="When a closed conversation goes on that is written to: never (another begins), "
        "always, or within this time after closing", examples=["7d"],
    )  # fmt: skip
    auto_replies: bool = Field(
        default=True, description="Whether rules answer its customers by themselves", examples=[False]
    )
    surveys: bool = Field(
        default=True, description="Whether its customers are asked how it was, by rules or agents", examples=[False]
    )
    hours: HoursName | None = Field(
        default=None, description="Its office hours, of which its managers may change single dates",
        examples=["support"],
    )  # fmt: skip


class Connection(Part):
    """One account at a provider. `settings` are checked against the plugin's own model."""

    channel_type: ChannelType = Field(alias="type", description="The kind of channel", examples=["sms"])
    settings: dict[str, object] = Field(
        default_factory=dict, description="What the plugin needs; secrets as ${NAME} or {file: …}",
        examples=[{"provider": "twilio"}],
    )  # fmt: skip


class Channel(Part):
    """One address of a connection: in one inbox, or an agent's private number. `options` are the channel's own
    settings, text to text."""

    connection: ConnectionName = Field(description="The account it belongs to", examples=["twilio"])
    inbox: InboxName = Field(default="", description="Where its conversations arrive", examples=["support"])
    owner: AgentName = Field(
        default="", description="Instead of an inbox: the agent whose private number it is", examples=["ann"]
    )
    address: Annotated[str, Field(min_length=1, max_length=200)] = Field(
        description="The number or name customers write to; numbers in quotes", examples=["+12025550178"]
    )
    name: Title | None = Field(default=None, description="What people read", examples=["Support number"])
    options: dict[str, str] = Field(
        default_factory=dict, description="The channel's own settings", examples=[{"registration": "registered"}]
    )
    weight: Annotated[float, Field(ge=0, le=100, strict=False)] = Field(
        default=1.0, description="How much one of its conversations counts where the least busy is chosen", examples=[2]
    )

    @model_validator(mode="after")
    def _somewhere(self) -> Self:
        if bool(self.inbox) == bool(self.owner):
            hint = "Write 'inbox: support', or 'owner: ann' for a private number of hers"
            raise mistake("a channel has either an 'inbox' or an 'owner'", hint)
        return self


class Team(Part):
    """Agents who share work, and the queue in which conversations wait for them."""

    name: Title = Field(description="What people read", examples=["Front desk"])
    strategy: StrategyName = Field(default="least_busy", description="How an agent is chosen", examples=["round_robin"])
    queue_limit: Annotated[int, Field(ge=1, le=100_000)] | None = Field(
        default=None, description="From how many waiting conversations on the queue is full", examples=[50]
    )
    alarm_after: SomeTime | None = Field(
        default=None, description="After how long in the queue managers are told", examples=["15m"]
    )
    reassign_after: SomeTime | None = Field(
        default=None, description="After how long without an answer a conversation goes back to the queue",
        examples=["30m"],
    )  # fmt: skip


class Agent(Part):
    """Somebody who answers. `capacity`: how many open conversations at most; without it there is no limit."""

    name: Title = Field(description="What people read", examples=["Ann Abbott"])
    email: Email = Field(description="The address to sign in with", examples=["ann@example.com"])
    role: Role = Field(default="agent", description="What the agent may do", examples=["manager"])
    teams: Annotated[tuple[TeamName, ...], Field(strict=False)] = Field(
        default=(), description="The teams to work in", examples=[["front-desk"]]
    )
    inboxes: Annotated[tuple[InboxName, ...], Field(strict=False)] = Field(
        default=(), description="Inboxes to see besides those of the teams", examples=[["support"]]
    )
    capacity: Count | None = Field(
        default=None, description="How many open conversations at most; without it there is no limit", examples=[5]
    )
    channel_capacity: dict[ChannelType, Count] = Field(
        default_factory=dict, description="The same for single channel types", examples=[{"email": 3}]
    )
    may_reply: bool = Field(
        default=True, description="Whether the agent may answer customers; who may not gets no conversations",
        examples=[True],
    )  # fmt: skip
    weight: Annotated[int, Field(ge=1, le=100)] = Field(
        default=1, description="The share of the work, where the strategy is weighted", examples=[2]
    )
    skills: Skills = Field(default=(), description="What rules may ask for", examples=[["refunds"]])
    languages: Annotated[tuple[Locale, ...], Field(strict=False)] = Field(
        default=(), description="The first one is the language Casella speaks to the agent", examples=[["it", "en"]]
    )
    hours: HoursName | None = Field(
        default=None, description="No new conversation outside these office hours", examples=["support"]
    )
    password: Secret | None = Field(
        default=None, description="Where the password is kept: ${NAME} or {file: …}", examples=["${ANNS_PASSWORD}"]
    )


class Hours(Part):
    """Office hours: ranges by day of the week, public holidays of a country, other hours on single dates."""

    week: dict[Days, Ranges] = Field(
        description="Ranges by day; days that are not named are closed", examples=[{"monday-friday": "09:00-18:00"}]
    )
    timezone: Zone | None = Field(
        default=None, description="The time zone of the ranges; the desk's if not said", examples=["Europe/Rome"]
    )
    holidays: Country | None = Field(
        default=None, description="Closed on the public holidays of this country or part of it", examples=["IT"]
    )
    exceptions: dict[Day, Ranges] = Field(
        default_factory=dict, description="Other ranges on single dates, or closed", examples=[{"2026-12-31": "closed"}]
    )


class SignIn(Part):
    """How people sign in."""

    second_factor: Annotated[tuple[Literal["agent", "manager", "admin"], ...], Field(strict=False)] = Field(
        default=(),
        description="Roles that need a code of an authenticator app besides the password",
        examples=[["manager", "admin"]],
    )


class DeskFile(Part):
    """The whole of desk.yaml."""

    desk: Title = Field(description="What this desk is called", examples=["Casella demo"])
    timezone: Zone = Field(default="UTC", description="The time zone of everything", examples=["Europe/Rome"])
    locales: Locales = Field(
        default=("en",),
        description="The locales you write in; the first one is the fallback",
        examples=[["en", "it"]],
        json_schema_extra={"minItems": 1},
    )
    tags: Annotated[tuple[Key, ...], Field(strict=False)] = Field(
        default=(), description="Every tag that rules or agents may use", examples=[["vip", "refund"]]
    )
    inboxes: dict[Key, Inbox] = Field(
        default_factory=dict, description="Shared inboxes, by key", examples=[{"support": {"name": "Support"}}]
    )
    assistant: AssistantPart = Field(default_factory=AssistantPart, description="The Message Assistant")
    connections: dict[Key, Connection] = Field(
        default_factory=dict,
        description="Accounts at providers, by key",
        examples=[{"main": {"type": "email", "settings": {}}}],
    )
    channels: dict[Key, Channel] = Field(
        default_factory=dict,
        description="Numbers and addresses, by key",
        examples=[{"line": {"connection": "main", "inbox": "support", "address": "+12025550178"}}],
    )
    teams: dict[Key, Team] = Field(
        default_factory=dict, description="Teams, by key", examples=[{"billing": {"name": "Billing"}}]
    )
    agents: dict[Key, Agent] = Field(
        default_factory=dict,
        description="People, by key",
        examples=[{"ann": {"name": "Ann", "email": "ann@example.com"}}],
    )
    sign_in: SignIn = Field(default_factory=SignIn, description="How people sign in")
    hours: dict[Key, Hours] = Field(
        default_factory=dict,
        description="Office hours, by key",
        examples=[{"support": {"week": {"monday-friday": "09:00-18:00"}}}],
    )
    attributes: dict[Key, Attribute] = Field(
        default_factory=dict, description="Attributes of contacts, by key", examples=[{"plan": {"type": "word"}}]
    )
    webhooks: dict[Key, Webhook] = Field(
        default_factory=dict,
        description="Other systems to tell, by key",
        examples=[{"crm": {"url": "https://crm.example.com/casella"}}],
    )
    surveys: dict[Key, Survey] = Field(
        default_factory=dict,
        description="Questions to customers, by key",
        examples=[{"satisfaction": {"question": "how_was_it"}}],
    )
    links: dict[Key, Link] = Field(
        default_factory=dict,
        description="What agents may open from a conversation, by key",
        examples=[{"meeting": {"label": "Start a meeting", "url": "https://meet.example.com/{{ conversation.id }}"}}],
    )

    def members(self, inbox: str) -> tuple[str, ...]:
        """The agents who may see this inbox, in the order of the desk."""
        teams = frozenset(self.inboxes[inbox].teams)
        return tuple(
            key for key, agent in self.agents.items() if inbox in agent.inboxes or not teams.isdisjoint(agent.teams)
        )
