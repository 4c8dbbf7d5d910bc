"""What the endpoint shall do with the next requests, and what it remembers of those that came."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

Outcome = Literal["open", "answered", "broken", "canceled"]


class Turn(BaseModel):
    """How one request is answered. Without `text` or `answer`: a made-up reply in the form that was asked for.

    `answer`: JSON that is written out as the text. `raw`: a body that is no completion at all. `status` other than 200:
    an error of OpenAI's form. `delay_ms` before anything, `piece_ms` between two pieces of `piece_characters`.
    `break_after`: the connection is cut after so many pieces. `hang`: never answers."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: str | None = None
    answer: JsonValue = None
    raw: str | None = None
    status: Annotated[int, Field(ge=200, le=599)] = 200
    error_code: str | None = None
    error_text: str = "The simulator was told to fail."
    retry_after: str | None = None
    delay_ms: Annotated[float, Field(ge=0)] = 0
    piece_ms: Annotated[float, Field(ge=0)] = 0
    piece_characters: Annotated[int, Field(ge=1)] = 4
    break_after: Annotated[int, Field(ge=0)] | None = None
    hang: bool = False
    without_end: bool = Field(False, description="a stream that stops without a finish_reason")
    usage: bool = True
    refuse_schema: bool = Field(False, description="answer 400 to a request with response_format")


class TurnList(BaseModel):
    """`turns`: one for each of the next requests. `always`: for all that come later."""

    model_config = ConfigDict(extra="forbid")

    turns: list[Turn] = []
    always: Turn = Turn()


@dataclass(slots=True)
class Received:
    """One request as it arrived. `canceled`: the caller closed the connection before the answer was complete."""

    body: Mapping[str, JsonValue]
    authorization: str
    outcome: Outcome = "open"
    pieces: int = 0

    @property
    def messages(self) -> Sequence[Mapping[str, str]]:
        found = self.body.get("messages")
        return (
            [{str(key): str(value) for key, value in item.items()} for item in found if isinstance(item, dict)]
            if (isinstance(found, list))
            else []
        )

    @property
    def text(self) -> str:
        """Everything that a model would have read."""
        return "\n".join(message.get("content", "") for message in self.messages)

    def to_json(self) -> dict[str, JsonValue]:
        return {"body": dict(self.body), "outcome": self.outcome, "pieces": self.pieces}


@dataclass(slots=True)
class Script:
    """The state of the endpoint."""

    waiting: deque[Turn] = field(default_factory=deque)
    always: Turn = field(default_factory=Turn)
    received: list[Received] = field(default_factory=list)

    def take(self) -> Turn:
        return self.waiting.popleft() if self.waiting else self.always

    def write(self, turns: Sequence[Turn], always: Turn | None = None) -> None:
        self.waiting = deque(turns)
        self.always = always or Turn()

    def clear(self) -> None:
        self.write(())
        self.received.clear()
