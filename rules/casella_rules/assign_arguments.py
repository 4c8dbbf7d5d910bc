"""What may stand behind `assign` and `unassign`."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, JsonValue, ValidationInfo, model_validator

from .argument_types import AgentName, Argument, Duration, Skill, StrategyName, TeamName, mistake
from .vocabulary import Names


class OtherwiseTo(Argument):
    """Where a conversation goes when nobody was eligible for so long."""

    team: TeamName = Field(description="The team that gets it then", examples=["front-desk"])
    after: Duration = Field(default=0, description="How long to wait first", examples=["5m"])


def _without(*keys: str) -> dict[str, JsonValue]:
    return {"not": {"anyOf": [{"required": [key]} for key in keys]}}


_INSTEAD: JsonValue = {
    "description": "The team that gets it when that agent takes no work",
    "examples": [{"team": "front-desk"}],
    **_without("after"),
}
#: What chooses within a team is nothing beside an agent, and nothing but a team has a queue to wait in.
_ONE_RECEIVER: dict[str, JsonValue] = {
    "oneOf": [
        {"required": ["team"]},
        {"required": ["agent"], "properties": {"else": _INSTEAD}, **_without("strategy", "skills")},
        {"required": ["to"], **_without("strategy", "skills", "else")},
    ]
}


class Assign(Argument):
    """Give the conversation to a team (which chooses an agent by its strategy), to one agent, or to whoever wrote."""

    model_config = ConfigDict(json_schema_extra=_ONE_RECEIVER)

    team: TeamName | None = Field(default=None, description="The team that gets it", examples=["billing"])
    agent: AgentName | None = Field(default=None, description="The agent that gets it", examples=["ann"])
    to: Literal["sender"] | None = Field(
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
        if self.team is None and (self.strategy or self.skills):
            raise mistake("'strategy' and 'skills' choose within a team", "Drop them, or write {team: …}")
        return self

    @model_validator(mode="after")
    def _else_of_its_kind(self, info: ValidationInfo) -> Self:
        written = isinstance(info.context, Names)  # stored rules keep what they were once allowed to say
        if self.otherwise is None or self.team is not None or not written:
            return self
        if self.to is not None:
            raise mistake("'else' is for when nobody is free, and the sender is there", "Drop it")
        if "after" in self.otherwise.model_fields_set:
            raise mistake("'after' waits in a team's queue, and an agent has none", "Drop 'after', or write {team: …}")
        return self


class Unassign(Argument):
    """Take the conversation from its agent; it waits in its team's queue, or, with `team`, belongs to no team."""

    team: bool = Field(default=False, description="Take it from its team as well", examples=[True])
