"""What may stand behind `assign` and `unassign`."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, ConfigDict, Field, JsonValue, ValidationInfo, model_validator

from casella_rules.language.argument_types import (
    AgentName,
    Argument,
    Duration,
    Skill,
    StrategyName,
    TeamName,
    as_written,
    mistake,
)
from casella_rules.language.vocabulary import Names


class OtherwiseTo(Argument):
    """Where a conversation goes when nobody was eligible for so long."""

    team: TeamName = Field(description="The team that gets it then", examples=["front-desk"])
    after: Duration = Field(default=0, description="How long to wait first", examples=["5m"])


def _without(*keys: str) -> dict[str, JsonValue]:
    return {"not": {"anyOf": [{"required": [key]} for key in keys]}}


_ONE_RECEIVER: dict[str, JsonValue] = {
    "oneOf": [
        {"required": ["team"]},
        {"required": ["agent"], **_without("strategy", "skills")},
        {"required": ["to"], **_without("strategy", "skills", "else")},
    ]
}
_SENDER = "sender"


def _sender(value: object, info: ValidationInfo) -> object:
    """Whoever is named instead has a key of his own."""
    if value == _SENDER:
        return value
    known = info.context.known if isinstance(info.context, Names) and isinstance(value, str) else {}
    kind = next((kind for kind in ("agent", "team") if value in known.get(kind, ())), None)
    hint = f"Write {{{kind}: {value}}}" if kind else "Write sender, for the agent who wrote the message"
    raise mistake(f"{as_written(value)} is not possible here", hint)


def _no_sender(value: object, info: ValidationInfo) -> object:
    """An agent may be called so."""
    if value == _SENDER and isinstance(info.context, Names) and info.context.unknown("agent", _SENDER):
        raise mistake(
            f"agent '{_SENDER}' is not in desk.yaml", "Write {to: sender} for the agent who wrote the message"
        )
    return value


class Assign(Argument):
    """Give the conversation to a team (which chooses an agent by its strategy), to one agent, or to whoever wrote."""

    model_config = ConfigDict(json_schema_extra=_ONE_RECEIVER)

    team: TeamName | None = Field(default=None, description="The team that gets it", examples=["billing"])
    agent: Annotated[AgentName, BeforeValidator(_no_sender)] | None = Field(
        default=None, description="The agent that gets it", examples=["ann"]
    )
    to: Annotated[Literal["sender"], BeforeValidator(_sender)] | None = Field(
        default=None, description="The agent who wrote the message, as if he had taken it by hand", examples=["sender"]
    )
    strategy: StrategyName | None = Field(
        default=None, description="How to choose; the team's own if not said", examples=["least_busy"]
    )
    skills: Annotated[tuple[Skill, ...], Field(strict=False)] = Field(
        default=(), description="What the agent must be able to do", examples=[["refunds"]]
    )
    otherwise: OtherwiseTo | None = Field(
        default=None, alias="else", description="Where to, when nobody is free", examples=[{"team": "front-desk"}]
    )

    @model_validator(mode="after")
    def _one_target(self) -> Self:
        if sum(target is not None for target in (self.team, self.agent, self.to)) != 1:
            hint = "Write {team: …}, {agent: …} or {to: sender}"
            raise mistake("'assign' needs either a team, an agent or the sender", hint)
        asks_skills = "skills" in self.model_fields_set if self.to else self.skills
        if self.team is None and (self.strategy or asks_skills):
            raise mistake("'strategy' and 'skills' choose within a team", "Drop them, or write {team: …}")
        if self.to is not None and self.otherwise is not None:
            raise mistake("'else' is for when nobody is free, and the sender is there", "Drop it")
        return self


class Unassign(Argument):
    """Take the conversation from its agent; it waits in its team's queue, or, with `team`, belongs to no team."""

    team: bool = Field(default=False, description="Take it from its team as well", examples=[True])
