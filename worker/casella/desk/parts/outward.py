"""Parts of desk.yaml beside people and channels: what the house knows of contacts, whom it tells, what it asks."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from casella.desk.parts.types import Part, Secret, WebAddress
from casella_rules.language.argument_types import CannedName, SomeTime, mistake
from casella_rules.language.attributes import AttributeType


class Attribute(Part):
    """Something the house knows of its contacts. Rules ask for it as `contact.custom.<key>` and note it with `set`."""

    type: AttributeType = Field(description="What kind of value it has", examples=["word"])
    values: Annotated[tuple[str, ...], Field(strict=False)] = Field(
        default=(), description="The only values it may have", examples=[["free", "gold"]]
    )
    description: str = Field(default="", description="What it means", examples=["What the customer pays for"])

    @model_validator(mode="after")
    def _listed_words(self) -> Self:
        if self.values and self.type not in ("word", "text"):
            raise mistake(f"'values' lists words, and this is a {self.type}", "Write 'type: word', or drop 'values'")
        return self


class Webhook(Part):
    """Another system that rules tell what has happened. With a secret, every call is signed."""

    url: WebAddress = Field(description="Where it is told", examples=["https://crm.example.com/casella"])
    secret: Secret | None = Field(
        default=None, description="Where the key is kept that signs each call: ${NAME} or {file: …}",
        examples=["${CRM_WEBHOOK_SECRET}"],
    )  # fmt: skip


class Survey(Part):
    """A question to the customer, answered with a number, a thumb or words."""

    question: CannedName = Field(description="The canned message that asks", examples=["how_was_it"])
    kind: Literal["scale", "thumbs", "text"] = Field(
        default="scale", description="What is asked for: a number, a thumb up or down, or words", examples=["thumbs"]
    )
    by: Literal["channel", "link"] = Field(
        default="channel", description="Where it is answered: as a message, or on a page whose link goes with it",
        examples=["link"],
    )  # fmt: skip
    lowest: int = Field(default=1, ge=0, le=10, description="The lowest answer", examples=[1])
    highest: int = Field(default=5, ge=1, le=10, description="The highest answer", examples=[5])
    thanks: CannedName | None = Field(
        default=None, description="The canned message that thanks for the answer", examples=["thank_you"]
    )
    open_for: SomeTime = Field(default=259_200, description="How long an answer counts", examples=["3d"])

    @model_validator(mode="after")
    def _some_choice(self) -> Self:
        if self.lowest >= self.highest:
            raise mistake(f"'highest' must be above 'lowest' ({self.lowest})", "Write for example 'highest: 5'")
        return self
